"""Cutting a text into parts that a channel takes, at line ends wherever a line fits."""

import json
from collections.abc import Callable

Size = Callable[[str], int]


def utf8_bytes(text: str) -> int:
    """How many bytes a text has on the way."""
    return len(text.encode("utf-8", "replace"))


def json_bytes(text: str) -> int:
    """How many bytes a text has inside a JSON body."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"))


def split_lines(text: str, limit: int, size: Size = utf8_bytes) -> tuple[str, ...]:
    """Parts of at most `limit` by `size`; whole lines, and only a line too long alone is cut.

    Nothing is lost: the parts are the text with some line ends between them left out.
    """
    parts: list[str] = []
    held: str | None = None
    for line in text.split("\n"):
        joined = line if held is None else f"{held}\n{line}"
        if size(joined) <= limit:
            held = joined
            continue
        if held is not None:
            parts.append(held)
        *full, held = _cut(line, limit, size)
        parts.extend(full)
    return (*parts, held or "")


def numbered_parts(text: str, limit: int, size: Size = utf8_bytes) -> tuple[str, ...]:
    """The text whole where it fits; else parts that begin with their number, `（2/3）`."""
    if size(text) <= limit:
        return (text,)
    parts = split_lines(text, limit - size("（999/999）\n"), size)
    return tuple(f"（{number}/{len(parts)}）\n{part}" for number, part in enumerate(parts, 1))


def _cut(line: str, limit: int, size: Size) -> list[str]:
    """A line in pieces, never inside a character; at least one character a piece."""
    pieces = []
    while size(line) > limit:
        low, high = 1, len(line)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if size(line[:middle]) <= limit else (low, middle - 1)
        pieces.append(line[:low])
        line = line[low:]
    return [*pieces, line]
