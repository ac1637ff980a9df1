"""The subject of a suspect block as listed hits: the violation patterns that the model names."""

from dataclasses import replace

from classifiers.facts import Facts
from classifiers.opinion import GENERAL_PATTERN
from classifiers.opinion import RULE as MODEL_RULE
from classifiers.rule_records import SIGNAL
from classifiers.rulebook import Rulebook
from classifiers.score import FULL, MEDIUM_FROM
from classifiers.subject_model import Subject
from core.patterns import pattern_name
from core.records import Hit, Origin

RULE = "computed-subject"
# How sure the model must be of the likeliest subject, and of the next, to name it.
FIRST_FROM, SECOND_FROM = 0.15, 0.15
POINTS = 1.0  # a name for what is suspect anyway


def with_subjects(book: Rulebook, facts: Facts, hits: list[Hit]) -> list[Hit]:
    """The hits of a block, with the subjects that the rules did not name where it is suspect.

    What the stance model alone found suspect gets the likeliest subject for its pattern.
    """
    counted = [hit for hit in hits if hit.points > 0]
    if book.subjects is None or sum(hit.points for hit in counted) < MEDIUM_FROM:
        return hits
    strongest = max(
        (hit for hit in counted if hit.pattern != SIGNAL), key=lambda hit: hit.points, default=None
    )
    if strongest is None:
        return hits
    at = facts.normal_span(strongest.start, strongest.end)[0]
    first, second = book.subjects.read(facts.normal.text, at)
    likely = [
        subject
        for subject, least in ((first, FIRST_FROM), (second, SECOND_FROM))
        if subject.probability >= least
    ]
    if likely and likely[0] is first:
        hits = [_renamed(hit, first, book) for hit in hits]
    named = {hit.pattern for hit in hits if hit.points > 0}
    added = [
        _subject_hit(subject, strongest, book) for subject in likely if subject.pattern not in named
    ]
    return [*_with_room(hits, len(added) * POINTS), *added]


def _with_room(hits: list[Hit], points: float) -> list[Hit]:
    """The hits with the strongest lowered where the whole would exceed the full score."""
    over = sum(hit.points for hit in hits) + points - FULL
    if over <= 0:
        return hits
    place = max(range(len(hits)), key=lambda at: hits[at].points)
    lowered = replace(hits[place], points=round(hits[place].points - over, 1))
    return [*hits[:place], lowered, *hits[place + 1 :]]


def _renamed(hit: Hit, subject: Subject, book: Rulebook) -> Hit:
    if hit.rule != MODEL_RULE or hit.pattern != GENERAL_PATTERN:
        return hit
    return replace(hit, pattern=subject.pattern, law=book.law_of(subject.pattern))


def _subject_hit(subject: Subject, at: Hit, book: Rulebook) -> Hit:
    name = pattern_name(subject.pattern, "zh")
    return Hit(
        rule=RULE,
        pattern=subject.pattern,
        title=f"题材近似“{name}”",
        quote=at.quote,
        start=at.start,
        end=at.end,
        source=Origin.BODY,
        points=POINTS,
        law=book.law_of(subject.pattern),
        why=f"题材模型判断这段可疑宣传属于“{name}”的把握约 {subject.probability:.0%}，供归类参考。",
    )
