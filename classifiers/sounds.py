"""What phrases sound like, and where a text sounds like one of them.

A character is the number of its syllable, in two bytes; syllables that are easily confused share
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import Any, Self

import numpy as np

from classifiers.char_classes import Codes
from classifiers.pinyin_table import PINYIN
from classifiers.syllables import merged, readings, toneless

LONGEST = 8  # characters of a phrase
_SYLLABLES = 512  # more than there are; 0 stands for what has no sound
_PAIRS, _THIRD = _SYLLABLES * _SYLLABLES, 7_919  # the former a power of two
_BMP = 0x10000
_MOST_SOUNDS = 8
# By bits: the lengths that are meant, three for the lowest.
_LENGTHS = tuple(
    tuple(bit + 3 for bit in range(LONGEST - 2) if bits >> bit & 1)
    for bits in range(1 << LONGEST - 2)
)


@dataclass(frozen=True, slots=True)
class SoundIndex:
    """Phrases by their sound, two bytes a character.

    A pair is two syllables as one number. `first` and `second` are the characters of the phrase
    of two that has a pair, `lengths` has a bit for each length of a longer phrase that begins with
    it, `thirds` whether its further syllable, hashed with the pair, begins any.
    """

    phrases: dict[bytes, str]
    first: Codes
    second: Codes
    lengths: np.ndarray[tuple[int], np.dtype[np.uint8]]
    thirds: np.ndarray[tuple[int], np.dtype[np.bool_]]

    @classmethod
    def of(cls, phrases: dict[bytes, str]) -> Self:
        """The tables of these phrases."""
        first, second, lengths = (np.zeros(_PAIRS, kind) for kind in ("<u4", "<u4", np.uint8))
        thirds = np.zeros(_PAIRS, np.bool_)
        for sound, phrase in phrases.items():
            spoken = np.frombuffer(sound, "<u2").astype(np.int64)
            pair = spoken[0] * _SYLLABLES + spoken[1]
            if len(phrase) == 2:  # noqa: PLR2004 (a pair is all of it)
                first[pair], second[pair] = map(ord, phrase)
            else:
                lengths[pair] |= 1 << (len(phrase) - 3)
                thirds[_with_third(pair, spoken[2])] = True
        return cls(phrases, first, second, lengths, thirds)

    def heard_in(self, codes: Codes) -> Iterator[tuple[int, int, str]]:
        """Start, end and phrase where a text sounds like one; of two characters, one is its own."""
        sounds = _syllables_of(codes).astype(np.int64)
        pairs = sounds[:-1] * _SYLLABLES + sounds[1:]
        half = (self.first[pairs] == codes[:-1]) ^ (self.second[pairs] == codes[1:])
        spoken, phrases, size = sounds.astype("<u2").tobytes(), self.phrases, len(codes)
        for start in half.nonzero()[0].tolist():
            phrase = phrases.get(spoken[2 * start : 2 * start + 4])
            if phrase is not None:
                yield start, start + 2, phrase
        lengths = self.lengths[pairs[:-1]] * self.thirds[_with_third(pairs[:-1], sounds[2:])]
        starts = lengths.nonzero()[0]
        for start, bits in zip(starts.tolist(), lengths[starts].tolist(), strict=True):
            for length in _LENGTHS[bits]:
                end = start + length
                phrase = phrases.get(spoken[2 * start : 2 * end]) if end <= size else None
                if phrase is not None:
                    yield start, end, phrase


def _with_third(pair: Any, third: Any) -> Any:
    """The place of three syllables in a table, shared by some that differ."""
    return (pair * _THIRD + third) & (_PAIRS - 1)


@cache
def _numbers() -> dict[str, int]:
    """A number for each syllable, those that are easily confused sharing one."""
    numbers: dict[str, int] = {}
    for spoken in PINYIN.values():
        for reading in spoken.split(","):
            numbers.setdefault(merged(toneless(reading)), 1 + len(numbers))
    return numbers


@cache
def _sound_array() -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    """Each character of the basic plane as the number of its syllable; 0 has none."""
    table = np.zeros(_BMP + 1, dtype="<u2")
    for code, spoken in PINYIN.items():
        if code < _BMP:
            table[code] = _numbers()[merged(toneless(spoken))]
    return table


def sounds_of(codes: Codes) -> bytes:
    """Two bytes a character: what it sounds like."""
    return bytes(_syllables_of(codes).tobytes())


def _syllables_of(codes: Codes) -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    return _sound_array()[np.minimum(codes, _BMP)]


def all_sounds(phrase: str) -> Iterable[bytes]:
    """The phrase in all readings of its characters, the usual ones first."""
    return map(b"".join, islice(product(*map(_char_sounds, phrase)), _MOST_SOUNDS))


@cache
def _char_sounds(char: str) -> tuple[bytes, ...]:
    """Two bytes for each reading of a character."""
    numbers = (_numbers()[merged(one)] for one in readings(char))
    return tuple(number.to_bytes(2, "little") for number in numbers) or (bytes(2),)
