"""Promised returns: each expression verbatim, with its simple annual percentage and assumption.

Formulas: monthly × 12, weekly × 52, quarterly × 4, daily × 365 (simple interest); a gain over a
term × 365 / days; instalments by the internal rate of return. An expression that lacks what the
arithmetic needs says so in `assumption`; it is never completed in silence.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classifiers.normalize import NormalText
from classifiers.rate_deals import deal_marks, find_deals
from classifiers.rate_fen import DAILY_ANCHOR, fen_marks, find_fen, find_per_ten_thousand
from classifiers.rate_percent import (
    YEARLY_ANCHOR,
    find_bare_yearly,
    find_percentages,
    percent_marks,
)
from classifiers.rate_terms import TERMS_ANCHOR, find_terms_told
from classifiers.rate_words import Found, windows
from core.records import Rate

Finder = Callable[[str, int, int], Iterator[Found]]


def find_rates(normal: NormalText) -> tuple[Rate, ...]:
    """All promised returns of a text, in order; offsets count in the original."""
    text = normal.text
    found: list[Found] = []
    taken = bytearray(len(text) + 1)
    for reader in _READERS:
        for low, high in windows(reader.marks(text), reader.back, reader.ahead, len(text)):
            for rate in reader.find(text, low, high):
                if not any(taken[rate.start : rate.end]):
                    taken[rate.start : rate.end] = b"\1" * (rate.end - rate.start)
                    found.append(rate)
    return tuple(_as_rate(normal, rate) for rate in sorted(found, key=lambda rate: rate.start))


def _as_rate(normal: NormalText, found: Found) -> Rate:
    start, end = normal.span(found.start, found.end)
    return Rate(
        quote=normal.original[start:end],
        start=start,
        end=end,
        annual_pct=None if found.pct is None else round(found.pct, 2),
        basis=found.basis,
        assumption=found.assumption or None,
        annual_pct_min=None if found.low is None else round(found.low, 2),
    )


def _places(anchor: re.Pattern[str]) -> Callable[[str], Iterator[tuple[int, int]]]:
    return lambda text: (found.span() for found in anchor.finditer(text))


@dataclass(frozen=True, slots=True)
class _Reader:
    """A finder, the marks that call for it, and how far around them it reads."""

    marks: Callable[[str], Iterator[tuple[int, int]]]
    back: int
    ahead: int
    find: Finder


# In order: what an earlier reader has taken, a later one leaves.
_READERS = (
    _Reader(_places(TERMS_ANCHOR), 48, 64, find_terms_told),
    _Reader(deal_marks, 48, 24, find_deals),
    _Reader(_places(DAILY_ANCHOR), 2, 24, find_per_ten_thousand),
    _Reader(percent_marks, 32, 24, find_percentages),
    _Reader(_places(YEARLY_ANCHOR), 6, 28, find_bare_yearly),
    _Reader(fen_marks, 20, 12, find_fen),
)
