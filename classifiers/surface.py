"""What a text looks like, made plain without a dictionary: glyphs, marks, words pulled apart.

A clean text costs a few scans and keeps its offsets; only what is found is worked on.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache

from classifiers.char_classes import (
    BLANK,
    BREAK,
    CHANGED,
    COMMAS,
    DECORATED,
    DIGIT_LIKE,
    GAP,
    HALF,
    HAN_CHAR,
    HIDDEN,
    LATIN,
    LONE,
    LOOK_ALIKE,
    PICTURE,
    STRANGE,
    STYLED,
    STYLED_CHARS,
    TRADITIONAL,
    UNCOMMON,
    WEAK,
    classes_of,
    codes_of,
    held,
    neighbours,
    plain_codes,
    text_of,
)
from classifiers.glyphs import (
    DECORATION,
    HAN,
    INVISIBLE,
    PICTURES,
    SPLIT_GLYPHS,
    look_alikes,
    traditional_chars,
)
from classifiers.pinyin_table import PINYIN
from classifiers.plain_text import Cut, Noise, NormalText, cut
from classifiers.syllables import toneless

_DECORATED = re.compile(rf"[{DECORATION}](?:[{DECORATION}\s]*[{DECORATION}])?\s*(?=[{HAN}])")
_HAN = re.compile(f"[{HAN}]")

# A break or a separator beside a character that stands alone: a word was pulled apart.
_SEPARATED = re.compile(rf"(?<=[{HAN}])[{WEAK}]{{1,3}}(?=[{HAN}])")
_LISTED = re.compile(rf"(?<=[{HAN}])(?=[{WEAK}]*[{COMMAS}])[{WEAK}{COMMAS}]{{1,3}}(?=[{HAN}])")
_SPLIT_FIRST = re.compile(f"[{''.join(sorted({pair[0] for pair in SPLIT_GLYPHS}))}]")
_SPLIT = re.compile("|".join(map(re.escape, sorted(SPLIT_GLYPHS, key=len, reverse=True))))
_PICTURES = tuple(
    (char, re.compile(f"{before}[{pictures}]")) for char, (before, pictures) in PICTURES.items()
)
_STYLED = re.compile(f"[{STYLED_CHARS}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_LETTER_DIGITS = re.compile(
    r"(?<![a-z0-9])(?!o2o)(?:[il](?=[\do]{2})|\d)(?:[\do]|[il](?=\d))*(?:o|\d)(?![a-z])"
)
_LETTER_SPACED = re.compile(r"(?<!\S)\S(?:[ \n]{1,3}\S){5,}(?!\S)")
_FEW_GAPS = 5
_BLANKS = re.compile(r"[ \n]+")
_OFTEN = 4  # a mark that stands so often between characters stands for nothing
_FEW_LINES, _NARROWEST, _WIDEST, _WRAPPED_SHARE = 3, 4, 60, 0.5
_LETTERS = str.maketrans("oil", "011")
_SYLLABLE_WORD = re.compile(r"(?<![a-z])[a-z]{2,6}(?![a-z])")
_SPACED_DIGITS = re.compile(r"(?<![\d.] )(?<![\d.])\d(?: \d){2,}(?! ?[\d.])")
_EMOJI = 0x2190
TRADITIONAL_SHARE = 0.08
_PLAIN = HAN_CHAR | UNCOMMON


def plain_surface(text: str) -> NormalText:
    """The text in plain glyphs, without hidden marks and gaps, and what was found hiding."""
    codes = codes_of(text)
    classes = classes_of(codes)
    holds = held(classes)
    mapped = text_of(plain_codes(codes)) if holds & CHANGED else text
    noise = _strange_glyphs(text, holds) if holds & STRANGE else ()
    plain = NormalText(text, mapped, range(len(text)), range(1, len(text) + 1), noise)
    if text.isascii() or not holds & ~_PLAIN:
        return plain
    holds |= neighbours(codes)
    for wanted, find in _STEPS:
        if holds & wanted:
            cuts = find(plain.text)
            if cuts:
                plain = cut(plain, cuts)
                holds |= HAN_CHAR | GAP | LONE
    return plain


def _strange_glyphs(text: str, holds: int) -> tuple[Noise, ...]:
    """The disguises among the characters of a text."""
    noise = []
    if holds & STYLED:
        noise += [Noise("digits", *found.span()) for found in _STYLED.finditer(text)]
    if holds & LOOK_ALIKE:
        noise += [Noise("look_alike", *found.span()) for found in _look_alike().finditer(text)]
    if holds & TRADITIONAL:
        old = [found.span() for found in _traditional().finditer(text)]
        # A text that is traditional throughout is one; single such characters hide a word.
        if 0 < len(old) <= max(3, len(text) * TRADITIONAL_SHARE):
            noise += [Noise("traditional", *span) for span in old]
    return tuple(noise)


def _char_class(codes: list[int]) -> re.Pattern[str]:
    """An expression for any of these characters, written in ranges."""
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    body = "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in ranges)
    return re.compile(f"[{body}]")


@cache
def _look_alike() -> re.Pattern[str]:
    return _char_class([ord(char) for char in look_alikes()])


@cache
def _traditional() -> re.Pattern[str]:
    return _char_class([ord(char) for char in traditional_chars()])


def _invisible(text: str) -> list[Cut]:
    return [
        Cut(*found.span(), "", _mark_kind(text, found.start()))
        for found in _INVISIBLE.finditer(text)
    ]


def _mark_kind(text: str, at: int) -> str:
    """What an invisible mark does: draw a key around a digit, belong to an emoji, or hide."""
    if text[at] == "\u20e3":
        return "digits"
    return "" if _belongs_to_emoji(text, at) else "zero_width"


def _belongs_to_emoji(text: str, at: int) -> bool:
    """Whether an invisible mark follows an emoji, as it may."""
    before = text[at - 1] if at else ""
    if not before:
        return False
    return text[at] == "\ufe0f" or (ord(before) >= _EMOJI and not _HAN.match(before))


def _letter_spacing(text: str) -> list[Cut]:
    """All blanks and breaks of a stretch in which every character stands alone."""
    if sum(len(word) == 1 for word in text.split()) <= _FEW_GAPS:
        return []
    return [
        Cut(stretch.start() + gap.start(), stretch.start() + gap.end(), "", "spaced")
        for stretch in _LETTER_SPACED.finditer(text)
        for gap in _BLANKS.finditer(stretch[0])
    ]


def _hard_wraps(text: str) -> list[Cut]:
    """The breaks of a text that was cut into lines of one width, whatever stood there."""
    if text.count("\n") < _FEW_LINES:
        return []
    lines = text.split("\n")
    sizes = Counter(len(line) for line in lines if len(line) >= _NARROWEST)
    if not sizes:
        return []
    width = max(sizes)
    full = sizes[width]
    if width > _WIDEST or full < _FEW_LINES or full < _WRAPPED_SHARE * sum(sizes.values()):
        return []
    cuts, at = [], 0
    for line in lines[:-1]:
        at += len(line)
        if len(line) == width:
            cuts.append(Cut(at, at + 1, "", ""))
        at += 1
    return cuts


def _split_glyphs(text: str) -> list[Cut]:
    if _SPLIT_FIRST.search(text) is None:
        return []
    return [
        Cut(*found.span(), SPLIT_GLYPHS[found[0]], "split_glyph") for found in _SPLIT.finditer(text)
    ]


def _pictures(text: str) -> list[Cut]:
    return [
        Cut(found.end() - 1, found.end(), char, "look_alike")
        for char, pattern in _PICTURES
        for found in pattern.finditer(text)
    ]


def _decorations(text: str) -> list[Cut]:
    return [
        Cut(*found.span(), "", "inserted_symbol")
        for found in _DECORATED.finditer(text)
        if _is_han(text, found.start() - 1)
    ]


def _is_han(text: str, at: int) -> bool:
    return 0 <= at < len(text) and _HAN.match(text, at) is not None


def _separators(text: str) -> list[Cut]:
    """What stands beside a lone character, and what stands between characters again and again."""
    found: list[Cut] = []
    gaps = list(_SEPARATED.finditer(text))
    counts = Counter(gap[0] for gap in gaps)
    often = {mark for mark, count in counts.items() if count >= _OFTEN and not mark.isspace()}
    for gap in gaps:
        start, end = gap.span()
        if gap[0] in often or not _is_han(text, start - 2) or not _is_han(text, end + 1):
            kind = "spaced" if gap[0].isspace() else "inserted_symbol"
            found.append(Cut(start, end, "", kind))
        elif gap[0] == " ":
            found.append(Cut(start, end, "", ""))
    return found


def _commas(text: str) -> list[Cut]:
    """Commas and stops in a row of lone characters."""
    return [
        Cut(*gap.span(), "", "inserted_symbol")
        for gap in _LISTED.finditer(text)
        if not _is_han(text, gap.start() - 2)
        and not _is_han(text, gap.end() + 1)
        and _in_row(text, *gap.span(), gap[0])
    ]


def _in_row(text: str, start: int, end: int, mark: str) -> bool:
    """Whether the same mark stands on the other side of one of the lone characters too."""
    size = len(mark)
    before = text[max(0, start - 1 - size) : start - 1] == mark and _is_han(text, start - 2 - size)
    after = text[end + 1 : end + 1 + size] == mark and _is_han(text, end + 1 + size)
    return before or after


def _spaced_syllables(text: str) -> list[Cut]:
    """Blanks around a pinyin syllable among characters: 年 xi 高."""
    found: list[Cut] = []
    if " " not in text:
        return found
    for word in _SYLLABLE_WORD.finditer(text):
        if word[0] not in _syllables():
            continue
        start, end = word.span()
        before = start - 1 if text[start - 1 : start] == " " else start
        after = end + 1 if text[end : end + 1] == " " else end
        if not (_is_han(text, before - 1) or _is_han(text, after)):
            continue
        if before < start and _is_han(text, before - 1):
            found.append(Cut(before, start, "", "spaced"))
        if after > end and _is_han(text, after):
            found.append(Cut(end, after, "", "spaced"))
    return found


@cache
def _syllables() -> frozenset[str]:
    return frozenset(map(toneless, PINYIN.values()))


def _disguised_digits(text: str) -> list[Cut]:
    """Letters for digits (2OO, I5O), and digits set apart (1 3 8 0 0)."""
    found = []
    if "o" in text or "l" in text or "i" in text:
        for number in _LETTER_DIGITS.finditer(text):
            found += [
                Cut(place, place + 1, text[place].translate(_LETTERS), "digits")
                for place in range(*number.span())
                if text[place] in "oil"
            ]
    for number in _SPACED_DIGITS.finditer(text):
        found += [
            Cut(place, place + 1, "", "spaced")
            for place in range(*number.span())
            if text[place] == " "
        ]
    return sorted(found)


# In order, each with the classes of characters of which one must stand in the text.
_STEPS: tuple[tuple[int, Callable[[str], list[Cut]]], ...] = (
    (HIDDEN, _invisible),
    (BREAK, _hard_wraps),
    (BLANK | BREAK, _letter_spacing),
    (HALF, _split_glyphs),
    (PICTURE, _pictures),
    (DECORATED, _decorations),
    (DIGIT_LIKE | BLANK, _disguised_digits),
    (GAP, _separators),
    (LONE, _commas),
    (LATIN, _spaced_syllables),
)
