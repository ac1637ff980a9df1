"""Text as a reader understands it, with the way back to the original characters.

Rules see one plain form: simplified, half-width, lower case, without what is put between the
characters of a word to hide it. Every place of it leads back to the original text.
"""

import re
from array import array
from collections.abc import Iterable

from classifiers.char_classes import GAP, WEAK, codes_of, neighbours
from classifiers.folding import Fold, Folder, build_phrases
from classifiers.glyphs import HAN
from classifiers.plain_text import Cut, Noise, NormalText, cut
from classifiers.surface import plain_surface

_WEAK_GAP = re.compile(rf"[{WEAK}]{{1,4}}(?=[{HAN}])")
_HAN_RUN = re.compile(f"[{HAN}]*")
_HAN_TAIL = re.compile(f"[{HAN}]*$")
_HAN_CHAR = re.compile(f"[{HAN}]")
_REACH = 7  # one less than the longest phrase that is looked for across a gap
_TERMINATORS = "。！？!?；;\n"
_SENTENCE = re.compile(rf"[^{_TERMINATORS}]*[{_TERMINATORS}]*[”’」』）)]*")
_CLAUSE = re.compile(rf"[^{_TERMINATORS}，,：:、 —]*[{_TERMINATORS}，,：:、 —]*")
_KINDS = ("homophone", "pinyin", "split_glyph", "look_alike", "inserted_symbol", "spaced",
          "zero_width", "digits", "traditional")  # fmt: skip

__all__ = [
    "Folder", "Noise", "NormalText", "build_folder", "clause_spans", "evasion_kinds", "normalize",
    "sentence_spans",
]  # fmt: skip


def build_folder(phrases: Iterable[str]) -> Folder:
    """What recognises these plain phrases through pinyin, homophones and gaps."""
    return build_phrases(phrases)


def normalize(text: str, folder: Folder | None = None) -> NormalText:
    """The plain form of `text`. With a folder, hidden spellings of its phrases are undone too."""
    plain = plain_surface(text)
    if folder is None:
        return plain
    codes = codes_of(plain.text)
    if neighbours(codes) & GAP:
        gaps = _gaps_in_phrases(plain.text, folder)
        if gaps:
            plain = cut(plain, gaps)
            codes = codes_of(plain.text)
    folds = folder.find(plain.text, codes)
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

    `words` are spans of the plain text that matter. Where they are given, what hides counts only
    inside one of them: names and menus use such marks honestly.
    """
    if not normal.noise:
        return ()
    spans = None if words is None else _joined(normal.span(*word) for word in words)
    kinds = {noise.kind for noise in normal.noise if spans is None or _touches(noise, spans)}
    return tuple(kind for kind in _KINDS if kind in kinds)


def _joined(spans: Iterable[tuple[int, int]]) -> bytearray:
    """One byte a character, set where a span covers it."""
    listed = list(spans)
    covered = bytearray(max((end for _, end in listed), default=0))
    for start, end in listed:
        covered[start:end] = b"\1" * (end - start)
    return covered


def _touches(noise: Noise, covered: bytearray) -> bool:
    return any(covered[noise.start : noise.end])


def _gaps_in_phrases(text: str, folder: Folder) -> list[Cut]:
    """Breaks and symbols that stand inside a phrase: 理 财 on two lines, 收🔥益."""
    found: list[Cut] = []
    for gap in _WEAK_GAP.finditer(text):
        start, end = gap.span()
        if not start or not _HAN_CHAR.match(text, start - 1):
            continue
        before = _HAN_TAIL.search(text[max(0, start - _REACH) : start])
        after = _HAN_RUN.match(text, end, end + _REACH)
        if before and after and folder.spans_phrase(before[0], after[0]):
            kind = "spaced" if gap[0].isspace() else "inserted_symbol"
            found.append(Cut(start, end, "", kind))
    return found


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
