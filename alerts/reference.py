"""The rate that promised returns are compared with: the one-year LPR, by date."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference rate and the fixing it comes from."""

    pct: float
    since: date


# One-year loan prime rate by its fixing; only fixings that were verified stand here.
_FIXINGS = (
    Reference(3.0, date(2025, 5, 20)),
    Reference(3.0, date(2025, 10, 20)),
    Reference(3.0, date(2026, 7, 20)),
)


def reference_rate(day: date) -> Reference:
    """The newest known fixing that is not after `day`, else the oldest."""
    known = [fixing for fixing in _FIXINGS if fixing.since <= day]
    return known[-1] if known else _FIXINGS[0]
