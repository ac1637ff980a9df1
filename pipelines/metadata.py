"""What a page says of itself out of sight: meta elements, JSON-LD, the title element."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

_MAX_METAS = 300
_MAX_CONTENT = 4_000
_MAX_JSON_CHARS = 300_000
_MAX_JSON_NODES = 2_000
_JSON_FIELDS = ("datePublished", "pubDate", "upDate", "headline", "author", "description")


@dataclass(frozen=True, slots=True)
class Metadata:
    """`metas` by lower-case name or property, the first filled one; `linked` from JSON-LD."""

    title: str
    metas: dict[str, str]
    linked: dict[str, str]

    def first(self, *names: str) -> str:
        """The content of the first of the metas that the page has."""
        return next((self.metas[name] for name in names if self.metas.get(name)), "")


def read_metadata(tree: LexborHTMLParser) -> Metadata:
    """The page's metadata; what is malformed is left out."""
    metas: dict[str, str] = {}
    for node in tree.css("meta[content]")[:_MAX_METAS]:
        attributes = node.attributes
        content = (attributes.get("content") or "").strip()[:_MAX_CONTENT]
        if content:
            for key in ("property", "name", "itemprop"):
                name = attributes.get(key)
                if name:
                    metas.setdefault(name.strip().lower(), content)
    title = tree.css_first("head > title") or tree.css_first("body > title")
    return Metadata(title.text().strip()[:_MAX_CONTENT] if title else "", metas, _linked(tree))


def _linked(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for script in tree.css('script[type="application/ld+json"]')[:20]:
        source = script.text()
        if len(source) > _MAX_JSON_CHARS:
            continue
        try:
            document = json.loads(source, strict=False)
        except (ValueError, RecursionError):
            continue
        for record in _records(document):
            for name in _JSON_FIELDS:
                text = _plain(record.get(name))
                if text:
                    found.setdefault(name, text)
    return found


def _records(document: Any) -> Iterator[dict[str, Any]]:
    waiting = [document]
    for _ in range(_MAX_JSON_NODES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.get("@graph", ()) if isinstance(value.get("@graph"), list) else ())
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def _plain(value: Any) -> str:
    """A JSON-LD value as text: a string, or the name of a thing or of the first of several."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return value.strip()[:_MAX_CONTENT] if isinstance(value, str) else ""
