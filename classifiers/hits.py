"""Rule hits: which rules of the rulebook hold at which places of a block."""

from dataclasses import dataclass

from classifiers.context import Ruling, ruling_on
from classifiers.facts import Facts
from classifiers.match import Span
from classifiers.rule_records import RuleRecord
from classifiers.rulebook import Rulebook
from classifiers.stance import reach

MOST_QUOTES = 4  # a reviewer needs no more places of one rule
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
    for rule in book.rules:
        if rule.status == "active" and facts.words.of(book.lexicon.group_of[rule.match.any]):
            found = _places(rule, book, facts, rulings)
            found.sort(key=lambda hit: hit.ruling is not None)
            hits += found[:MOST_QUOTES]
    return hits


def _places(rule: RuleRecord, book: Rulebook, facts: Facts, rulings: list[Ruling]) -> list[RuleHit]:
    group_of, words = book.lexicon.group_of, facts.words
    if any(not words.of(group_of[group]) for group in rule.match.all):
        return []
    found: list[RuleHit] = []
    last_end = -1
    for span in words.of(group_of[rule.match.any])[:MOST_TRIES]:
        if span[0] < last_end:
            continue
        low, high = reach(rule.match.within, facts.units, span)
        if any(words.within(group_of[group], low, high) is None for group in rule.match.all):
            continue
        if rule.match.none and _vetoed(group_of[rule.match.none], facts, span):
            continue
        found.append(RuleHit(rule, span, ruling_on(rulings, span)))
        last_end = span[1]
    return found


def _vetoed(group: int, facts: Facts, span: Span) -> bool:
    low, high = facts.units.sentences.around(*span)
    return facts.words.within(group, low, high) is not None
