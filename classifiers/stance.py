"""Stance: who speaks to whom, to what end, by additive evidence over a block."""

from dataclasses import dataclass

from classifiers.context import Ruling, Units, ruling_on
from classifiers.lexicon import Groups
from classifiers.match import Occurrences, Span
from classifiers.rule_records import StanceEvidence
from classifiers.rulebook import Rulebook
from core.records import Stance

DOUBT_FROM = 16.0  # from here on counter-evidence lessens the points
PROMOTION_FROM = 8.0  # below this nobody is being solicited
STANCE_TITLES = {
    Stance.PROMOTION: "招揽宣传",
    Stance.WARNING: "风险提示",
    Stance.REPORT: "报道或讲述",
    Stance.COURT: "司法或执法通报",
    Stance.LAW: "法律条文或释法",
    Stance.EDUCATION: "普及教育",
    Stance.LICENSED: "持牌机构的合规介绍",
    Stance.COMMERCE: "普通商业活动",
    Stance.OTHER: "其他，无招揽",
}
DOUBT_RATIO = 0.9
# A licence or a shop's manner lessens a promise, it does not undo it.
LEFT_SHARE = {Stance.COMMERCE: 0.25, Stance.LICENSED: 0.25}
LICENSED_FROM = 26.0
LICENSED_RATES_BELOW = 8.0  # per cent a year; no licensed product for the public promises more
MOST_TRIES = 50
COUNTER_FROM = 20.0  # weaker counter-evidence does not turn a block


@dataclass(frozen=True, slots=True)
class StanceReading:
    """The stance of a block; `share` is the part of the pattern points that stands."""

    stance: Stance
    share: float
    reason: str
    promotion: float
    counter: float
    evidence: tuple[tuple[StanceEvidence, Span], ...]


def weigh(
    book: Rulebook, words: Occurrences, units: Units, rulings: list[Ruling]
) -> list[tuple[StanceEvidence, Span]]:
    """The pieces of evidence that stand in a block; a silenced solicitation is none."""
    denials = [ruling for ruling in rulings if ruling.record.kind == "negated"]
    found: list[tuple[StanceEvidence, Span]] = []
    for record in book.stances_for(words.present):
        groups = book.lexicon.groups[record.id]
        spans = words.of(groups.any)
        counted = 0
        last_end = -1
        for span in spans:
            if span[0] < last_end or not _holds(record, groups, words, units, span):
                continue
            if ruling_on(rulings if record.stance is Stance.PROMOTION else denials, span):
                continue
            found.append((record, span))
            last_end = span[1]
            counted += 1
            if counted == record.most:
                break
    return found


def overruled_kinds(book: Rulebook, words: Occurrences, units: Units) -> frozenset[str]:
    """The kinds of context that lose their hold: a warning that ends in the warner's own offer."""
    groups_of = book.lexicon.groups
    return frozenset(
        kind
        for record in book.stances_for(words.present)
        for kind in record.overrules
        if any(
            _holds(record, groups_of[record.id], words, units, span)
            for span in words.of(groups_of[record.id].any)[:MOST_TRIES]
        )
    )


def _holds(
    record: StanceEvidence,
    groups: Groups,
    words: Occurrences,
    units: Units,
    span: Span,
) -> bool:
    low, high = reach(record.within, units, span)
    if any(words.within(group, low, high) is None for group in groups.all):
        return False
    return groups.none is None or words.within(groups.none, low, high) is None


def reach(within: str | int, units: Units, span: Span) -> Span:
    """The stretch in which the further words of a match must stand."""
    if isinstance(within, int):
        return max(0, span[0] - within), min(units.length, span[1] + within)
    return units.around(within, *span)


def read_stance(
    evidence: list[tuple[StanceEvidence, Span]], asserted: float, solicited: float, top_rate: float
) -> StanceReading:
    """The stance from evidence, asserted pattern points, contacts, and the highest return."""
    totals: dict[Stance, float] = {}
    for record, _ in evidence:
        totals[record.stance] = totals.get(record.stance, 0.0) + record.weight
    promotion = totals.pop(Stance.PROMOTION, 0.0) + solicited + min(asserted * 0.2, 14.0)
    counter_stance, counter = max(
        totals.items(), key=lambda item: item[1], default=(Stance.OTHER, 0.0)
    )
    counter += 0.35 * sum(
        value for stance, value in totals.items() if stance is not counter_stance and value > 0
    )
    licensed = totals.get(Stance.LICENSED, 0.0)
    if licensed >= LICENSED_FROM and top_rate < LICENSED_RATES_BELOW and licensed * 1.6 >= counter:
        stance, share = Stance.LICENSED, LEFT_SHARE[Stance.LICENSED]
    else:
        stance, share = _decide(promotion, counter_stance, counter)
    return StanceReading(
        stance, share, _reason(stance, evidence), promotion, counter, tuple(evidence)
    )


def _decide(promotion: float, counter_stance: Stance, counter: float) -> tuple[Stance, float]:
    if counter >= COUNTER_FROM and counter > promotion:
        return counter_stance, LEFT_SHARE.get(counter_stance, 0.0)
    if counter >= DOUBT_FROM and counter > promotion * DOUBT_RATIO:
        return counter_stance, 0.4
    if promotion >= PROMOTION_FROM:
        return Stance.PROMOTION, 1.0
    if counter > promotion:
        return counter_stance, 0.5
    return Stance.OTHER, 1.0


def _reason(stance: Stance, evidence: list[tuple[StanceEvidence, Span]]) -> str:
    titles = dict.fromkeys(record.title for record, _ in evidence if record.stance is stance)
    return "、".join(list(titles)[:3])
