"""What the stance model has to say of a block: a listed hit, or doubt of what the rules found."""

from dataclasses import dataclass, replace

from classifiers.facts import Facts
from classifiers.match import Span
from classifiers.quantities import find_amounts
from classifiers.rule_records import SIGNAL
from classifiers.score import MEDIUM_FROM
from classifiers.stance import StanceReading
from classifiers.stance_model import ModelReading, StanceModel, window_around
from core.records import Hit, Origin, Stance

RULE = "computed-model"
GENERAL_PATTERN = "unlicensed_crowdfunding"
CONTACT_MARK = "contact"
# Log-odds from which the model lifts a block that the rules find suspect but not enough.
LIFT_FROM, LIFT_POINTS = 1.0, 25.0
# Log-odds from which its points suffice where the rules find little or nothing. Only money that is
# named is asked about: texts without any held too many false alarms.
SURE_FROM, SURE_POINTS = 2.0, 42.0
# Log-odds up to which the model doubts a promotion, and the share of the points that it leaves.
DOUBT_TO, DOUBT_SHARE = -1.0, 0.2


@dataclass(frozen=True, slots=True)
class Opinion:
    """The model's reading of the window around the passage in question."""

    model: StanceModel
    reading: ModelReading
    at: Span

    @property
    def words(self) -> str:
        """How sure the model is and what weighed most, for a reviewer."""
        grams = "".join(f"“{gram}”" for gram in self.model.explain(self.reading))
        grounds = f"，主要依据：{grams}" if grams else ""
        return f"{self.reading.probability:.0%}{grounds}"


def ask_model(
    model: StanceModel | None, facts: Facts, reading: StanceReading, suspect: Span | None
) -> Opinion | None:
    """The opinion on a block; None without a model, or where the rules leave nothing to ask.

    `suspect` is where the strongest hit of a pattern stands, or else any hit, if there is one.
    """
    if model is None:
        return None
    at = suspect or _money(facts)
    if at is None:
        return None
    window = window_around(facts.normal.text, at[0])
    return Opinion(model, model.read(window, marks_of(facts, reading)), at)


def _money(facts: Facts) -> Span | None:
    """Where the block first names a return or a sum."""
    if facts.rates:
        return facts.normal_span(facts.rates[0].start, facts.rates[0].end)
    return next(find_amounts(facts.shape), None)


def marks_of(facts: Facts, reading: StanceReading) -> list[str]:
    """The evidence of a block by name, for the model."""
    marks = {record.id for record, _ in reading.evidence}
    return sorted(marks | {CONTACT_MARK} if facts.contacts else marks)


def tempered(
    reading: StanceReading, opinion: Opinion | None, *, explained: bool = True
) -> StanceReading:
    """The reading with the share that the model's doubt leaves; it never adds.

    Where no hit carries the reason there is no need to have it `explained`.
    """
    asked = reading.stance in {Stance.PROMOTION, Stance.OTHER}
    if (
        opinion is None
        or not asked
        or opinion.reading.logit > DOUBT_TO
        or reading.share <= DOUBT_SHARE
    ):
        return reading
    reason = f"统计模型判为招揽宣传的把握仅 {opinion.words}" if explained else ""
    return replace(reading, stance=Stance.OTHER, share=DOUBT_SHARE, reason=reason)


def model_hit(opinion: Opinion, facts: Facts, hits: list[Hit]) -> Hit | None:
    """The points that the model adds to a block's `hits` below the medium level."""
    patterns = [hit for hit in hits if hit.points > 0 and hit.pattern != SIGNAL]
    logit = opinion.reading.logit
    points = SURE_POINTS if logit >= SURE_FROM else LIFT_POINTS if logit >= LIFT_FROM else 0.0
    if not patterns and points < SURE_POINTS:
        return None
    if not points or sum(hit.points for hit in hits) >= MEDIUM_FROM:
        return None
    start, end = facts.normal.span(*opinion.at)
    return Hit(
        rule=RULE,
        pattern=max(patterns, key=lambda hit: hit.points).pattern if patterns else GENERAL_PATTERN,
        title="语境模型读作招揽宣传",
        quote=facts.normal.original[start:end],
        start=start,
        end=end,
        source=Origin.BODY,
        points=points,
        law=(),
        why=f"统计模型通读这段文字，判为招揽宣传的把握约 {opinion.words}。"
        "模型只补规则之不足，加分有上限，请人工核对。",
    )
