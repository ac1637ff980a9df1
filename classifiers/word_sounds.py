"""Words of the dictionary by one character and the sound of the other: 安 and xin make 安心.

What reads a syllable or an unheard-of character where an ordinary word is meant, whatever the
word. Built when the first text calls for it.
"""

import re
from collections.abc import Iterator
from functools import cache

from classifiers.dictionary import dictionary
from classifiers.glyphs import HAN, common_chars, is_common
from classifiers.syllables import readings

_TOKEN = re.compile(r"(?<![a-z0-9])[a-z]{2,6}(?![a-z0-9])")
_HAN = re.compile(f"[{HAN}]")
_LATIN_RUN = re.compile(r"[a-z]{2,}")
_LONGEST_SYLLABLE = 6
_LEAST = 5  # how often the dictionary must have seen a word


def frequency(word: str) -> int:
    """How often jieba's dictionary has seen a word."""
    return dictionary().get(word) or 0


def hidden_words(text: str) -> Iterator[tuple[int, int, str, str, tuple[int, int]]]:
    """Start, end, word, kind, and the place of what stands for one of its two characters."""
    for place, sound, kind in (*_syllables(text), *_rare(text)):
        start, end = place
        before, after = text[start - 1 : start], text[end : end + 1]
        choices = []
        if before and _HAN.match(before) and (found := _by_sound().get(before + sound)):
            choices.append((frequency(found), start - 1, end, found))
        if after and _HAN.match(after) and (found := _by_sound().get(sound + after)):
            choices.append((frequency(found), start, end + 1, found))
        if choices:
            _, low, high, word = max(choices)
            yield low, high, word, kind, place


def may_hide_words(bare: str, touching: bytes, *, rare: bool) -> bool:
    """Whether `hidden_words` may find any in a text of which only letters and digits are left.

    `touching` has a byte for each character, 1 where nothing stood between it and the next; `rare`
    says whether there are rare characters.
    """
    return (rare and _may_be_rare(bare)) or any(
        _may_be_syllable(bare, touching, *run.span()) for run in _LATIN_RUN.finditer(bare)
    )


def _may_be_rare(bare: str) -> bool:
    for char in _uncommon().finditer(bare):
        start, end = char.span()
        before, after = bare[start - 1 : start], bare[end : end + 1]
        for sound in readings(char[0])[:1]:
            if before + sound in _by_sound() or sound + after in _by_sound():
                return True
    return False


def _may_be_syllable(bare: str, touching: bytes, start: int, end: int) -> bool:
    """Whether the first or the last letters of a run sound like half a word with what is beside."""
    before, after = bare[start - 1 : start] if start else "", bare[end : end + 1]
    for size in range(2, min(_LONGEST_SYLLABLE, end - start) + 1):
        whole = size == end - start
        first = whole or not touching[start + size - 1]
        if first and before + bare[start : start + size] in _by_sound():
            return True
        last = whole or not touching[end - size - 1]
        if last and bare[end - size : end] + after in _by_sound():
            return True
    return False


def _syllables(text: str) -> Iterator[tuple[tuple[int, int], str, str]]:
    for token in _TOKEN.finditer(text):
        yield token.span(), token[0], "pinyin"


def _rare(text: str) -> Iterator[tuple[tuple[int, int], str, str]]:
    for char in _uncommon().finditer(text):
        for sound in readings(char[0])[:1]:
            yield char.span(), sound, "homophone"


@cache
def _uncommon() -> re.Pattern[str]:
    """Han characters that the simplified standard lacks, in ranges."""
    codes = [code for code in range(0x3400, 0xA000) if not is_common(chr(code))]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges) + "]")


@cache
def _by_sound() -> dict[str, str]:
    found: dict[str, str] = {}
    seen: dict[str, int] = {}
    usual = {char: readings(char)[0] for char in common_chars() if readings(char)}
    for word, count in dictionary().items():
        if len(word) != 2 or count < _LEAST:  # noqa: PLR2004 (characters of a word)
            continue
        first, second = usual.get(word[0]), usual.get(word[1])
        if first is None or second is None:
            continue
        for key in (word[0] + second, first + word[1]):
            if count > seen.get(key, 0):
                seen[key], found[key] = count, word
    return found
