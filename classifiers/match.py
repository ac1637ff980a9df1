"""Where the rulebook's words stand in a normalised text: one automaton pass for all of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter

from classifiers.lexicon import Lexicon
from classifiers.words import stands_as_words

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where the words of each group stand; a group's spans are gathered when it is asked for.

    `by_phrase` has the spans of each phrase by its number, `others` those of expressions and
    computed facts by group, `present` the groups that have any.
    """

    lexicon: Lexicon
    by_phrase: dict[int, list[Span]]
    others: dict[int, list[Span]]
    present: set[int]
    _gathered: dict[int, list[Span]] = field(default_factory=dict)

    def add(self, groups: Iterable[int], spans: list[Span]) -> None:
        """Further spans of some groups, none of which was asked for yet."""
        for group in groups if spans else ():
            self.others.setdefault(group, []).extend(spans)
            self.present.add(group)

    def of(self, group: int) -> list[Span]:
        """All spans of a group, sorted by start, the longest first."""
        if group not in self.present:
            return []
        spans = self._gathered.get(group)
        if spans is None:
            spans = list(self.others.get(group, ()))
            for phrase in self.lexicon.phrases_of[group] & self.by_phrase.keys():
                spans += self.by_phrase[phrase]
            spans.sort(key=_longest_first)
            self._gathered[group] = spans
        return spans

    def all_spans(self) -> set[Span]:
        """Every span of every group."""
        lists = (*self.by_phrase.values(), *self.others.values())
        return {span for spans in lists for span in spans}

    def within(self, group: int, start: int, end: int) -> Span | None:
        """The first span of a group that lies inside `start`-`end`."""
        return next(iter(self.all_within(group, start, end, 1)), None)

    def all_within(self, group: int, start: int, end: int, most: int) -> list[Span]:
        """The first spans of a group, up to `most`, that lie inside `start`-`end`."""
        spans = self.of(group)
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
    by_phrase: dict[int, list[Span]] = {}
    for index, start, end in lexicon.automaton.find_matches_as_indexes(text, overlapping=True):
        spans = by_phrase.get(index)
        if spans is None:
            by_phrase[index] = [(start, end)]
        else:
            spans.append((start, end))
    for index in lexicon.bounded & by_phrase.keys():
        kept = [span for span in by_phrase.pop(index) if stands_as_words(text, *span)]
        if kept:
            by_phrase[index] = kept
    words = Occurrences(lexicon, by_phrase, {}, set())
    groups_of = lexicon.phrase_groups
    for index in by_phrase:
        words.present.update(groups_of[index])
    for number in lexicon.expression_filter.Match(text) or ():
        expression, groups = lexicon.expressions[number]
        words.add(groups, [match.span() for match in expression.finditer(text)])
    for name, facts in computed.items():
        words.add(lexicon.computed_groups.get(name, ()), facts)
    return words


def _longest_first(span: Span) -> Span:
    return span[0], -span[1]
