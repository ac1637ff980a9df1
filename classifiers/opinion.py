"""What the stance model has to say of a block: a listed hit, or doubt of what the rules found."""

from dataclasses import dataclass, replace

from classifiers.facts import Facts
from classifiers.match import Span
from classifiers.quantities import AMOUNT
from classifiers.rule_records import SIGNAL
from classifiers.score import MEDIUM_FROM
from classifiers.stance import StanceReading
from classifiers.stance_model import ModelReading, StanceModel, window_around
from core.records import Hit, Origin, Stance

RULE = "computed-model"
GENERAL_PATTERN = "unlicensed_crowdfunding"
CONTACT_MARK = "contact"
# Log-odds from which the model lifts a block that the rules find suspect but not enough.
LIFT_FROM, LIFT_POINTS = 1.5, 25.0
# Where no rule has a hit, the model speaks of solicitations that name money, and of none else:
# from the first it is listed, from the second its points make the block worth a look.
ALONE_FROM, ALONE_POINTS = 1.5, 18.0
SURE_FROM, SURE_POINTS = 3.0, 42.0
# Log-odds up to which the model doubts a promotion, and the share of the points that it leaves.
DOUBT_TO, DOUBT_SHARE = -3.0, 0.3


@dataclass(frozen=True, slots=True)
class Opinion:
    """The model's reading of the window around the passage in question."""

    reading: ModelReading
    at: Span


def ask_model(
    model: StanceModel | None, facts: Facts, reading: StanceReading, suspect: Span | None
) -> Opinion | None:
    """The opinion on a block; None without a model, or where the rules leave nothing to ask.

    `suspect` is where the strongest hit of a pattern stands, if there is one.
    """
    if model is None or reading.stance not in {Stance.PROMOTION, Stance.OTHER}:
        return None
    at = suspect or _solicitation(facts, reading)
    if at is None:
        return None
    window = window_around(facts.normal.text, at[0])
    return Opinion(model.read(window, marks_of(facts, reading)), at)


def marks_of(facts: Facts, reading: StanceReading) -> list[str]:
    """The evidence of a block by name, for the model."""
    marks = {record.id for record, _ in reading.evidence}
    return sorted(marks | {CONTACT_MARK} if facts.contacts else marks)


def tempered(reading: StanceReading, opinion: Opinion | None) -> StanceReading:
    """The reading with the share that the model's doubt leaves; it never adds."""
    if opinion is None or opinion.reading.logit > DOUBT_TO or reading.share <= DOUBT_SHARE:
        return reading
    reason = _doubt(opinion.reading)
    return replace(reading, stance=Stance.OTHER, share=DOUBT_SHARE, reason=reason)


def model_hit(opinion: Opinion, facts: Facts, hits: list[Hit]) -> Hit | None:
    """The points that the model adds to a block's `hits` below the medium level."""
    patterns = [hit for hit in hits if hit.points > 0 and hit.pattern != SIGNAL]
    logit = opinion.reading.logit
    if patterns:
        points = LIFT_POINTS if logit >= LIFT_FROM else 0.0
        pattern = max(patterns, key=lambda hit: hit.points).pattern
    else:
        points = SURE_POINTS if logit >= SURE_FROM else ALONE_POINTS if logit >= ALONE_FROM else 0.0
        pattern = GENERAL_PATTERN
    if not points or sum(hit.points for hit in hits) >= MEDIUM_FROM:
        return None
    start, end = facts.normal.span(*opinion.at)
    return Hit(
        rule=RULE,
        pattern=pattern,
        title="语境模型读作招揽宣传",
        quote=facts.normal.original[start:end],
        start=start,
        end=end,
        source=Origin.BODY,
        points=points,
        law=(),
        why=f"统计模型通读这段文字，判为招揽宣传的把握约 {opinion.reading.probability:.0%}"
        f"{_grounds(opinion.reading)}。模型只补规则之不足，加分有上限，请人工核对。",
    )


def _doubt(reading: ModelReading) -> str:
    return f"统计模型判为招揽宣传的把握仅 {reading.probability:.0%}{_grounds(reading)}"


def _grounds(reading: ModelReading) -> str:
    return (
        "，主要依据：" + "".join(f"“{gram}”" for gram in reading.weighed) if reading.weighed else ""
    )


def _solicitation(facts: Facts, reading: StanceReading) -> Span | None:
    """Where the block solicits, if it names money and nothing outweighs it."""
    spans = [span for record, span in reading.evidence if record.stance is Stance.PROMOTION]
    if reading.promotion <= 0 or reading.promotion < reading.counter:
        return None
    if not facts.rates and AMOUNT.search(facts.normal.text) is None:
        return None
    return min([*spans, *facts.contacts], default=None)
