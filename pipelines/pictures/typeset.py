"""Lines as an engine finds them → lines in reading order, joined where a sentence goes on."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from classifiers.dictionary import segmenter
from core.pictures import PictureLine
from core.records import Box
from pipelines.pictures.engine import Corners, FoundLine

_UPRIGHT = 1.6  # a box so many times as high as wide holds a column of characters
# A line that is shorter, and has no mark of a clause in it, is a heading or an item of a list.
_PROSE_CHARS = 14
_CLAUSE = re.compile(r"[，、；,;]")
_ENDS = re.compile(r"[。！？!?；;：:…]$")
_BEGINS = re.compile(
    r"(?:[①-⑳❶-❿●■◆★☆▶►✓√·•\-—*【「《（(]|\d{1,2}[.、．)）]|[一二三四五六七八九十]{1,2}[、．.])"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A line with its box along its own writing direction, and its box on the picture.

    `row` and `column` say where its middle and its left end lie on the picture set straight.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    box: Box
    row: float
    column: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def typeset(found: Sequence[FoundLine]) -> tuple[PictureLine, ...]:
    """The lines in reading order: rows from the top, columns of upright text from the right."""
    tilt = _tilt(found)
    rows = [_placed(line, tilt) for line in found if not _is_upright(line)]
    columns = [_turned(_placed(line, tilt)) for line in found if _is_upright(line)]
    paragraphs = _ordered(_paragraphs(rows) + _paragraphs(columns))
    return tuple(line for lines in paragraphs for line in _joined(lines))


def _ordered(paragraphs: list[list[_Placed]]) -> list[list[_Placed]]:
    """From the top, and those that begin in the same row from the left."""
    bands: list[list[list[_Placed]]] = []
    for lines in sorted(paragraphs, key=lambda lines: lines[0].row):
        first = bands[-1][0][0] if bands else None
        if first is not None and lines[0].row - first.row < first.height / 2:
            bands[-1].append(lines)
        else:
            bands.append([lines])
    return [lines for band in bands for lines in sorted(band, key=lambda lines: lines[0].column)]


def _is_upright(line: FoundLine) -> bool:
    """Whether the line runs down; tilted, its box may begin at any of its corners."""
    across, down = _long_side(line)
    return abs(down) > abs(across) and _slimness(line) > _UPRIGHT and len(line.text) > 1


def _long_side(line: FoundLine) -> tuple[float, float]:
    """The longer of a box's edges as a vector to the right."""
    edges = line.corners[1] - line.corners[0], line.corners[3] - line.corners[0]
    across, down = max(edges, key=lambda edge: float(np.linalg.norm(edge))).tolist()
    return (across, down) if across >= 0 else (-across, -down)


def _slimness(line: FoundLine) -> float:
    one = float(np.linalg.norm(line.corners[1] - line.corners[0]))
    other = float(np.linalg.norm(line.corners[3] - line.corners[0]))
    return max(one, other) / max(min(one, other), 1.0)


def _tilt(found: Sequence[FoundLine]) -> float:
    """The angle at which most rows run, in radians."""
    rows = [line for line in found if not _is_upright(line) and _slimness(line) > _UPRIGHT]
    angles = sorted((math.atan2(*reversed(_long_side(row))), len(row.text)) for row in rows)
    rest = sum(weight for _, weight in angles) / 2
    for angle, weight in angles:
        rest -= weight
        if rest <= 0:
            return angle
    return 0.0


def _placed(line: FoundLine, tilt: float) -> _Placed:
    turn = np.array([[math.cos(tilt), math.sin(tilt)], [-math.sin(tilt), math.cos(tilt)]])
    corners = line.corners @ turn.T
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    box, row = _box(line.corners), (top + bottom) / 2
    return _Placed(line.text, left, top, right, bottom, box, row, left)


def _turned(line: _Placed) -> _Placed:
    """A column as if it were a row: down is its writing direction, and to the left the next one."""
    row = line.top + (line.right - line.left) / 2  # where its first character stands
    return replace(
        line, left=line.top, top=-line.right, right=line.bottom, bottom=-line.left, row=row
    )


def _box(corners: Corners) -> Box:
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return max(0, int(left)), max(0, int(top)), math.ceil(right), math.ceil(bottom)


def _paragraphs(lines: list[_Placed]) -> list[list[_Placed]]:
    """Lines that belong together, by their boxes; each in its order."""
    paragraphs: list[list[_Placed]] = []
    for line in sorted(lines, key=lambda one: (one.top + one.bottom, one.left)):
        before = [lines for lines in paragraphs if _goes_on(lines, line)]
        if before:
            min(before, key=lambda lines: abs(line.top - lines[-1].bottom)).append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def _goes_on(lines: list[_Placed], line: _Placed) -> bool:
    last = lines[-1]
    height = min(last.height, line.height)
    if max(last.height, line.height) > 1.5 * height:
        return False
    if _same_row(last, line):
        return 0 <= line.left - last.right + height / 2 < 2 * height
    gap = line.top - last.bottom
    overlap = min(last.right, line.right) - max(last.left, line.left)
    if not -0.5 * height < gap < 0.9 * height or overlap < height / 2:
        return False
    first = min(one.left for one in lines)
    centres = abs((last.left + last.right) - (line.left + line.right)) / 2
    return min(abs(line.left - first), centres) < 1.2 * height or (
        len(lines) == 1 and 0 < last.left - line.left < 2.6 * height
    )


def _same_row(one: _Placed, other: _Placed) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.6 * min(one.height, other.height)


def _joined(lines: list[_Placed]) -> list[PictureLine]:
    """A paragraph's lines, each with what stands between it and the one before."""
    edge = max(line.right for line in lines)
    is_stack = len(lines) > 2 and all(len(line.text) == 1 for line in lines)  # noqa: PLR2004
    joined = [PictureLine(lines[0].text, lines[0].box)]
    for before, line in pairwise(lines):
        if _same_row(before, line):
            joint = " "
        elif is_stack or _is_broken(before, line, edge):
            joint = "" if _HAN.search(before.text[-1] + line.text[0]) else " "
        else:
            joint = "\n"
        joined.append(PictureLine(line.text, line.box, joint))
    return joined


def _is_broken(before: _Placed, line: _Placed, edge: float) -> bool:
    """Whether the text goes on from one line to the next without an end in between."""
    if _ENDS.search(before.text) or _BEGINS.match(line.text):
        return False
    if edge - before.right > 1.5 * before.height:
        return _breaks_word(before.text, line.text)
    is_prose = len(before.text) >= _PROSE_CHARS or bool(_CLAUSE.search(before.text))
    return is_prose or len(line.text) == 1 or _breaks_word(before.text, line.text)


def _breaks_word(before: str, after: str) -> bool:
    """Whether a word runs over the lines' end; two whole words that make a compound do not."""
    head, tail = before[-4:], after[:4]
    end = 0
    for word in segmenter().cut(head + tail, HMM=False):
        start, end = end, end + len(word)
        if end > len(head):
            return 0 < len(head) - start < len(word) and 1 in {len(head) - start, end - len(head)}
    return False
