"""Text as a reader understands it, with the way back to the original characters.

Rules see one plain form: simplified, half-width, lower case, without what is put between the
characters of a word to hide it. Every place of it leads back to the original text.
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classifiers.folding import Fold, Folder, build_phrases
from classifiers.glyphs import (
    DECORATION,
    HAN,
    INVISIBLE,
    SPLIT_GLYPHS,
    glyph_table,
    traditional_chars,
)

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_HAN = re.compile(f"[{HAN}]")
_DECORATION = re.compile(
    rf"(?<=[{HAN}])[{DECORATION}\s]*[{DECORATION}][{DECORATION}\s]*(?=[{HAN}])"
)
# A space, a break or a separator beside a character that stands alone: a word was pulled apart.
_APART = re.compile(
    rf"(?<=(?<![{HAN}])[{HAN}])(?:[ \n]|[/.\-+=…]){{1,3}}(?=[{HAN}])"
    rf"|(?<=[{HAN}])(?:[ \n]|[/.\-+=…]){{1,3}}(?=[{HAN}](?![{HAN}]))"
)
_SPLIT = re.compile("|".join(map(re.escape, SPLIT_GLYPHS)))
_STYLED = re.compile(
    "[\u2460-\u24ff\u2776-\u2793\u3200-\u33ff\U0001d400-\U0001d7ff\U0001f100-\U0001f260\u20e3]"
)
SHORT_TEXT = 400
_TERMINATORS = "。！？!?；;\n"
_SENTENCE = re.compile(rf"[^{_TERMINATORS}]*[{_TERMINATORS}]*[”’」』）)]*")
_CLAUSE = re.compile(rf"[^{_TERMINATORS}，,：:、 —]*[{_TERMINATORS}，,：:、 —]*")

__all__ = [
    "Folder", "Noise", "NormalText", "build_folder", "clause_spans", "evasion_kinds", "normalize",
    "sentence_spans",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noise:
    """Something that hides a word: its kind, and where it stands in the original."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NormalText:
    """The plain form of `original`; character i of `text` stood at `starts[i]` to `ends[i]`."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    noise: tuple[Noise, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span that was normalised to `text[start:end]`."""
        if start >= end:
            at = self.starts[start] if start < len(self.text) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]


def build_folder(phrases: Iterable[str]) -> Folder:
    """What recognises these phrases through pinyin and homophones."""
    return build_phrases(_surface(phrase).text for phrase in phrases)


def normalize(text: str, folder: Folder | None = None) -> NormalText:
    """The plain form of `text`. With a folder, hidden spellings of its phrases are undone too."""
    plain = _surface(text)
    if folder is None:
        return plain
    folds = folder.find(plain.text)
    return _replaced(plain, folds) if folds else plain


def sentence_spans(normal: NormalText) -> tuple[tuple[int, int], ...]:
    """The sentences of the plain text, in order and without gaps."""
    return _spans(_SENTENCE, normal.text)


def clause_spans(normal: NormalText) -> tuple[tuple[int, int], ...]:
    """The clauses of the plain text, in order and without gaps."""
    return _spans(_CLAUSE, normal.text)


def _spans(pattern: re.Pattern[str], text: str) -> tuple[tuple[int, int], ...]:
    return tuple(found.span() for found in pattern.finditer(text) if found.end() > found.start())


def evasion_kinds(
    normal: NormalText, words: Iterable[tuple[int, int]] | None = None
) -> tuple[str, ...]:
    """Which ways of hiding words were used, most telling first.

    `words` are spans of the plain text that matter. Where they are given, a symbol, a gap or a
    styled digit counts only inside one of them: names and menus use such marks honestly.
    """
    spans = None if words is None else [normal.span(*word) for word in words]
    kinds = {
        noise.kind
        for noise in normal.noise
        if spans is None or any(low < noise.end and noise.start < high for low, high in spans)
    }
    han = len(_HAN.findall(normal.original)) or 1
    traditional = sum(char in traditional_chars() for char in normal.original)
    # A text that is traditional throughout is one; single such characters hide a word.
    if 0 < traditional <= max(3, han * 0.08) and len(normal.original) < SHORT_TEXT:
        kinds.add("traditional")
    order = ("homophone", "pinyin", "split_glyph", "look_alike", "inserted_symbol", "spaced",
             "zero_width", "digits", "traditional")  # fmt: skip
    return tuple(kind for kind in order if kind in kinds)


