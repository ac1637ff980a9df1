"""Lists that stand as JSON in a page's scripts, for a script to draw."""

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from core.records import Link
from spiders.link_candidates import clean_text
from spiders.urls import canonical_url

_MAX_SCRIPT_CHARS = 4_000_000
_MAX_STARTS = 60
_MAX_WORK = 30_000_000
_MAX_NODES = 200_000
_MAX_DEPTH = 40
_MIN_ITEMS = 3
_START = re.compile(r"(?:=|:|\(|^)\s*(?=[\[{]\s*[\"\[{])")
_URL_KEYS = frozenset({
    "url", "link", "href", "content_url", "contenturl", "docurl", "detailurl", "detail_url",
    "jumpurl", "jump_url", "arcurl", "weburl", "web_url", "pageurl", "page_url", "article_url",
    "articleurl", "linkurl", "link_url", "share_url", "shareurl", "target_url", "puburl",
})  # fmt: skip
_TITLE_KEYS = ("title", "subject", "headline", "topic", "articletitle", "doctitle", "name", "text")


def script_lists(tree: LexborHTMLParser, base: str) -> list[list[Link]]:
    """Each list of titled addresses in the page's scripts, longest first."""
    found: list[list[Link]] = []
    for script in tree.css("script"):
        source = script.text(deep=True)
        if len(source) > 40 and any(key in source.lower() for key in ('url"', 'link"', 'href"')):  # noqa: PLR2004
            found += _source_lists(source[:_MAX_SCRIPT_CHARS], base)
    return sorted(found, key=lambda links: -len(links))


def json_values(source: str) -> Iterator[Any]:
    """The JSON objects and arrays that a script assigns, passes or consists of."""
    decoder = json.JSONDecoder()
    position = work = 0
    for _ in range(_MAX_STARTS):
        start = _START.search(source, position)
        if start is None or work > _MAX_WORK:
            return
        try:
            value, end = decoder.raw_decode(source, start.end())
        except json.JSONDecodeError as error:
            work += error.pos - start.end()
            position = start.end() + 1
            continue
        except RecursionError:
            return
        work += end - start.end()
        position = max(end, start.end() + 1)
        yield value


def _source_lists(source: str, base: str) -> list[list[Link]]:
    groups: dict[tuple[int, str, str], dict[str, str]] = defaultdict(dict)
    for number, value in enumerate(json_values(source)):
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
    url_key = next((key for key in lowered if key in _URL_KEYS and lowered[key].strip()), None)
    if title_key is None or url_key is None:
        return None
    url = canonical_url(html.unescape(lowered[url_key]).strip(), base)
    title = clean_text(html.unescape(lowered[title_key]))[:300]
    return (url_key, title_key, url, title) if url and title else None
