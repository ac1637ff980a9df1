"""The bare text: Han characters, Latin letters and digits alone, in plain glyphs.

Whatever is put between the characters of a word is gone, so that a word that stands in the plain
form of a text stands in its bare form too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from classifiers.char_classes import (
    DIGIT,
    HAN_CHAR,
    LATIN,
    PICTURE,
    Classes,
    Codes,
    classes_of,
    codes_of,
    held,
    plain_codes,
    text_of,
)

JOINT = "\x1e"  # stands between texts that are read at once, and in none
_KEPT, _FOREIGN = 1 << 30, 1 << 31
_ODD = _FOREIGN | PICTURE
_LAST = 0x110000


@dataclass(frozen=True, slots=True)
class BareText:
    """Several texts bared and joined, with what was there before.

    `touching` has a byte for each character of `text`, 1 where nothing stood before the next, and
    `places` where it stood in what was joined; `plain` is the text with its marks, `holds` the
    classes of characters that were written, `odd` whether there is anything that no bare text
    shows.
    """

    text: str
    codes: Codes
    places: npt.NDArray[np.intp]
    touching: bytes
    plain: str
    holds: int
    odd: bool

    @classmethod
    def of(cls, texts: Iterable[str]) -> BareText:
        """The bare form of texts that are read apart."""
        listed = list(texts)
        written = codes_of(JOINT.join(listed))
        classes = _kinds()[written]
        holds = held(classes)
        plain = plain_codes(written)
        places = np.flatnonzero(classes & _KEPT)
        codes = plain[places]
        touching = np.zeros(len(places), np.uint8)
        touching[:-1] = places[1:] - places[:-1] == 1
        text = text_of(codes)
        odd = bool(holds & _ODD) or text.count(JOINT) != max(len(listed) - 1, 0)
        return cls(text, codes, places, touching.tobytes(), text_of(plain), holds, odd)


def bare(text: str) -> str:
    """The bare form of one text."""
    return BareText.of((text,)).text


def bare_all(texts: Iterable[str]) -> list[str]:
    """The bare form of each of some texts."""
    return BareText.of(texts).text.split(JOINT)


def _beyond_ascii() -> str:
    return "".join(map(chr, (*range(0x80, 0xD800), *range(0xE000, _LAST))))


@cache
def _kinds() -> Classes:
    """The classes of characters, and what is kept or odd about them.

    Odd are decimal digits of other scripts, which expressions take for digits.
    """
    kinds = classes_of(np.arange(_LAST, dtype="<u4"))
    kinds[(kinds & (HAN_CHAR | DIGIT | LATIN)) != 0] |= _KEPT
    kinds[ord(JOINT)] |= _KEPT
    kinds[[ord(char) for char in re.findall(r"\d", _beyond_ascii())]] |= _FOREIGN
    return kinds