def _surface(text: str) -> NormalText:
    """Everything that needs no dictionary: glyphs, invisible marks, words pulled apart."""
    mapped = text.translate(glyph_table())
    noise = _glyph_noise(text)
    if text.isascii():
        return NormalText(text, mapped, range(len(text)), range(1, len(text) + 1), noise)
    cuts: list[tuple[int, int, str, str]] = []
    if _INVISIBLE.search(mapped):
        cuts += [(*found.span(), "", "zero_width") for found in _INVISIBLE.finditer(mapped)]
    plain = _cut(text, mapped, range(len(mapped)), range(1, len(mapped) + 1), cuts, noise)
    steps = ((_SPLIT, "split_glyph"), (_DECORATION, "inserted_symbol"), (_APART, "spaced"))
    for pattern, kind in steps:
        found = [
            (*hit.span(), SPLIT_GLYPHS.get(hit[0], ""), kind)
            for hit in pattern.finditer(plain.text)
        ]
        if found:
            plain = _cut(text, plain.text, plain.starts, plain.ends, found, plain.noise)
    return plain


def _glyph_noise(text: str) -> tuple[Noise, ...]:
    """Digits and letters in disguise, where they stand."""
    if text.isascii():
        return ()
    styled = [Noise("digits", *found.span()) for found in _STYLED.finditer(text)]
    return tuple(styled)


def _cut(  # noqa: PLR0917 (a NormalText's fields in their order)
    original: str,
    text: str,
    starts: Sequence[int],
    ends: Sequence[int],
    cuts: list[tuple[int, int, str, str]],
    noise: tuple[Noise, ...],
) -> NormalText:
    """The text with each (start, end, replacement, kind) applied; at most one char replaces."""
    if not cuts:
        return NormalText(original, text, starts, ends, noise)
    pieces: list[str] = []
    new_starts, new_ends = array("l"), array("l")
    found: list[Noise] = []
    at = 0
    for start, end, replacement, kind in cuts:
        pieces += (text[at:start], replacement)
        new_starts.extend(starts[at:start])
        new_ends.extend(ends[at:start])
        if replacement:
            new_starts.append(starts[start])
            new_ends.append(ends[end - 1])
        if kind != "zero_width" or not _is_emoji_mark(original, starts[start]):
            found.append(Noise(kind, starts[start], ends[end - 1]))
        at = end
    pieces.append(text[at:])
    new_starts.extend(starts[at:])
    new_ends.extend(ends[at:])
    return NormalText(original, "".join(pieces), new_starts, new_ends, (*noise, *found))


def _is_emoji_mark(text: str, at: int) -> bool:
    """Whether an invisible mark belongs to an emoji or keycap before it, as it may."""
    emoji = 0x2190
    before = text[at - 1] if at else ""
    return bool(before) and (
        (ord(before) >= emoji and not _HAN.match(before)) or text[at] == "\u20e3"
    )


def _replaced(plain: NormalText, folds: tuple[Fold, ...]) -> NormalText:
    """The text with each fold's phrase in place of its hidden spelling."""
    pieces: list[str] = []
    starts, ends = array("l"), array("l")
    noise = list(plain.noise)
    at = 0
    for fold in folds:
        pieces += (plain.text[at : fold.start], fold.phrase)
        starts.extend(plain.starts[at : fold.start])
        ends.extend(plain.ends[at : fold.start])
        for low, high in fold.parts:
            starts.append(plain.starts[low])
            ends.append(plain.ends[high - 1])
        span = plain.starts[fold.start], plain.ends[fold.end - 1]
        noise.append(Noise(fold.kind, *span))
        at = fold.end
    pieces.append(plain.text[at:])
    starts.extend(plain.starts[at:])
    ends.extend(plain.ends[at:])
    return NormalText(plain.original, "".join(pieces), starts, ends, tuple(noise))
