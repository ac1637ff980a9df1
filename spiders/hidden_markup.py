"""Markup that a page carries for its scripts to unpack: in comments, templates and JSON."""

import html
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from spiders.js_literal import LiteralReader
from spiders.script_values import script_values

_MOST_PIECES = 200
_MOST_STRINGS = 20_000
_FEWEST_LINKS = 3  # fewer are not a list
_MAX_SCRIPT_CHARS = 4_000_000
_HOLDER = re.compile(r"<(script|template|textarea)\b([^>]{0,300})>", re.IGNORECASE)
_TEMPLATE_TYPE = re.compile(
    r"type\s*=\s*[\"']?\s*text/(?:html|\w*-?templat|x-\w+|ng-)", re.IGNORECASE
)
_LINK = re.compile(r"<a\s", re.IGNORECASE)
_WRITTEN_LINK = re.compile(r"(?:<|\\u003c|\\x3c|%3C)a(?:\s|%20|\\u0020)", re.IGNORECASE)


def hidden_markup(html_text: str) -> Iterator[str]:
    """Each piece of such markup that has links enough to be a list, comments first."""
    pieces = chain(_comments(html_text), _held(html_text))
    return islice((piece for piece in pieces if _has_links(piece)), _MOST_PIECES)


def _has_links(markup: str) -> bool:
    return sum(1 for _ in islice(_LINK.finditer(markup), _FEWEST_LINKS)) == _FEWEST_LINKS


def _comments(html_text: str) -> Iterator[str]:
    position = 0
    while (start := html_text.find("<!--", position)) >= 0:
        position = html_text.find("-->", start)
        if position < 0:
            return
        comment = html_text[start + 4 : position]
        if not comment.startswith("[if"):
            yield comment


def _held(html_text: str) -> Iterator[str]:
    """What templates hold, and the markup in what scripts carry as data."""
    reader = LiteralReader()
    position = 0
    while (opening := _HOLDER.search(html_text, position)) is not None:
        name = opening[1].lower()
        end = _end(html_text, opening)
        if end < 0:
            return
        content = html_text[opening.end() : end]
        position = end
        if name == "textarea":
            yield html.unescape(content)
        elif name == "template" or _TEMPLATE_TYPE.search(opening[2]):
            yield content
        elif _WRITTEN_LINK.search(content):
            yield from _strings(content[:_MAX_SCRIPT_CHARS], reader)


def _end(html_text: str, opening: re.Match[str]) -> int:
    closing = re.compile(f"</{opening[1]}", re.IGNORECASE).search(html_text, opening.end())
    return closing.start() if closing else -1


def _strings(source: str, reader: LiteralReader) -> Iterator[str]:
    """The strings with markup in the data of a script."""
    for value in script_values(source, reader):
        for _, one in zip(range(_MOST_STRINGS), _leaves(value), strict=False):
            if "<a" in one:
                yield one


def _leaves(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            stack.extend(reversed(node.values()))
        elif isinstance(node, list):
            stack.extend(reversed(node))
