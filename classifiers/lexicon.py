"""All words of the rulebook in one automaton; each belongs to the groups that rules ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

import ahocorasick_rs
import re2

from classifiers.normalize import Folder, build_folder, normalize
from classifiers.rule_records import COMPUTED, Match, StanceEvidence
from core.errors import RulebookError

if TYPE_CHECKING:
    from classifiers.rulebook import Rulebook

REGEX_MARK = "re:"
BOUNDARY_MARK = "~"
CONCEPT_MARK = "@"
RISK_NOTICE = "risk_notice"  # the concept that the engine itself asks for


class _Record(Protocol):
    @property
    def id(self) -> str: ...


AnyRecord = TypeVar("AnyRecord", bound=_Record)
Holding = Callable[[AbstractSet[int]], list[AnyRecord]]


@dataclass(frozen=True, slots=True)
class Groups:
    """The numbers of a record's word lists; `none` also holds a context record's terminators."""

    any: int
    all: tuple[int, ...] = ()
    none: int | None = None


@dataclass(frozen=True)
class Lexicon:
    """Phrases, expressions and computed facts, and the groups each of them counts for.

    A group is what a rule asks for: one of its word lists, or a concept. Groups are numbered;
    `group_of` finds the number of a word list, `groups` those of a record by its id.
    """

    phrases: tuple[str, ...]
    bounded: frozenset[int]
    phrase_groups: tuple[tuple[int, ...], ...]
    expressions: tuple[tuple[re2._Regexp, tuple[int, ...]], ...]
    computed_groups: dict[str, tuple[int, ...]]
    group_of: dict[tuple[str, ...], int]
    groups: dict[str, Groups]
    folder: Folder

    @cached_property
    def needs(self) -> dict[str, frozenset[int]]:
        """By record id, the groups that must all stand in a text before the record can hold."""
        return {name: frozenset({own.any, *own.all}) for name, own in self.groups.items()}

    def asks_for_amount(self, present: AbstractSet[int]) -> bool:
        """Whether a record may hold in a text with these groups, if it names a sum of money."""
        return any(others <= present for others in self._beside_amount)

    @cached_property
    def _beside_amount(self) -> tuple[frozenset[int], ...]:
        groups = frozenset(self.computed_groups.get("amount", ()))
        return tuple({needs - groups for needs in self.needs.values() if needs & groups})

    def may_hold(self, records: Sequence[AnyRecord]) -> Holding[AnyRecord]:
        """Which of the records, in their order, can hold in a text with given groups."""
        needs = [self.needs[record.id] for record in records]
        numbers_of: dict[int, list[int]] = {}
        for number, record in enumerate(records):
            numbers_of.setdefault(self.groups[record.id].any, []).append(number)
        asked = frozenset(numbers_of)

        def holding(present: AbstractSet[int]) -> list[AnyRecord]:
            numbers = (number for group in asked & present for number in numbers_of[group])
            return [records[number] for number in sorted(numbers) if needs[number] <= present]

        return holding

    @cached_property
    def phrases_of(self) -> tuple[frozenset[int], ...]:
        """The numbers of each group's phrases."""
        found: list[set[int]] = [set() for _ in self.group_of]
        for number, groups in enumerate(self.phrase_groups):
            for group in groups:
                found[group].add(number)
        return tuple(map(frozenset, found))

    @cached_property
    def automaton(self) -> ahocorasick_rs.AhoCorasick:
        """One pass over a text finds all phrases, overlapping ones too."""
        return ahocorasick_rs.AhoCorasick(
            self.phrases,
            implementation=ahocorasick_rs.Implementation.DFA,
            store_patterns=False,
        )

    @cached_property
    def expression_filter(self) -> re2.Filter:
        """Tells which expressions match a text; one pass for their literal parts rules out most."""
        gathered = re2.Filter()
        for expression, _ in self.expressions:
            gathered.Add(expression.pattern)
        gathered.Compile()
        return gathered

    @classmethod
    def compile(cls, book: Rulebook) -> Lexicon:
        """The lexicon of a rulebook; raises `RulebookError` for terms that cannot be matched."""
        concepts = {name: concept.any for name, concept in book.concepts.items()}
        group_of: dict[tuple[str, ...], int] = {}
        for terms in _word_lists(book):
            group_of.setdefault(terms, len(group_of))
        leaves: dict[str, list[int]] = {}
        for terms, group in group_of.items():
            for leaf in dict.fromkeys(_leaves(terms, concepts, ())):
                leaves.setdefault(leaf, []).append(group)
        groups = dict(_record_groups(book, group_of))
        return cls._of_leaves(leaves, group_of, groups)

    @classmethod
    def _of_leaves(
        cls,
        leaves: dict[str, list[int]],
        group_of: dict[tuple[str, ...], int],
        groups: dict[str, Groups],
    ) -> Lexicon:
        words = {
            leaf: normalize(leaf.removeprefix(BOUNDARY_MARK)).text
            for leaf in leaves
            if not leaf.startswith((REGEX_MARK, CONCEPT_MARK))
        }
        counted: dict[tuple[str, bool], set[int]] = {}
        for leaf, word in words.items():
            phrase = word.strip()
            if not phrase:
                raise RulebookError(f"the phrase {leaf!r} is empty after normalising")
            counted.setdefault((phrase, leaf.startswith(BOUNDARY_MARK)), set()).update(leaves[leaf])
        keys = sorted(counted)
        return cls(
            phrases=tuple(phrase for phrase, _ in keys),
            bounded=frozenset(number for number, (_, bounded) in enumerate(keys) if bounded),
            phrase_groups=tuple(tuple(sorted(counted[key])) for key in keys),
            expressions=tuple(
                (_expression(leaf), tuple(leaves[leaf]))
                for leaf in sorted(leaves)
                if leaf.startswith(REGEX_MARK)
            ),
            computed_groups={
                leaf[1:]: tuple(leaves[leaf]) for leaf in leaves if leaf.startswith(CONCEPT_MARK)
            },
            group_of=group_of,
            groups=groups,
            folder=build_folder(words.values()),
        )


