"""From hits to a score: caps that fall on the hits themselves, so that the sum explains itself."""

from collections.abc import Sequence
from dataclasses import replace

from core.records import Hit, Level

HIGH_FROM, MEDIUM_FROM, LOW_FROM = 70.0, 40.0, 20.0
FULL = 100.0
REPEAT_SHARE = (1.0, 0.5, 0.25)  # the second and third rule of one pattern add less
COMPUTED = "computed-"  # these add their own fact and do not repeat a rule
SIGNAL_CAP = 35.0  # what only supports can never convict alone
THEMES = "themes-"  # these name what an offer is dressed as; a dress without an offer is none
THEMES_CAP = 26.0
ALONE_CAP = 12.0  # what supports no offer


def level_of(score: float) -> Level:
    """The level of a block's score."""
    if score >= HIGH_FROM:
        return Level.HIGH
    if score >= MEDIUM_FROM:
        return Level.MEDIUM
    return Level.LOW if score >= LOW_FROM else Level.NONE


def cap_points(hits: Sequence[Hit], signal: str) -> list[Hit]:
    """The hits with final points: diminishing within a pattern, capped for signals and in all."""
    order = sorted(range(len(hits)), key=lambda at: -hits[at].points)
    seen: dict[str, int] = {}
    offered = any(_is_offer(hit, signal) for hit in hits)
    left, signals_left = FULL, SIGNAL_CAP if offered else ALONE_CAP
    themes_left = FULL if offered else THEMES_CAP
    capped = list(hits)
    for at in order:
        hit = hits[at]
        points = hit.points
        if hit.pattern == signal:
            points = min(points, signals_left)
            signals_left -= points
        elif points and not hit.rule.startswith(COMPUTED):
            rank = seen.get(hit.pattern, 0)
            seen[hit.pattern] = rank + 1
            points *= REPEAT_SHARE[min(rank, len(REPEAT_SHARE) - 1)]
        if hit.rule.startswith(THEMES):
            points = min(points, themes_left)
            themes_left -= points
        points = round(min(points, left), 1)
        left -= points
        if points != hit.points:
            capped[at] = replace(hit, points=points)
    return capped


def _is_offer(hit: Hit, signal: str) -> bool:
    """Whether a counted hit says what is offered, not only what it is called."""
    return hit.points > 0 and hit.pattern != signal and not hit.rule.startswith((THEMES, COMPUTED))


def total(hits: Sequence[Hit]) -> float:
    """The score: the rounded sum of the listed points."""
    return float(round(min(sum(hit.points for hit in hits), FULL)))
