"""Hostile markup → markup that any HTML parser reads in linear time and memory."""

import re

MAX_HTML_CHARS = 16_000_000
_MAX_TAGS = 400_000
_MAX_DEPTH = 512  # where browsers stop nesting, too
_MAX_REOPENED = 2_000_000
_MAX_OPTIONS = 4_000  # parsers take quadratic time for the options of a list
_MAX_BARE_CHARS = 8_000  # of a tag outside quotes; parsers take quadratic time for its attributes
_FLOOD_CHARS = 40_000
_WHOLE_TAG = re.compile(r"<(/?[a-zA-Z])[^>\"']*+(?:\"[^\"]*\"[^>\"']*+|'[^']*'[^>\"']*+)*+")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
)
# Their end tags may be left out, so that many open ones are no depth.
_CLOSED_BY_NEXT = frozenset(
    {"p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option", "a", "html",
     "head", "body", "optgroup", "colgroup", "rt", "rp"}
)  # fmt: skip
_FORMATTING = frozenset(
    {"b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)


def bounded_html(text: str, max_chars: int = MAX_HTML_CHARS) -> str:
    """`text` without what makes parsers slow; ordinary pages come back as they are.

    Elements nested deeper than 512 become line breaks. The text ends where it has 400,000 tags, or
    where unclosed formatting elements, which a parser opens again in every paragraph, would have
    grown to two million copies.
    """
    text = _without_attribute_floods(text[:max_chars])
    if text.count("<") <= _MAX_DEPTH:
        return text
    guard = _Guard()
    kept: list[str] = []
    done = 0
    for number, tag in enumerate(_TAG.finditer(text)):
        if number >= _MAX_TAGS or guard.reopened > _MAX_REOPENED:
            kept.append(text[done : tag.start()])
            return "".join(kept)
        name = tag[2].lower()
        if name in _VOID or guard.admits(name, closing=bool(tag[1])):
            continue
        kept.append(text[done : tag.start()] + "<br")
        done = tag.end()
    if not kept:
        return text
    kept.append(text[done:])
    return "".join(kept)


def _without_attribute_floods(text: str) -> str:
    """`text` in which tags with thousands of attributes are plain line breaks."""
    if len(text) < _FLOOD_CHARS:
        return text
    kept: list[str] = []
    done = 0
    for tag in _WHOLE_TAG.finditer(text):
        start, end = tag.span()
        if end - start > _MAX_BARE_CHARS and len(_QUOTED.sub("", tag[0])) > _MAX_BARE_CHARS:
            kept.append(text[done:start] + "<br")
            done = end
    return "".join((*kept, text[done:])) if kept else text


class _Guard:
    """How deep the document is at a tag, and how much open formatting it drags along."""

    def __init__(self) -> None:
        self.reopened = 0
        self._depth = 0
        self._formatting = 0
        self._refused = 0
        self._options = 0

    def admits(self, name: str, *, closing: bool) -> bool:
        """Whether the tag may stand; those that close a refused element fall with it."""
        if closing:
            return self._close(name)
        self.reopened += self._formatting
        if name == "option":
            self._options += 1
            return self._options <= _MAX_OPTIONS
        if name in _CLOSED_BY_NEXT:
            return True
        if self._depth >= _MAX_DEPTH:
            self._refused += 1
            return False
        self._depth += 1
        self._formatting += name in _FORMATTING
        return True

    def _close(self, name: str) -> bool:
        if name in _CLOSED_BY_NEXT:
            return True
        if self._refused:
            self._refused -= 1
            return False
        self._depth = max(0, self._depth - 1)
        if name in _FORMATTING:
            self._formatting = max(0, self._formatting - 1)
        return True