def _word_lists(book: Rulebook) -> Iterable[tuple[str, ...]]:
    for rule in book.rules:
        if rule.status != "retired":
            yield from (rule.match.any, *rule.match.all)
            if rule.match.none:
                yield rule.match.none
    for evidence in book.stances:
        yield from (evidence.any, *evidence.all)
        if evidence.none:
            yield evidence.none
    if RISK_NOTICE in book.concepts:
        yield book.concepts[RISK_NOTICE].any
    for record in book.context:
        yield record.phrases
        if record.terminators:
            yield record.terminators


def _record_groups(
    book: Rulebook, group_of: dict[tuple[str, ...], int]
) -> Iterable[tuple[str, Groups]]:
    matches: list[tuple[str, Match | StanceEvidence]] = [
        *((rule.id, rule.match) for rule in book.rules if rule.status != "retired"),
        *((evidence.id, evidence) for evidence in book.stances),
    ]
    for name, match in matches:
        further = tuple(group_of[group] for group in match.all)
        none = group_of[match.none] if match.none else None
        yield name, Groups(group_of[match.any], further, none)
    for record in book.context:
        stops = group_of[record.terminators] if record.terminators else None
        yield record.id, Groups(group_of[record.phrases], none=stops)


def _leaves(
    terms: tuple[str, ...], concepts: dict[str, tuple[str, ...]], above: tuple[str, ...]
) -> Iterable[str]:
    for term in terms:
        name = term.removeprefix(CONCEPT_MARK)
        if not term.startswith(CONCEPT_MARK) or name in COMPUTED:
            yield term
        elif name in above:
            raise RulebookError(f"concepts include one another in a circle: {' > '.join(above)}")
        else:
            yield from _leaves(concepts[name], concepts, (*above, name))


def _expression(leaf: str) -> re2._Regexp:
    try:
        options = re2.Options()
        options.log_errors = False
        compiled = re2.compile(leaf.removeprefix(REGEX_MARK), options)
    except re2.error as error:
        raise RulebookError(f"the expression {leaf!r} does not compile: {error}") from None
    if compiled.search("") is not None:
        raise RulebookError(f"the expression {leaf!r} matches the empty string")
    return compiled
