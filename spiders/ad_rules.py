"""EasyList-style rules: which addresses belong to ads, and which elements a list would hide."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from core.errors import ConfigError

BUILT_IN = Path(__file__).with_name("ad_rules.txt")
MAX_LIST_BYTES = 64 * 1024 * 1024
MAX_SELECTORS = 20_000
_MAX_URL = 2_000


class AdRules:
    """The built-in list and those of the operator; asked about one page at a time."""

    def __init__(self, lists: Iterable[str]) -> None:
        import adblock  # noqa: PLC0415 (only ad spiders need it)

        filters = adblock.FilterSet()
        for text in lists:
            filters.add_filter_list(text)
        self._engine = adblock.Engine(filters)

    def is_ad_address(self, url: str, page_url: str, kind: str) -> bool:
        """Whether a page's request for `url` is one for an ad; `kind` as EasyList names it."""
        if not url.startswith(("http://", "https://")) or len(url) > _MAX_URL:
            return False
        return bool(self._engine.check_network_urls(url, page_url, kind).matched)

    def selectors(
        self, page_url: str, classes: Sequence[str], ids: Sequence[str]
    ) -> tuple[str, ...]:
        """The CSS selectors of what the lists would hide on a page with these classes and ids."""
        own = self._engine.url_cosmetic_resources(page_url)
        named = self._engine.hidden_class_id_selectors(list(classes), list(ids), own.exceptions)
        found = [
            one for one in (*sorted(own.hide_selectors), *sorted(named)) if ":-abp-" not in one
        ]
        return tuple(found[:MAX_SELECTORS])


@cache
def load_ad_rules(lists: tuple[str, ...] = ()) -> AdRules:
    """The built-in rules and those in the files `lists`; ConfigError where one cannot be read."""
    texts = [BUILT_IN.read_text(encoding="utf-8")]
    for name in lists:
        fault = list_fault(Path(name))
        if fault:
            raise ConfigError((f"ads.lists: {name} {fault}",))
        texts.append(Path(name).read_text(encoding="utf-8", errors="replace"))
    return AdRules(texts)


def list_fault(path: Path) -> str | None:
    """Why the file cannot be a list of rules, or None."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1_024)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if size > MAX_LIST_BYTES:
        return f"has {size} bytes; a list of rules has at most {MAX_LIST_BYTES}"
    return "is no text" if b"\0" in head else None
