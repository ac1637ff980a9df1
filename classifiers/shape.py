"""The shape of a normalised text: one letter a character, in bytes that are searched fast.

What reads numbers, contacts and names first asks the shape where such can stand at all.
"""

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from classifiers.char_classes import Codes, codes_of, text_of

# Later ones count: 两 is both a numeral and a unit.
_LETTERS = {
    "l": "abcdefghijklmnopqrstuvwxyz",
    "u": "元块刀美港人圆蚊",
    "n": "零〇一二三四五六七八九两半壹贰叁肆伍陆柒捌玖几幺",
    "N": "十百千万拾佰仟亿",
    "d": "0123456789",
    "y": "¥￥$",
    "g": " -.*~_/、·",
    "@": "@",
    "q": '“‘「『《【"',
}
OTHER = ord(".")
_LAST = 0x110000
# Wide punctuation in the narrow form that the rulebook's expressions are written in.
_NARROW = str.maketrans("，；！？：（）～＂", ',;!?:()~"')
_NUMERAL = re.compile(rb"[dnN]")
_HAS_NUMBER = re.compile(rb"(?:[dn]g{0,2}){4}[dn]")


class Shape:
    """The shape of a text and its narrow form, which has the same length."""

    __slots__ = ("letters", "narrow", "text")

    def __init__(self, text: str) -> None:
        codes = codes_of(text)
        self.text = text
        self.narrow = text_of(_narrow()[codes])
        self.letters = letters_of(codes).tobytes()

    @property
    def has_numeral(self) -> bool:
        """Whether a digit or a numeral of any script stands in the text."""
        return _NUMERAL.search(self.letters) is not None

    @property
    def has_number(self) -> bool:
        """Whether five digits of any script stand in a row, joined or set apart."""
        return _HAS_NUMBER.search(self.letters) is not None

    def holds(self, letter: bytes) -> bool:
        """Whether some character has this letter."""
        return letter in self.letters

    def at_numerals(
        self, pattern: re.Pattern[str], runs: re.Pattern[bytes]
    ) -> Iterator[re.Match[str]]:
        """The matches of a pattern in the narrow text, as `finditer` has them.

        Every match must begin at a numeral or a sign of currency; `runs` finds, in the letters,
        the runs of these that are worth a try.
        """
        reached = 0
        for run in runs.finditer(self.letters):
            at, end = max(run.start(), reached), run.end()
            while at < end:
                match = pattern.match(self.narrow, at)
                at = at + 1 if match is None else max(match.end(), at + 1)
                if match is not None:
                    reached = at
                    yield match


def letters_of(codes: Codes) -> npt.NDArray[np.uint8]:
    """The letters of code points."""
    return _letters()[codes]


@cache
def _letters() -> npt.NDArray[np.uint8]:
    table = np.full(_LAST, OTHER, np.uint8)
    for letter, chars in _LETTERS.items():
        table[[ord(char) for char in chars]] = ord(letter)
    return table


@cache
def _narrow() -> Codes:
    table = np.arange(_LAST, dtype="<u4")
    for wide, narrow in _NARROW.items():
        table[wide] = narrow if isinstance(narrow, int) else ord(narrow)
    return table
