"""Hidden spellings of known phrases: pinyin for a character (理cai), homophones (年华收溢)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil

import ahocorasick_rs

from classifiers.char_classes import LATIN, UNCOMMON, Codes, classes_of, codes_of, held
from classifiers.dictionary import dictionary
from classifiers.glyphs import HAN
from classifiers.sounds import LONGEST, SoundIndex, all_sounds, sounds_of
from classifiers.syllables import readings
from classifiers.word_sounds import frequency, hidden_words, may_hide_words

_HAN = re.compile(f"[{HAN}]")
_LATIN_BESIDE_HAN = re.compile(rf"[a-z](?=[{HAN}])|(?<=[{HAN}])[a-z]")
_LATIN_RUN = re.compile("[a-z]+")
# The plain words of the trade, for which others are written; rules need not list them.
_PLAIN = (
    "微信", "返利", "本金", "理财", "收益", "投资", "保本", "分红", "年化", "月息", "日息", "利息",
    "本息", "回本", "翻倍", "高息", "返现", "返还", "回报", "年息", "月返", "日返", "保息", "稳赚",
    "加盟", "无风险", "零风险", "高收益", "高回报", "年化收益", "保本保息", "稳赚不赔", "电话",
    "扫码",
)  # fmt: skip
_POINTING = frozenset("本我该此您你他这那")
_WHOLE_PINYIN, _WHOLE_LETTERS = 3, 5
_INITIAL_FROM = 3  # shorter phrases cannot spare a character for a lone letter


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
    def _by_sound(self) -> SoundIndex:
        keys: dict[bytes, str] = {}
        # Of phrases that sound alike, the plain word is what the others stand for.
        for phrase in (*_PLAIN, *sorted(self.phrases, key=frequency, reverse=True)):
            if len(phrase) == 2 and phrase[0] in _POINTING and phrase not in _PLAIN:  # noqa: PLR2004
                continue  # 本行 sounds like the beginning of too many sentences
            for sound in all_sounds(phrase):
                keys.setdefault(sound, phrase)
        return SoundIndex.of(keys)

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
        plain = {sounds_of(codes_of(word)): word for word in _PLAIN}
        return frozenset(
            phrase
            for phrase in self.phrases
            if plain.get(sounds_of(codes_of(phrase)), phrase) != phrase
        )

    def spans_phrase(self, before: str, after: str) -> bool:
        """Whether a phrase begins in `before` and ends in `after`, as their only good reading.

        管理 and 财务 on two lines hold 理财 only by chance: both halves belong to other words.
        """
        window, seam = before + after, len(before)
        for start in range(max(0, seam - LONGEST + 1), seam):
            for end in range(seam + 1, min(len(window), start + LONGEST) + 1):
                if window[start:end] in self._known and not _is_chance(window, start, seam, end):
                    return True
        return False

    def find(self, text: str, codes: Codes) -> tuple[Fold, ...]:
        """The hidden phrases of `text`, whose code points are given, in order.

        Where they overlap, the longest stands.
        """
        holds = held(classes_of(codes))
        spelt = bool(holds & LATIN) and _LATIN_BESIDE_HAN.search(text) is not None
        found = self._spelt(text) if spelt else []
        found += self._sounding(text, codes)
        if self.phrases and (spelt or holds & UNCOMMON):
            found += _other_words(text)
        if len(found) < 2:  # noqa: PLR2004 (nothing to choose from)
            return tuple(found)
        taken: list[Fold] = []
        covered = bytearray(len(text))
        for fold in sorted(found, key=lambda fold: (fold.start - fold.end, fold.start)):
            if not any(covered[fold.start : fold.end]):
                covered[fold.start : fold.end] = b"\1" * (fold.end - fold.start)
                taken.append(fold)
        return tuple(sorted(taken, key=lambda fold: fold.start))

    def may_hide(self, bare: str, codes: Codes, touching: bytes, *, rare: bool) -> bool:
        """Whether a text whose letters and digits are `bare` may hold any fold, however it is set.

        `touching` has a byte for each character, 1 where nothing stood between it and the next;
        `rare` says whether there are rare characters.
        """
        return (
            self._may_sound(bare, codes, touching)
            or self._may_be_spelt(bare, touching)
            or may_hide_words(bare, touching, rare=rare)
        )

    def _may_sound(self, bare: str, codes: Codes, touching: bytes) -> bool:
        for start, end, phrase, changed in self._sound_alikes(bare, codes):
            low, high = max(start - 2, 0), end + 2  # all that decides
            window, near = bare[low:high], touching[low:high]
            if _is_alone(window, start - low, phrase, changed, near):
                return True
        return False

    def _sound_alikes(
        self, text: str, codes: Codes
    ) -> Iterator[tuple[int, int, str, tuple[int, ...]]]:
        """Start and end of what sounds like a phrase, the phrase, and which places differ."""
        known = self._known
        for start, end, phrase in self._by_sound.heard_in(codes) if self.phrases else ():
            window = text[start:end]
            if window != phrase and window not in known:
                changed = _changed(window, phrase)
                if changed:
                    yield start, end, phrase, changed

    def _may_be_spelt(self, bare: str, touching: bytes) -> bool:
        automaton, _ = self._by_letters
        for run in _LATIN_RUN.finditer(bare) if self.spellings else ():
            low = max(run.start() - LONGEST, 0)
            window = bare[low : run.end() + LONGEST]
            for _, start, end in automaton.find_matches_as_indexes(window, overlapping=True):
                before, behind = low + start - 1, low + end - 1
                if not (_joins(bare, touching, before) or _joins(bare, touching, behind)):
                    return True
        return False

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

    def _sounding(self, text: str, codes: Codes) -> Iterator[Fold]:
        for start, end, phrase, changed in self._sound_alikes(text, codes):
            if _is_disguise(text, start, phrase, changed):
                parts = tuple((place, place + 1) for place in range(start, end))
                yield Fold(start, end, phrase, "homophone", parts)


def _other_words(text: str) -> Iterable[Fold]:
    """Words that no phrase names, with a syllable or a strange character for one half."""
    for start, end, word, kind, (low, high) in hidden_words(text):
        parts = ((low, high), (high, end)) if start == low else ((start, low), (low, high))
        yield Fold(start, end, word, kind, parts)


def build_phrases(phrases: Iterable[str]) -> Folder:
    """A folder for phrases that are normalised already; those with other than Han are left out."""
    kept = sorted(
        {
            phrase
            for phrase in phrases
            if 1 < len(phrase) <= LONGEST and all(map(_HAN.match, phrase))
        }
    )
    spellings: dict[str, tuple[str, tuple[int, ...]]] = {}
    for phrase in (*_PLAIN, *kept) if kept else ():
        for spelt, widths in _spellings(phrase):
            spellings.setdefault(spelt, (phrase, widths))
    return Folder(tuple(kept), spellings)


def _spellings(phrase: str) -> Iterable[tuple[str, tuple[int, ...]]]:
    """The phrase with one or more neighbouring characters in pinyin, one at least left as it is.

    All may be in pinyin where that is long enough to be no other word, and one may be its initial
    where the others leave no doubt.
    """
    syllables = [readings(char)[:1] for char in phrase]
    if not all(syllables):
        return
    spoken = [syllable for (syllable,) in syllables]
    lengths = tuple(map(len, spoken))
    size = len(phrase)
    ones = (1,) * size
    for first in range(size):
        for last in range(first + 1, size + 1):
            middle = "".join(spoken[first:last])
            whole = last - first == size
            if whole and size < _WHOLE_PINYIN and len(middle) < _WHOLE_LETTERS:
                continue
            if len(middle) < 2:  # noqa: PLR2004 (a lone letter says little)
                continue
            widths = ones[:first] + lengths[first:last] + ones[last:]
            yield phrase[:first] + middle + phrase[last:], widths
        if size >= _INITIAL_FROM:
            yield phrase[:first] + spoken[first][0] + phrase[first + 1 :], ones


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether the spelling begins or ends inside a longer Latin word."""
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    return (_is_latin(before) and _is_latin(text[start])) or (
        _is_latin(after) and _is_latin(text[end - 1])
    )


