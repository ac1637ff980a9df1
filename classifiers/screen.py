"""The screen: one cheap pass that says whether any of some texts may score at all.

Most pages of a site hold nothing that a rule could be about. What the screen lets go, the judge
gives no points; what it keeps, the judge reads in full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import ahocorasick_rs
import re2

from classifiers.bare import JOINT, BareText, bare, bare_all
from classifiers.char_classes import DIGIT_LIKE, UNCOMMON
from classifiers.glyphs import SPLIT_GLYPHS
from classifiers.literals import bare_form, required_literals
from classifiers.number_marks import BOTH, FACTS, SIGNS, mark_words, possible_facts
from classifiers.rule_records import SIGNAL
from classifiers.words import WINDOW, stands_as_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from classifiers.rule_records import RuleRecord
    from classifiers.rulebook import Rulebook

_LETTER_DIGIT = re.compile(r"\d[oil]|[oil]\d|[il]oo")
_AT_ONCE = "at once"
_RATE = "rate"
_EITHER = frozenset({"paid_in", "paid_out"})
_LONGEST_MATCH = 240  # characters that an expression may match around the word it is known by


@dataclass(frozen=True)
class Screen:
    """What the active rules of a rulebook need, as bare words and what each of them may stand for.

    `words` are looked for in one pass; each is a phrase of some `groups`, a part of some
    `expressions` by their numbers, or one of the `marks` of sums and contacts. `forms` has the
    expressions for bare texts, `always` those that need no word. The words of which only phrases
    that must stand as words are known are `bounded`.
    """

    book: Rulebook
    words: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    expressions: tuple[tuple[int, ...], ...]
    marks: tuple[tuple[str, ...], ...]
    always: frozenset[int]
    forms: dict[int, re2._Regexp | None]
    bounded: frozenset[int]

    @classmethod
    def of(cls, book: Rulebook) -> Screen:
        """The screen for a rulebook."""
        lexicon = book.lexicon
        asked = frozenset().union(*(lexicon.needs[rule.id] for rule in book.active_rules))
        phrases = bare_all(lexicon.phrases)
        groups: dict[str, set[int]] = {}
        for phrase, own in zip(phrases, lexicon.phrase_groups, strict=True):
            groups.setdefault(phrase, set()).update(asked.intersection(own))
        parts: dict[str, set[int]] = {}
        forms: dict[int, re2._Regexp | None] = {}
        for number, (expression, own) in enumerate(lexicon.expressions):
            if asked.intersection(own):
                form = bare_form(expression.pattern, _signed, JOINT)
                forms[number] = None if form is None else re2.compile(form)
                for literal in required_literals(expression.pattern, _signed):
                    parts.setdefault(literal, set()).add(number)
        marks: dict[str, set[str]] = {}
        for pair in SPLIT_GLYPHS:
            marks.setdefault(bare(pair), set()).add(_AT_ONCE)
        for mark, words in mark_words().items():
            for word in bare_all(words):
                marks.setdefault(word, set()).add(mark)
        loose = {
            phrase for number, phrase in enumerate(phrases) if number not in lexicon.bounded
        }.union(parts, marks)
        always = frozenset(parts.pop("", ()))
        words = tuple(sorted({*(word for word, own in groups.items() if own), *parts, *marks}))
        return cls(
            book,
            words,
            tuple(tuple(sorted(groups.get(word, ()))) for word in words),
            tuple(tuple(sorted(parts.get(word, ()))) for word in words),
            tuple(tuple(sorted(marks.get(word, ()))) for word in words),
            always,
            forms,
            frozenset(at for at, word in enumerate(words) if word not in loose),
        )

    def may_score(self, texts: Iterable[str], *, is_prose: bool = True) -> bool:
        """Whether the judge may give one of the texts, each read alone, any points.

        Of what is no prose, what only supports an offer is not asked about.
        """
        text = BareText.of(texts)
        if text.odd or (text.holds & DIGIT_LIKE and _LETTER_DIGIT.search(text.text)):
            return True
        if is_prose and self._may_be_asked_about(text):
            return True
        words = self._found(text.text)
        for word in self.bounded & words.keys():
            size = len(self.words[word])
            if not any(_may_stand(text, start, start + size) for start in words[word]):
                del words[word]
        marks: dict[str, list[int]] = {}
        for word, starts in words.items():
            for mark in self.marks[word]:
                marks.setdefault(mark, []).extend(starts)
        if _AT_ONCE in marks:
            return True
        facts = possible_facts(text, marks)
        one_sum = facts >= _EITHER and BOTH not in facts
        choices = [facts - {one} for one in _EITHER] if one_sum else [facts]
        apart = frozenset() if is_prose else self._supporting
        if any(self._may_hit(text.text, words, choice, apart) for choice in choices):
            return True
        rare = bool(text.holds & UNCOMMON)
        folder = self.book.lexicon.folder
        return folder.may_hide(text.text, text.codes, text.touching, rare=rare)

    def _may_be_asked_about(self, text: BareText) -> bool:
        book = self.book
        return book.model is not None and book.glance is not None and book.glance.may_promote(text)

    def _found(self, text: str) -> dict[int, list[int]]:
        """Where the words stand in a bare text, by their numbers."""
        words: dict[int, list[int]] = {}
        for word, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            starts = words.get(word)
            if starts is None:
                words[word] = [start]
            else:
                starts.append(start)
        return words

    def _may_hit(
        self, text: str, words: dict[int, list[int]], facts: set[str], apart: AbstractSet[str]
    ) -> bool:
        """Whether an active rule, but those `apart`, may have all it needs in one of the texts."""
        lexicon = self.book.lexicon
        computed: set[int] = set()
        for name, groups in lexicon.computed_groups.items():
            fact = _RATE if name.startswith(_RATE) else name
            if fact in facts or fact not in FACTS:
                computed.update(groups)
        present = computed.union(*(self.groups[word] for word in words))
        asked = self.always.union(*(self.expressions[word] for word in words))
        own = {number: lexicon.expressions[number][1] for number in asked}
        held = self._rules_for(present.union(*own.values()), apart)
        if not held:
            return False
        wanted = frozenset().union(*(lexicon.needs[rule.id] for rule in held))
        stood: set[int] = set()
        encoded = text.encode()  # else each expression would encode it anew
        for number, groups in own.items():
            form = self.forms[number]
            if wanted.intersection(groups) and (form is None or form.search(encoded) is not None):
                stood.add(number)
                present.update(groups)
        anywhere = computed.union(*(own[number] for number in self.always & stood))
        return any(
            self._in_reach(rule, text, words, anywhere, stood)
            for rule in self._rules_for(present, apart)
        )

    def _rules_for(self, groups: AbstractSet[int], apart: AbstractSet[str]) -> list[RuleRecord]:
        return [rule for rule in self.book.rules_for(groups) if rule.id not in apart]

    @cached_property
    def _supporting(self) -> frozenset[str]:
        """The rules that never score without another."""
        return frozenset(rule.id for rule in self.book.active_rules if rule.pattern == SIGNAL)

    def _in_reach(
        self,
        rule: RuleRecord,
        text: str,
        words: dict[int, list[int]],
        anywhere: AbstractSet[int],
        stood: set[int],
    ) -> bool:
        """Whether the words of a rule stand near one another in one text."""
        groups = self.book.lexicon.groups[rule.id]
        others = [group for group in groups.all if group not in anywhere]
        if groups.any in anywhere or not others:
            return True
        within = rule.match.within if isinstance(rule.match.within, int) else len(text)
        reach = within + _LONGEST_MATCH
        places = [self._places(group, words, stood) for group in others]
        for start in self._places(groups.any, words, stood):
            low = max(start - reach, text.rfind(JOINT, 0, start) + 1)
            end = text.find(JOINT, start)
            high = min(start + reach, len(text) if end < 0 else end)
            if all(any(low <= place <= high for place in listed) for listed in places):
                return True
        return False

    def _places(self, group: int, words: dict[int, list[int]], stood: set[int]) -> list[int]:
        """Where words of a group, or of an expression that stands for it, begin."""
        listed: list[int] = []
        for word, starts in words.items():
            if group in self.groups[word] or any(
                group in self.book.lexicon.expressions[number][1]
                for number in stood.intersection(self.expressions[word])
            ):
                listed += starts
        return listed

    @cached_property
    def _automaton(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(
            self.words, implementation=ahocorasick_rs.Implementation.DFA, store_patterns=False
        )


def _may_stand(text: BareText, start: int, end: int) -> bool:
    """Whether word boundaries lie at both ends, in the run of characters that touch one another."""
    low, high = start, end
    while low > max(start - WINDOW, 0) and text.touching[low - 1]:
        low -= 1
    while high < min(end + WINDOW, len(text.text)) and text.touching[high - 1]:
        high += 1
    return stands_as_words(text.text[low:high], start - low, end - low)


def _signed(text: str) -> str:
    """The bare form that keeps the signs of money: where one stands, no rule is asked."""
    return "".join(map(_signed_char, text))


@cache
def _signed_char(char: str) -> str:
    return char if char in SIGNS else bare(char)
