"""Where the rulebook's words stand in a normalised text: one automaton pass for all of them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from classifiers.lexicon import Lexicon
from classifiers.words import stands_as_words

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Spans by group number, each list sorted by start, the longest first."""

    spans: dict[int, list[Span]]

    def of(self, group: int) -> list[Span]:
        """All spans of a group."""
        return self.spans.get(group, [])

    def all_spans(self) -> set[Span]:
        """Every span of every group."""
        return {span for spans in self.spans.values() for span in spans}

    def within(self, group: int, start: int, end: int) -> Span | None:
        """The first span of a group that lies inside `start`-`end`."""
        return next(iter(self.all_within(group, start, end, 1)), None)

    def all_within(self, group: int, start: int, end: int, most: int) -> list[Span]:
        """The first spans of a group, up to `most`, that lie inside `start`-`end`."""
        spans = self.spans.get(group, [])
        found: list[Span] = []
        for at in range(bisect_left(spans, start, key=itemgetter(0)), len(spans)):
            if spans[at][0] >= end or len(found) == most:
                break
            if spans[at][1] <= end:
                found.append(spans[at])
        return found


@dataclass(frozen=True, slots=True)
class Bounds:
    """Cut positions of a text: `stops` holds 0, the end, and each place where a unit ends."""

    stops: tuple[int, ...]

    @classmethod
    def of(cls, spans: Iterable[Span], length: int) -> "Bounds":
        """Bounds from the spans of sentences or clauses."""
        return cls(tuple(sorted({0, length, *(end for _, end in spans)})))

    def around(self, start: int, end: int) -> Span:
        """The unit, or run of units, that holds `start`-`end`."""
        low = self.stops[max(bisect_right(self.stops, start) - 1, 0)]
        high = self.stops[min(bisect_left(self.stops, max(end, start + 1)), len(self.stops) - 1)]
        return low, high


def find_words(text: str, lexicon: Lexicon, computed: dict[str, list[Span]]) -> Occurrences:
    """All occurrences of the lexicon's words, with the facts that the engine computed itself."""
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    bounded, groups_of = lexicon.bounded, lexicon.phrase_groups
    for index, start, end in lexicon.automaton.find_matches_as_indexes(text, overlapping=True):
        if bounded[index] and not stands_as_words(text, start, end):
            continue
        span = start, end
        for group in groups_of[index]:
            spans[group].append(span)
    for number in lexicon.expression_filter.Match(text) or ():
        expression, groups = lexicon.expressions[number]
        for found in expression.finditer(text):
            for group in groups:
                spans[group].append(found.span())
    for name, facts in computed.items():
        for group in lexicon.computed_groups.get(name, ()) if facts else ():
            spans[group].extend(facts)
    for found_spans in spans.values():
        found_spans.sort(key=_longest_first)
    return Occurrences(dict(spans))


def _longest_first(span: Span) -> Span:
    return span[0], -span[1]
