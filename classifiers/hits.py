"""Rule hits: which rules of the rulebook hold at which places of a block."""

from dataclasses import dataclass

from classifiers.context import Ruling, ruling_on
from classifiers.facts import Facts
from classifiers.lexicon import Groups
from classifiers.match import Span
from classifiers.rule_records import RuleRecord
from classifiers.rulebook import Rulebook
from classifiers.stance import reach

MOST_QUOTES = 4  # a reviewer needs no more places of one rule
MOST_SUPPORT = 12  # words of one group that are looked at around one place
MOST_TRIES = 200  # places of one rule that are looked at in one block


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule at a place of the normalised text, with the context that takes its force, if any."""

    rule: RuleRecord
    span: Span
    ruling: Ruling | None


def find_rule_hits(book: Rulebook, facts: Facts, rulings: list[Ruling]) -> list[RuleHit]:
    """The places where rules hold; asserted ones first within a rule."""
    hits: list[RuleHit] = []
    groups_of = book.lexicon.groups
    for rule in book.rules_for(facts.words.present):
        found = _places(rule, groups_of[rule.id], facts, rulings)
        found.sort(key=lambda hit: hit.ruling is not None)
        hits += found[:MOST_QUOTES]
    return hits


def _places(rule: RuleRecord, groups: Groups, facts: Facts, rulings: list[Ruling]) -> list[RuleHit]:
    found: list[RuleHit] = []
    last_end = -1
    for span in facts.words.of(groups.any)[:MOST_TRIES]:
        if span[0] < last_end:
            continue
        reached = reach(rule.match.within, facts.units, span)
        support = [_support(group, facts, rulings, reached) for group in groups.all]
        if any(supported is None for supported in support):
            continue
        if groups.none is not None and _vetoed(groups.none, facts, span):
            continue
        doubts = (ruling_on(rulings, span), *(doubt for pair in support if pair for doubt in pair))
        found.append(RuleHit(rule, span, next(filter(None, doubts), None)))
        last_end = span[1]
    return found


def _support(
    group: int, facts: Facts, rulings: list[Ruling], reached: Span
) -> tuple[Ruling | None] | None:
    """None where no word of the group is in reach; else what takes the force from all of them.

    An offer that is itself warned about or denied supports nothing.
    """
    ruling: Ruling | None = None
    near = facts.words.all_within(group, *reached, MOST_SUPPORT)
    for span in near:
        ruling = ruling_on(rulings, span)
        if ruling is None:
            return (None,)
    return (ruling,) if near else None


def _vetoed(group: int, facts: Facts, span: Span) -> bool:
    low, high = facts.units.sentences.around(*span)
    return facts.words.within(group, low, high) is not None
