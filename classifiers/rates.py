"""Promised returns: each expression verbatim, with its simple annual percentage and assumption.

Formulas: monthly × 12, weekly × 52, quarterly × 4, daily × 365 (simple interest); a gain over a
term × 365 / days; instalments by the internal rate of return. An expression that lacks what the
arithmetic needs says so in `assumption`; it is never completed in silence.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from classifiers.normalize import NormalText
from classifiers.rate_deals import DEAL_ANCHOR, REACH, find_deals
from classifiers.rate_fen import DAILY_ANCHOR, FEN_ANCHOR, find_fen, find_per_ten_thousand
from classifiers.rate_percent import (
    PERCENT_ANCHOR,
    YEARLY_ANCHOR,
    find_bare_yearly,
    find_percentages,
)
from classifiers.rate_terms import TERMS_ANCHOR, find_terms_told
from classifiers.rate_words import Found, windows
from core.records import Rate

_BACK, _AHEAD = 48, 64
Finder = Callable[[str, int, int], Iterator[Found]]


def find_rates(normal: NormalText) -> tuple[Rate, ...]:
    """All promised returns of a text, in order; offsets count in the original."""
    text = normal.text
    found: list[Found] = []
    taken = bytearray(len(text) + 1)
    for anchors, finder in _FINDERS:
        for low, high in windows(anchors(text), _BACK, _AHEAD, len(text)):
            for rate in finder(text, low, high):
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


def _around(anchor: re.Pattern[str]) -> Callable[[str], Iterator[tuple[int, int]]]:
    return lambda text: (found.span() for found in anchor.finditer(text))


def _sums(text: str) -> Iterator[tuple[int, int]]:
    """Where two sums stand near enough to one another to be a deal."""
    places = (found.span() for found in DEAL_ANCHOR.finditer(text))
    for first, second in pairwise(places):
        if second[0] - first[1] <= REACH:
            yield first[0], second[1]


_FINDERS: tuple[tuple[Callable[[str], Iterator[tuple[int, int]]], Finder], ...] = (
    (_around(TERMS_ANCHOR), find_terms_told),
    (_sums, find_deals),
    (_around(DAILY_ANCHOR), find_per_ten_thousand),
    (_around(PERCENT_ANCHOR), find_percentages),
    (_around(YEARLY_ANCHOR), find_bare_yearly),
    (_around(FEN_ANCHOR), find_fen),
)
