"""Context: which stretches of a text are warned about, negated, reported, quoted, asked or law."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

from classifiers.match import Bounds, Occurrences, Span
from classifiers.normalize import NormalText, clause_spans, sentence_spans
from classifiers.rule_records import ContextRecord
from classifiers.rulebook import Rulebook

MOST_CUES = 400  # context phrases of one record that are read in one block


@dataclass(frozen=True, slots=True)
class Ruling:
    """A stretch that a context phrase governs; `at` is where the phrase itself stands."""

    start: int
    end: int
    at: Span
    record: ContextRecord


@dataclass(frozen=True)
class Units:
    """The bounds of a text's clauses and sentences, looked up when they are first asked for."""

    normal: NormalText

    @cached_property
    def clauses(self) -> Bounds:
        """Where clauses end."""
        return Bounds.of(clause_spans(self.normal), self.length)

    @cached_property
    def sentences(self) -> Bounds:
        """Where sentences end."""
        return Bounds.of(sentence_spans(self.normal), self.length)

    @property
    def length(self) -> int:
        """The length of the text."""
        return len(self.normal.text)

    def around(self, scope: str, start: int, end: int) -> Span:
        """The unit of `scope` that holds `start`-`end`."""
        if scope == "clause":
            return self.clauses.around(start, end)
        if scope == "sentence":
            return self.sentences.around(start, end)
        return 0, self.length


def find_rulings(book: Rulebook, words: Occurrences, units: Units) -> list[Ruling]:
    """What every context phrase of the text governs, cut at the record's terminators."""
    rulings: list[Ruling] = []
    for record in book.context_for(words.present):
        groups = book.lexicon.groups[record.id]
        stops = words.of(groups.none) if groups.none is not None else []
        for at in words.of(groups.any)[:MOST_CUES]:
            if record.direction == "inside" and record.reach and at[1] - at[0] > record.reach:
                continue  # nobody quotes that much; a mark was left open
            low, high = _governed(record, at, units)
            rulings.append(Ruling(*_cut(low, high, at, stops), at, record))
    return rulings


def _governed(record: ContextRecord, at: Span, units: Units) -> Span:
    if record.direction == "inside":
        return at
    low, high = units.around(record.scope, *at)
    if record.reach is not None:
        low, high = max(low, at[0] - record.reach), min(high, at[1] + record.reach)
    if record.direction == "before":
        low = at[0]
    elif record.direction == "after":
        high = at[1]
    return low, high


def _cut(low: int, high: int, at: Span, stops: list[Span]) -> Span:
    """The stretch without what lies behind the nearest terminators on both sides."""
    behind = bisect_left(stops, at[0], key=itemgetter(0))
    if behind and stops[behind - 1][1] <= at[0]:
        low = max(low, stops[behind - 1][1])
    ahead = bisect_left(stops, at[1], key=itemgetter(0))
    if ahead < len(stops):
        high = min(high, stops[ahead][0])
    return low, high


def ruling_on(rulings: list[Ruling], span: Span) -> Ruling | None:
    """The first ruling that governs a span; a phrase does not govern itself."""
    start, end = span
    for ruling in rulings:
        if (
            ruling.start <= start
            and end <= ruling.end
            and (ruling.record.direction == "inside" or not _is_phrase(ruling, span))
        ):
            return ruling
    return None


def _is_phrase(ruling: Ruling, span: Span) -> bool:
    """Whether a span is the context phrase itself, holds it, or begins with it.

    A denial that names what it denies (不返租) does govern the word behind its first character.
    """
    (low, high), (start, end) = ruling.at, span
    holds = start <= low and high <= end
    within = low <= start and end <= high
    return holds or (within and (start == low or ruling.record.kind != "negated"))
