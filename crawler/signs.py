"""What runs are judged by: signs, what was usual before, and how a sign is put in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from core.ledger import Health, Measure, RunRecord, RunReport

HISTORY = 7
MIN_HISTORY = 5
_SAID_CHARS = 160


@dataclass(frozen=True, slots=True)
class Sign:
    """What a run says: a state, why in one sentence, and the figure that decided."""

    health: Health
    detail: str
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The runs before one that were well, oldest first, and what the run just before it said."""

    well: Sequence[RunRecord] = ()
    last: Health = Health.OK


def usual_value(earlier: Earlier, measure: Callable[[RunReport], float | None]) -> float | None:
    """The median over the last runs that were well, where there are enough of them."""
    found = [value for run in earlier.well[-HISTORY:] if (value := measure(run.report)) is not None]
    return median(found) if len(found) >= MIN_HISTORY else None


def drops(report: RunReport) -> str:
    """`http_404 2, timeout 1`, the most frequent first, with what was said of the first of them."""
    counted = sorted(report.drops.items(), key=lambda item: (-item[1], item[0]))
    said = next((report.said[why] for why, _ in counted if why in report.said), "")
    listed = ", ".join(f"{reason} {count}" for reason, count in counted)
    return f"{listed} ({said[:_SAID_CHARS]})" if said else listed


def joined(*parts: str) -> str:
    """The parts that say something."""
    return "; ".join(part for part in parts if part)
