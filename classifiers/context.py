"""Context: which stretches of a text are warned about, negated, reported, quoted, asked or law."""

from dataclasses import dataclass

from classifiers.match import Bounds, Occurrences, Span
from classifiers.rule_records import ContextRecord
from classifiers.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Ruling:
    """A stretch that a context phrase governs; `at` is where the phrase itself stands."""

    start: int
    end: int
    at: Span
    record: ContextRecord


@dataclass(frozen=True, slots=True)
class Units:
    """The bounds of a text's clauses and sentences, and its length."""

    clauses: Bounds
    sentences: Bounds
    length: int

    def around(self, scope: str, start: int, end: int) -> Span:
        """The unit of `scope` that holds `start`-`end`."""
        if scope == "clause":
            return self.clauses.around(start, end)
        if scope == "sentence":
            return self.sentences.around(start, end)
        return 0, self.length


def find_rulings(book: Rulebook, words: Occurrences, units: Units) -> list[Ruling]:
    """What every context phrase of the text governs, cut at the record's terminators."""
    group_of = book.lexicon.group_of
    rulings: list[Ruling] = []
    for record in book.context:
        stops = words.of(group_of[record.terminators]) if record.terminators else []
        for at in words.of(group_of[record.phrases]):
            low, high = units.around(record.scope, *at)
            if record.reach is not None:
                low, high = max(low, at[0] - record.reach), min(high, at[1] + record.reach)
            for start, end in stops:
                if end <= at[0]:
                    low = max(low, end)
                elif start >= at[1]:
                    high = min(high, start)
            if record.direction == "inside":
                low, high = at
            elif record.direction == "before":
                low = at[0]
            elif record.direction == "after":
                high = at[1]
            rulings.append(Ruling(low, high, at, record))
    return rulings


def ruling_on(rulings: list[Ruling], span: Span) -> Ruling | None:
    """The first ruling that governs a span; a phrase does not govern itself."""
    start, end = span
    for ruling in rulings:
        if ruling.start <= start and end <= ruling.end and (
            ruling.record.direction == "inside" or not _overlaps(ruling.at, span)
        ):
            return ruling
    return None


def _overlaps(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
