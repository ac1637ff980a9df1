"""Where a page's links lead: absolute, canonical, each address once."""

import re
from collections.abc import Iterable
from functools import lru_cache

from core.records import Link
from spiders.urls import canonical_url

_MAX_LINKS = 2_000
_NOWHERE = ("#", "javascript:", "mailto:", "tel:", "data:", "about:")
# Needs no work: an absolute path of plain characters, without dot segments or parameters.
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_~-]+/)*(?:[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9]{1,8})?)?")
_ORIGIN = re.compile(r"https?://[^/?#]+")


def absolute_links(links: Iterable[tuple[str, str]], base: str) -> tuple[Link, ...]:
    """Links that lead to pages, in page order, each address with the longest of its texts."""
    canonical_base = canonical_url(base) or ""
    found = _ORIGIN.match(canonical_base)
    origin = found[0] if found else ""
    texts: dict[str, str] = {}
    for href, text in links:
        if not href or href.startswith(_NOWHERE):
            continue
        if origin and _PLAIN_PATH.fullmatch(href):
            url: str | None = origin + href
        else:
            url = _resolved(href, "" if href.startswith(("http://", "https://")) else base)
        known = texts.get(url) if url else None
        if url and (known is not None or len(texts) < _MAX_LINKS):
            texts[url] = text if known is None or len(text) > len(known) else known
    return tuple([Link(url, text) for url, text in texts.items()])


@lru_cache(maxsize=4_096)
def _resolved(href: str, base: str) -> str | None:
    return canonical_url(href, base or None)
