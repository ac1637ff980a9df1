"""What the stance model has to say of a block: a listed hit, or doubt of what the rules found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from classifiers.bare import BareText
from classifiers.facts import Facts
from classifiers.glance import Glance, Stretch
from classifiers.match import Span
from classifiers.rule_records import SIGNAL
from classifiers.score import MEDIUM_FROM
from classifiers.stance import StanceReading
from classifiers.stance_model import ModelReading, StanceModel, window_around
from core.records import Hit, Origin, Stance

RULE = "computed-model"
GENERAL_PATTERN = "unlicensed_crowdfunding"
# Log-odds from which the model lifts a block that the rules find suspect but not enough.
LIFT_FROM, LIFT_POINTS = 0.0, 25.0
# Log-odds from which its points suffice where the rules find little or nothing.
SURE_FROM, SURE_POINTS = 1.0, 42.0
SURE_AGAINST_FROM = 2.0  # the same where the rules read a warning, a report or the like
# Log-odds up to which the model doubts a promotion, and the share of the points that it leaves.
DOUBT_TO, DOUBT_SHARE = -1.0, 0.2

MOST_WINDOWS = 4  # of one block, however long it is
LONGEST_QUOTE = 40  # characters before and behind the middle of what was glanced at

_UNDECIDED = frozenset({Stance.PROMOTION, Stance.OTHER})


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


def ask_model(model: StanceModel | None, facts: Facts, suspects: Sequence[Span]) -> Opinion | None:
    """The opinion on a block; None without a model, or where there is nothing to ask about.

    `suspects` are what is asked about, the strongest first. Of several windows of a long block the
    one that reads most like a promotion speaks.
    """
    if model is None:
        return None
    opinions: list[Opinion] = []
    for at, window in _windows(facts.normal.text, suspects):
        opinions.append(Opinion(model, model.read(window), at))
    return max(opinions, key=lambda opinion: opinion.reading.logit, default=None)


def _windows(text: str, places: Sequence[Span]) -> Iterator[tuple[Span, str]]:
    """The windows around some places, each with the first place that called for it."""
    covered: list[range] = []
    for place in places:
        if len(covered) == MOST_WINDOWS:
            return
        if not any(place[0] in stretch for stretch in covered):
            stretch = window_around(len(text), place[0])
            covered.append(stretch)
            yield place, text[stretch.start : stretch.stop]


def glanced_at(glance: Glance | None, facts: Facts) -> list[Span]:
    """The sentences in the middle of promising stretches, the likeliest first."""
    if glance is None:
        return []
    bare = BareText.of((facts.normal.original,))
    return [_sentence(bare, stretch, facts) for stretch in glance.promising(bare)]


def _sentence(bare: BareText, stretch: Stretch, facts: Facts) -> Span:
    middle = int(bare.places[(stretch.start + stretch.end) // 2])
    start, end = facts.normal_span(middle, middle + 1)
    low, high = facts.units.around("sentence", start, end)
    return max(low, start - LONGEST_QUOTE), min(high, end + LONGEST_QUOTE)


def tempered(
    reading: StanceReading, opinion: Opinion | None, *, explained: bool = True
) -> StanceReading:
    """The reading with the share that the model's doubt leaves; it never adds.

    Where no hit carries the reason there is no need to have it `explained`.
    """
    asked = reading.stance in _UNDECIDED
    if (
        opinion is None
        or not asked
        or opinion.reading.logit > DOUBT_TO
        or reading.share <= DOUBT_SHARE
    ):
        return reading
    reason = f"统计模型判为招揽宣传的把握仅 {opinion.words}" if explained else ""
    return replace(reading, stance=Stance.OTHER, share=DOUBT_SHARE, reason=reason)


def model_hit(opinion: Opinion, facts: Facts, hits: list[Hit], stance: Stance) -> Hit | None:
    """The points that the model adds to a block's `hits` below the medium level."""
    patterns = [hit for hit in hits if hit.points > 0 and hit.pattern != SIGNAL]
    logit = opinion.reading.logit
    sure_from = SURE_FROM if stance in _UNDECIDED else SURE_AGAINST_FROM
    points = SURE_POINTS if logit >= sure_from else LIFT_POINTS if logit >= LIFT_FROM else 0.0
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
