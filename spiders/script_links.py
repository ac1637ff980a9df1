"""Lists that stand as JSON in a page's scripts, for a script to draw."""

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from statistics import median
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from core.records import Link
from spiders.js_literal import LiteralReader
from spiders.link_candidates import clean_text
from spiders.link_groups import reading_length
from spiders.script_values import script_values
from spiders.urls import canonical_url

_MAX_SCRIPT_CHARS = 4_000_000
_MAX_NODES = 200_000
_MAX_DEPTH = 40
_MIN_ITEMS = 3
_ADDRESS_KEY = re.compile(r"(?:ur[il]|link|href)(?:\\?[\"']|%22)?\s*(?::|%3A)", re.IGNORECASE)
# An address by its name, but for what is shown beside an item.
_ADDRESS_NAME = re.compile(r"(?:ur[il]|link|href|permalink)$", re.IGNORECASE)
_BESIDE_NAME = re.compile(
    r"img|image|pic|photo|thumb|cover|icon|logo|avatar|head|video|audio|media|play|user|author|home"
    r"|api|share|comment|channel|column|category|tag|more",
    re.IGNORECASE,
)
_URL_KEYS = frozenset({
    "url", "link", "href", "content_url", "contenturl", "docurl", "detailurl", "detail_url",
    "jumpurl", "jump_url", "arcurl", "weburl", "web_url", "pageurl", "page_url", "article_url",
    "articleurl", "linkurl", "link_url", "share_url", "shareurl", "target_url", "puburl",
})  # fmt: skip
_TITLE_KEYS = ("title", "subject", "headline", "topic", "articletitle", "doctitle", "name", "text")


def script_lists(tree: LexborHTMLParser, base: str) -> list[list[Link]]:
    """Each list of titled addresses in the page's scripts, those with the most to read first."""
    found: list[list[Link]] = []
    reader = LiteralReader()
    for script in tree.css("script"):
        source = script.text(deep=True)
        if len(source) > 40 and _ADDRESS_KEY.search(source):  # noqa: PLR2004
            found += _source_lists(source[:_MAX_SCRIPT_CHARS], base, reader)
    return sorted(found, key=_weight, reverse=True)


def _weight(links: list[Link]) -> float:
    return len(links) * median(reading_length(link.text) for link in links)


def _source_lists(source: str, base: str, reader: LiteralReader) -> list[list[Link]]:
    groups: dict[tuple[int, str, str], dict[str, str]] = defaultdict(dict)
    for number, value in enumerate(script_values(source, reader)):
        for record in _records(value):
            named = _titled_address(record, base)
            if named:
                url_key, title_key, url, title = named
                groups[number, url_key, title_key].setdefault(url, title)
    return [
        [Link(url, title) for url, title in links.items()]
        for links in groups.values()
        if len(links) >= _MIN_ITEMS
    ]


def _records(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside `value` in reading order, bounded in number and depth."""
    stack: list[tuple[Any, int]] = [(value, 0)]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        node, depth = stack.pop()
        children: list[Any] = []
        if isinstance(node, dict):
            yield node
            children = list(node.values())
        elif isinstance(node, list):
            children = node
        if depth < _MAX_DEPTH:
            stack.extend(
                (child, depth + 1) for child in reversed(children) if isinstance(child, dict | list)
            )


def _titled_address(record: dict[str, Any], base: str) -> tuple[str, str, str, str] | None:
    lowered = {key.lower(): value for key, value in record.items() if isinstance(value, str)}
    title_key = next((key for key in _TITLE_KEYS if lowered.get(key, "").strip()), None)
    url_key = _address_key(lowered)
    if title_key is None or url_key is None:
        return None
    url = canonical_url(html.unescape(lowered[url_key]).strip(), base)
    title = clean_text(html.unescape(lowered[title_key]))[:300]
    return (url_key, title_key, url, title) if url and title else None


def _address_key(record: dict[str, str]) -> str | None:
    """The key of the item's address: a usual name, else one that ends like an address."""
    filled = [key for key, value in record.items() if value.strip()]
    usual = next((key for key in filled if key in _URL_KEYS), None)
    named = (key for key in filled if _ADDRESS_NAME.search(key) and not _BESIDE_NAME.search(key))
    return usual or next(named, None)