def _joins(bare: str, touching: bytes, at: int) -> bool:
    """Whether the characters at a place and behind it are of one Latin word."""
    return at >= 0 and bool(touching[at]) and _is_latin(bare[at : at + 2])


def _is_latin(text: str) -> bool:
    return text.isascii() and text.isalpha()


@lru_cache(maxsize=50_000)
def _changed(window: str, phrase: str) -> tuple[int, ...]:
    """The places where a window of a phrase's sound has other characters; none if it says more.

    Half of the characters at least must be the phrase's own, and the window must be no word.
    """
    changed = tuple(at for at in range(len(phrase)) if window[at] != phrase[at])
    enough = len(phrase) - len(changed) >= ceil(len(phrase) / 2)
    return changed if enough and not _is_word(window) else ()


def _is_disguise(
    text: str, start: int, phrase: str, changed: tuple[int, ...], touching: bytes = b""
) -> bool:
    """Whether what stands at `start` and sounds like `phrase` is no other words.

    A disguise makes no sense by itself: where the changed characters belong to words of the
    dictionary, in the window or across its ends, it is other words. Where `touching` is given, only
    characters that touch make such a word.
    """
    end = start + len(phrase)
    # Of a long phrase the rest leaves no doubt; then only a word that reaches beyond it counts.
    sure = len(phrase) >= 4 * len(changed)
    least, most = max(start - 2, 0), min(end + 2, len(text))
    words = dictionary()
    for at in changed:
        place = start + at
        for low in range(place, max(place - 3, least) - 1, -1):
            for high in range(max(place + 1, low + 2), min(place + 4, most) + 1):
                word = text[low:high]
                settled = sure and start <= low and high <= end
                apart = bool(touching) and 0 in touching[low : high - 1]
                if words.get(word) and not settled and word not in phrase and not apart:
                    return False
    return True


# The same words stand beside one another on page after page.
_is_alone = lru_cache(maxsize=50_000)(_is_disguise)


def _is_chance(window: str, start: int, seam: int, end: int) -> bool:
    """Whether both parts of a phrase that a gap divides belong to longer words on their sides."""
    left = any(_is_word(window[low:seam]) for low in range(max(0, start - 3), start))
    right = any(
        _is_word(window[seam:high]) for high in range(end + 1, min(end + 4, len(window) + 1))
    )
    return left and right


def _is_word(word: str) -> bool:
    return frequency(word) > 0


def _parts(start: int, widths: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    parts = []
    for width in widths:
        parts.append((start, start + width))
        start += width
    return tuple(parts)
