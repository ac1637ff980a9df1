"""The marked sentence: what a reviewer reads first of a finding."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.records import Hit

_BREAKS = re.compile(r"[。！？!?；;\n]")
_REACH = 90
_MAX_CHARS = 260


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, marked where a reason stands on it."""

    text: str
    marked: bool = False


def excerpt(text: str, hits: Sequence[Hit]) -> tuple[Piece, ...]:
    """The sentences around the strongest reason, with every scoring quote in them marked.

    Bounded in length; an ellipsis says where text was left out.
    """
    scored = sorted((hit for hit in hits if hit.points > 0), key=lambda hit: -hit.points)
    if not scored:
        return (Piece(_tidy(text[:_MAX_CHARS]) + ("…" if len(text) > _MAX_CHARS else "")),)
    best = scored[0]
    start = _sentence_start(text, best.start)
    end = _sentence_end(text, best.end)
    for hit in scored[1:]:
        low, high = _sentence_start(text, hit.start), _sentence_end(text, hit.end)
        if max(end, high) - min(start, low) <= _MAX_CHARS:
            start, end = min(start, low), max(end, high)
    pieces = _marked(text, start, min(end, start + 2 * _MAX_CHARS), scored)
    before = [Piece("…")] if start > 0 else []
    after = [Piece("…")] if end < len(text.rstrip()) else []
    return (*before, *pieces, *after)


def _marked(text: str, start: int, end: int, hits: Sequence[Hit]) -> list[Piece]:
    marks = bytearray(end - start)
    for hit in hits:
        low, high = max(hit.start, start), min(hit.end, end)
        if low < high:
            marks[low - start : high - start] = b"\1" * (high - low)
    pieces: list[Piece] = []
    at = start
    while at < end:
        stop = at
        while stop < end and marks[stop - start] == marks[at - start]:
            stop += 1
        shown = _tidy(text[at:stop])
        if shown:
            pieces.append(Piece(shown, bool(marks[at - start])))
        at = stop
    return pieces


def _sentence_start(text: str, at: int) -> int:
    low = max(0, at - _REACH)
    breaks = [match.end() for match in _BREAKS.finditer(text, low, at)]
    return breaks[-1] if breaks else low


def _sentence_end(text: str, at: int) -> int:
    high = min(len(text), at + _REACH)
    found = _BREAKS.search(text, max(at - 1, 0), high)
    return found.end() if found else high


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text)
