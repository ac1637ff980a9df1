"""The bare text: Han characters, Latin letters and digits alone, in plain glyphs.

Whatever is put between the characters of a word is gone, so that a word that stands in the plain
form of a text stands in its bare form too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

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


@dataclass(frozen=True)
class BareText:
    """Several texts bared and joined, with what was there before.

    `places` is where each character of `codes` stood in what was joined, `written` the whole of it
    in plain glyphs, `holds` the classes of characters that were written. What only some readers
    ask for is made when it is first asked for.
    """

    codes: Codes
    places: npt.NDArray[np.intp]
    written: Codes
    holds: int
    texts: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> BareText:
        """The bare form of texts that are read apart."""
        listed = list(texts)
        codes = codes_of(JOINT.join(listed))
        classes = _kinds()[codes]
        written = plain_codes(codes)
        places = (classes & _KEPT).nonzero()[0]
        return cls(written[places], places, written, held(classes), len(listed))

    @cached_property
    def text(self) -> str:
        """The bare characters."""
        return text_of(self.codes)

    @cached_property
    def plain(self) -> str:
        """The text with its marks."""
        return text_of(self.written)

    @cached_property
    def touching(self) -> bytes:
        """A byte for each bare character, 1 where nothing stood before the next."""
        touching = np.zeros(len(self.places), np.uint8)
        touching[:-1] = self.places[1:] - self.places[:-1] == 1
        return touching.tobytes()

    @cached_property
    def joints(self) -> list[int]:
        """Where the joints stand among the bare characters."""
        found: list[int] = (self.codes == ord(JOINT)).nonzero()[0].tolist()
        return found

    @property
    def odd(self) -> bool:
        """Whether there is anything that no bare text shows."""
        return bool(self.holds & _ODD) or len(self.joints) != max(self.texts - 1, 0)


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
