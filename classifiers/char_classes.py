"""What kinds of characters a text holds, asked of all of them at once.

Most texts hide nothing. One table look-up says which of the disguises a text can hold at all, so
that only those are looked for.
"""

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from classifiers.glyphs import (
    DECORATION,
    HAN,
    INVISIBLE,
    PICTURES,
    SPLIT_GLYPHS,
    glyph_table,
    is_common,
    look_alikes,
    traditional_chars,
)

# Of the character as it was written.
CHANGED, STRANGE, STYLED, LOOK_ALIKE, TRADITIONAL = 1, 2, 4, 8, 16
# Of the plain one that it stands for.
HIDDEN, BLANK, BREAK, WEAK_MARK, DECORATED, PICTURE, HALF = 32, 64, 128, 256, 512, 1024, 2048
HAN_CHAR, DIGIT, LATIN, DIGIT_LIKE, UNCOMMON = 4096, 8192, 16384, 32768, 65536
COMMA = 131072
# Of neighbours: a weak mark behind a Han character; a lone one before a mark, and one behind.
GAP, LONE = 262144, 524288

COMMAS = ",，、。!！"
_LONE_BEFORE, _LONE_BEHIND = re.compile(rb"(?<!h)h[wc]"), re.compile(rb"[wc]h(?!h)")

STYLED_CHARS = (
    "\u2460-\u24ff\u2776-\u2793\u3200-\u33ff\U0001d400-\U0001d7ff\U0001f100-\U0001f260"
    "\u2070-\u2089\u00b2\u00b3\u00b9"
)
# What may stand inside a word that somebody hides: no letter, no digit, no mark of a sentence.
# Written for a class of an expression.
WEAK = (
    r" \n\t/\\\-_.+=|*~^#&@`'<>…·•"
    "\u2010-\u2015\u2190-\u2bff\u3003-\u3007\u3012-\u3037\u2e80-\u2eff"
    "\ufe30-\ufe4f\U0001f000-\U0001faff"
)
_LAST = 0x110000
_FIRST_PRINTED, _LAST_ASCII = 0x20, 0x7F

Codes = npt.NDArray[np.uint32]
Classes = npt.NDArray[np.uint32]


def codes_of(text: str) -> Codes:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def text_of(codes: Codes) -> str:
    """The text of code points."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def classes_of(codes: Codes) -> Classes:
    """The classes of each character, in bits."""
    return _classes()[codes]


def plain_codes(codes: Codes) -> Codes:
    """Each character as the one it stands for."""
    return _plain()[codes]


def held(classes: Classes) -> int:
    """All classes that some character is of."""
    return int(np.bitwise_or.reduce(classes)) if len(classes) else 0


def neighbours(codes: Codes) -> int:
    """GAP and LONE, where the text has such neighbours."""
    kinds = _kinds()[codes].tobytes()
    found = GAP if b"hw" in kinds else 0
    if _LONE_BEFORE.search(kinds) and _LONE_BEHIND.search(kinds):
        found |= LONE
    return found


def spans_of(ranges: str) -> list[int]:
    """The code points that ranges like `a-z` name."""
    codes: list[int] = []
    at = 0
    while at < len(ranges):
        if ranges[at + 1 : at + 2] == "-" and at + 2 < len(ranges):
            codes += range(ord(ranges[at]), ord(ranges[at + 2]) + 1)
            at += 3
        else:
            codes.append(ord(ranges[at]))
            at += 1
    return codes


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """One letter a character: h for Han, w for a weak mark, c for a comma."""
    classes = _classes()
    kinds = np.full(_LAST, ord("."), np.uint8)
    for kind, letter in ((COMMA, "c"), (WEAK_MARK, "w"), (HAN_CHAR, "h")):
        kinds[(classes & kind) != 0] = ord(letter)
    return kinds


@cache
def _plain() -> Codes:
    table = np.arange(_LAST, dtype="<u4")
    for code, plain in glyph_table().items():
        table[code] = ord(plain)
    return table


@cache
def _classes() -> Classes:
    written, plain = np.zeros(_LAST, "<u4"), np.zeros(_LAST, "<u4")
    changed = np.fromiter(glyph_table(), np.int64)
    written[changed] |= CHANGED
    printed = changed[(changed > _LAST_ASCII) | (changed < _FIRST_PRINTED)]
    written[printed] |= STRANGE
    written[spans_of(STYLED_CHARS)] |= STYLED
    written[[ord(char) for char in look_alikes()]] |= LOOK_ALIKE
    written[[ord(char) for char in traditional_chars()]] |= TRADITIONAL
    plain[spans_of(INVISIBLE)] |= HIDDEN
    plain[[ord(" ")]] |= BLANK
    plain[[ord("\n")]] |= BREAK
    plain[_weak_codes()] |= WEAK_MARK
    plain[spans_of(DECORATION)] |= DECORATED
    plain[[ord(char) for _, pictures in PICTURES.values() for char in pictures]] |= PICTURE
    plain[[ord(pair[0]) for pair in SPLIT_GLYPHS]] |= HALF
    han = spans_of(HAN)
    plain[han] |= HAN_CHAR
    plain[[code for code in range(0x3400, 0xA000) if not is_common(chr(code))]] |= UNCOMMON
    plain[[ord(char) for char in COMMAS]] |= COMMA
    plain[spans_of("0-9")] |= DIGIT
    plain[spans_of("a-z")] |= LATIN
    plain[[ord(char) for char in "oil"]] |= DIGIT_LIKE
    written |= plain[_plain()]
    return written


def _weak_codes() -> list[int]:
    planes = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x20000))))
    return list(map(ord, re.findall(f"[{WEAK}]", planes)))
