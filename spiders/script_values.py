"""The data that a page's scripts carry: JSON, JSON in a string, and what only JavaScript reads."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from spiders.js_literal import LiteralFault, LiteralReader

_MAX_STARTS = 200
_MAX_WORK = 30_000_000
_START = re.compile(
    r"(?:=|:|\(|,|^|return)\s*(?P<open>(?=\[\s*[\[{\"'])|(?=\{\s*[\"'\w$]))"
    r"|(?P<parse>JSON\.parse\s*\(\s*(?:decodeURIComponent\s*\(\s*)?)(?=[\"'])"
)


def script_values(source: str, reader: LiteralReader) -> Iterator[Any]:
    """The objects and arrays that a script assigns, passes, parses or consists of, in order.

    `reader` is shared by the scripts of a page, since it counts what it reads.
    """
    position = work = 0
    for _ in range(_MAX_STARTS):
        start = _START.search(source, position)
        if start is None or work > _MAX_WORK:
            return
        at = start.end()
        value, end = _value_at(source, at, reader)
        work += max(end - at, 1)
        position = end if value is not None else at + 1
        if start["parse"] is not None:
            value = _parsed(value)
        if isinstance(value, dict | list):
            yield value


def _value_at(source: str, at: int, reader: LiteralReader) -> tuple[Any, int]:
    """JSON or a JavaScript literal at a place, with its end; None and how far it was read."""
    try:
        return json.JSONDecoder().raw_decode(source, at)
    except json.JSONDecodeError as error:
        read_to = error.pos
    except (ValueError, RecursionError):
        read_to = at  # a number too long for it, or nesting too deep: the other reader has bounds
    try:
        return reader.read(source, at)
    except LiteralFault as fault:
        return None, max(read_to, fault.at)


def _parsed(value: Any) -> Any:
    """What a string that is handed to JSON.parse holds."""
    if not isinstance(value, str):
        return None
    text = unquote(value) if value.lstrip().startswith("%") else value
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
