"""The body as extractor libraries see it, asked where our own reading of a page is not sure."""

import html
import logging
from functools import cache
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from pipelines.article import body_text, tidied
from pipelines.body_region import Region
from pipelines.layout import Box, Kind, Layout, Line, lay_out

_MAX_CHARS = 120_000
_MAX_DEPTH = 60
_MAX_LINES = 4_000  # libraries take quadratic time for more
_SURE_CHARS = 60
_SURE_SHARE = 0.45
_CLEARLY_MORE = 1.5
_KEPT_TAGS = frozenset(
    {"p", "div", "article", "section", "main", "ul", "ol", "li", "table", "tr", "td", "th", "tbody",
     "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl", "dt", "dd", "figure",
     "figcaption", "form", "nav", "aside", "header", "footer"}
)  # fmt: skip


def is_sure(region: Region | None, lines: list[Line]) -> bool:
    """Whether the region plainly is the page's article."""
    if region is None:
        return False
    chars = sum(len(line.text) for line in lines)
    return chars >= _SURE_CHARS and region.share >= _SURE_SHARE


def best_body(layout: Layout, region: Region | None, lines: list[Line]) -> str:
    """Our own reading where it is sure, else the library's if that finds clearly more."""
    own = body_text(lines)
    if is_sure(region, lines) or len(layout.lines) > _MAX_LINES:
        return own
    document = pruned_html(layout)
    for extract in (_by_readability, _by_trafilatura):
        found = extract(document)
        if len(found) > _CLEARLY_MORE * len(own) and len(found) >= _SURE_CHARS:
            return found
    return own


def pruned_html(layout: Layout) -> str:
    """What is visible of the page as a small document: boxes with their names, and text."""
    parts = ["<html><body>"]
    closing: list[tuple[int, str]] = []
    at = chars = 0
    for box in _in_order(layout.root):
        at, chars = _text_until(layout, at, box.first, parts, closing, chars)
        tag = box.tag if box.tag in _KEPT_TAGS else "div"
        if len(closing) < _MAX_DEPTH and box.stop > box.first and box is not layout.root:
            names = html.escape(box.names[:80])
            parts.append(f'<{tag} class="{names}">' if names else f"<{tag}>")
            closing.append((box.stop, f"</{tag}>"))
        if chars > _MAX_CHARS:
            break
    _text_until(layout, at, len(layout.lines) if chars <= _MAX_CHARS else at, parts, closing, chars)
    parts += [tag for _, tag in reversed(closing)]
    return "".join((*parts, "</body></html>"))


def _in_order(root: Box) -> list[Box]:
    order, waiting = [], [root]
    while waiting:
        box = waiting.pop()
        order.append(box)
        waiting += reversed(box.children)
    return order


def _text_until(  # noqa: PLR0917 (what is being written)
    layout: Layout, at: int, stop: int, parts: list[str], closing: list[tuple[int, str]], chars: int
) -> tuple[int, int]:
    while at < stop or (closing and closing[-1][0] <= at):
        while closing and closing[-1][0] <= at:
            parts.append(closing.pop()[1])
        if at >= stop:
            break
        line = layout.lines[at]
        if line.kind in (Kind.TEXT, Kind.LINK):
            text = html.escape(line.text)
            parts.append(f'<a href="#">{text}</a><br>' if line.kind is Kind.LINK else f"{text}<br>")
            chars += len(line.text)
        at += 1
    return at, chars


@cache
def _readability() -> Any:
    logging.getLogger("readability").setLevel(logging.CRITICAL)
    from readability import Document  # noqa: PLC0415 (lxml is loaded for the pages that need it)

    return Document


@cache
def _trafilatura() -> Any:
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    import trafilatura  # noqa: PLC0415 (loads half a second's worth of modules)

    return trafilatura


def _by_readability(document: str) -> str:
    try:
        summary = _readability()(document).summary(html_partial=True)
    except Exception:  # noqa: BLE001 (a second opinion that fails is none; the library raises anything)
        return ""
    lines = lay_out(LexborHTMLParser(summary)).lines
    return "\n".join(tidied([line.text for line in lines]))


def _by_trafilatura(document: str) -> str:
    try:
        text = _trafilatura().extract(document, fast=True, include_comments=False) or ""
    except Exception:  # noqa: BLE001 (as above)
        return ""
    return "\n".join(tidied(text.splitlines()))
