"""Hidden spellings of known phrases: pinyin for a character (理cai), homophones (年华收溢)."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from math import ceil

import ahocorasick_rs
import jieba
from pypinyin.constants import PINYIN_DICT

from classifiers.glyphs import HAN

_HAN = re.compile(f"[{HAN}]")
_LATIN_BESIDE_HAN = re.compile(rf"[{HAN}][a-z]|[a-z][{HAN}]")
_FIRST_CODE = 0xF0000  # syllables are written as characters of a private plane
_LONGEST = 8
_TONES = str.maketrans(
    "āáǎàēéěèōóǒòīíǐìūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeooooiiiiuuuuvvvvvnnnm", "\u0300\u0304\u0301\u030c"
)
# What the words of the trade are hidden behind most; jieba's dictionary does not know them all.
_PLAIN = ("微信", "返利", "本金", "理财", "收益", "投资", "保本", "分红")
_WHOLE_PINYIN = 3


@dataclass(frozen=True, slots=True)
class Fold:
    """A phrase under a hidden spelling: where, what it stands for, and each character's part."""

    start: int
    end: int
    phrase: str
    kind: str
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Folder:
    """The phrases that may be hidden, and their spellings in pinyin."""

    phrases: tuple[str, ...]
    spellings: dict[str, tuple[str, tuple[int, ...]]]

    @cached_property
    def _by_sound(self) -> tuple[ahocorasick_rs.AhoCorasick, tuple[str, ...]]:
        keys: dict[str, str] = {}
        # Of phrases that sound alike, the plain word is what the others stand for.
        for phrase in (*_PLAIN, *sorted(self.phrases, key=_frequency, reverse=True)):
            keys.setdefault(_sounds(phrase), phrase)
        sounds = tuple(keys)
        return ahocorasick_rs.AhoCorasick(sounds), tuple(keys[sound] for sound in sounds)

    @cached_property
    def _by_letters(self) -> tuple[ahocorasick_rs.AhoCorasick, tuple[str, ...]]:
        spelt = tuple(sorted(self.spellings))
        return ahocorasick_rs.AhoCorasick(spelt), spelt

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset({*self.phrases, *_PLAIN}) - self._aliases

    @cached_property
    def _aliases(self) -> frozenset[str]:
        """Phrases of the list that are themselves hidden spellings of a plain word."""
        plain = {_sounds(word): word for word in _PLAIN}
        return frozenset(
            phrase for phrase in self.phrases if plain.get(_sounds(phrase), phrase) != phrase
        )

    def find(self, text: str) -> tuple[Fold, ...]:
        """The hidden phrases of `text`, longest first where they overlap, in order."""
        found = self._spelt(text) if _LATIN_BESIDE_HAN.search(text) else []
        found += self._sounding(text)
        taken: list[Fold] = []
        covered: set[int] = set()
        for fold in sorted(found, key=lambda fold: (fold.start - fold.end, fold.start)):
            places = range(fold.start, fold.end)
            if covered.isdisjoint(places):
                covered.update(places)
                taken.append(fold)
        return tuple(sorted(taken, key=lambda fold: fold.start))

    def _spelt(self, text: str) -> list[Fold]:
        if not self.spellings:
            return []
        automaton, spelt = self._by_letters
        found = []
        for number, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
            if _cuts_a_word(text, start, end):
                continue
            phrase, widths = self.spellings[spelt[number]]
            found.append(Fold(start, end, phrase, "pinyin", _parts(start, widths)))
        return found

    def _sounding(self, text: str) -> list[Fold]:
        if not self.phrases:
            return []
        automaton, phrases = self._by_sound
        found = []
        for number, start, end in automaton.find_matches_as_indexes(
            _sounds(text), overlapping=True
        ):
            phrase, window = phrases[number], text[start:end]
            if window not in self._known and _is_disguise(text, start, end, phrase):
                parts = tuple((place, place + 1) for place in range(start, end))
                found.append(Fold(start, end, phrase, "homophone", parts))
        return found


def build_phrases(phrases: Iterable[str]) -> Folder:
    """A folder for phrases that are normalised already; those with other than Han are left out."""
    kept = sorted(
        {
            phrase
            for phrase in phrases
            if 1 < len(phrase) <= _LONGEST and all(map(_HAN.match, phrase))
        }
    )
    spellings: dict[str, tuple[str, tuple[int, ...]]] = {}
    for phrase in kept:
        for spelt, widths in _spellings(phrase):
            spellings.setdefault(spelt, (phrase, widths))
    return Folder(tuple(kept), spellings)


def _spellings(phrase: str) -> Iterable[tuple[str, tuple[int, ...]]]:
    """The phrase with one or more neighbouring characters in pinyin, one at least left as it is."""
    syllables = [_syllable(char) for char in phrase]
    size = len(phrase)
    for first in range(size):
        for last in range(first + 1, size + 1):
            if last - first == size and size < _WHOLE_PINYIN:
                continue
            middle = syllables[first:last]
            if not all(middle) or sum(map(len, middle)) < 2:  # noqa: PLR2004 (a lone letter says little)
                continue
            widths = tuple(len(syllables[at]) if first <= at < last else 1 for at in range(size))
            yield phrase[:first] + "".join(middle) + phrase[last:], widths


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether the spelling begins or ends inside a longer Latin word."""
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    return (_is_latin(before) and _is_latin(text[start])) or (
        _is_latin(after) and _is_latin(text[end - 1])
    )


def _is_latin(char: str) -> bool:
    return "a" <= char <= "z"


def _is_disguise(text: str, start: int, end: int, phrase: str) -> bool:
    """Whether a window that sounds like `phrase` is a disguise of it rather than other words.

    Half of the characters at least must be the phrase's own. A disguise makes no sense by itself:
    where the changed characters belong to words of the dictionary, it is other words.
    """
    window = text[start:end]
    same = sum(one == other for one, other in zip(window, phrase, strict=True))
    size = len(phrase)
    if same < ceil(size / 2):
        return False
    context_start, context_end = max(start - 2, 0), min(end + 2, len(text))
    for place in range(start, end):
        if text[place] == phrase[place - start]:
            continue
        for low in range(max(place - 3, context_start), place + 1):
            for high in range(max(place + 1, low + 2), min(place + 4, context_end) + 1):
                word = text[low:high]
                if _is_word(word) and word not in phrase:
                    return False
    return True


def _is_word(word: str) -> bool:
    return _frequency(word) > 0


def _frequency(word: str) -> int:
    """How often jieba's dictionary has seen a word."""
    if not jieba.dt.initialized:
        jieba.setLogLevel(logging.CRITICAL)
        jieba.initialize()
    return int(jieba.dt.FREQ.get(word) or 0)


def _parts(start: int, widths: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    parts = []
    for width in widths:
        parts.append((start, start + width))
        start += width
    return tuple(parts)


@cache
def _sound_table() -> dict[int, str]:
    """For `str.translate`: each Han character to one character for its toneless syllable."""
    numbers: dict[str, int] = {}
    return {
        code: chr(_FIRST_CODE + numbers.setdefault(_toneless(spoken), len(numbers)))
        for code, spoken in PINYIN_DICT.items()
    }


def _sounds(text: str) -> str:
    return text.translate(_sound_table())


@cache
def _syllable(char: str) -> str:
    spoken = PINYIN_DICT.get(ord(char))
    return _toneless(spoken) if spoken else ""


def _toneless(spoken: str) -> str:
    """The first reading of `zhòng,zhōng` without its tone."""
    return spoken.partition(",")[0].translate(_TONES)
