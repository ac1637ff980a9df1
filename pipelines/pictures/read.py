"""`read_picture`: the bytes of a picture → its lines with boxes, its codes, and who read it.

It needs the packages of `adwatch[ocr]` and takes a second or two to load: only the processes that
read pictures import it.
"""

import os

import numpy as np
from PIL import Image

from core.pictures import PictureCode, PictureLine, PictureText
from pipelines.pictures.available import reader_version
from pipelines.pictures.codes import codes_of
from pipelines.pictures.engine import FoundLine, found_lines, specimen
from pipelines.pictures.frames import Pixels, frames_of
from pipelines.pictures.tiles import MAX_SHORT_SIDE, MAX_TILES, Tile, tiles_of
from pipelines.pictures.typeset import typeset

MAX_CHARS = 20_000
_NICENESS = 10


def read_picture(data: bytes) -> PictureText:
    """The text and the codes of a picture; ReadingError, its first word the reason, where none."""
    frames = frames_of(data)
    lines: list[PictureLine] = []
    codes: dict[str, PictureCode] = {}
    cut = [frames.cut] if frames.cut else []
    for frame in frames.pixels:
        known = {line.text for line in lines}  # of the frames before: most of a picture stays
        lines += [line for line in _lines(frame, cut) if line.text not in known]
        for code in codes_of(frame):
            codes.setdefault(code.text, code)
    return PictureText(
        width=frames.width,
        height=frames.height,
        lines=_bounded(lines, cut),
        codes=tuple(codes.values()),
        reader=reader_version(),
        cut="; ".join(cut),
    )


def warm_up() -> None:
    """Load models and dictionary once, before processes are forked off; pages go first."""
    os.nice(_NICENESS)
    typeset(tuple(found_lines(Tile(specimen(), 0, 0))))


def _lines(frame: Pixels, cut: list[str]) -> tuple[PictureLine, ...]:
    scale = min(1.0, MAX_SHORT_SIDE / min(frame.shape[:2]))
    found: list[FoundLine] = []
    for number, tile in enumerate(tiles_of(_scaled(frame, scale))):
        if number == MAX_TILES:
            cut.append(f"length: {round((tile.top or tile.left) / scale)} pixels are read")
            break
        found += found_lines(tile)
    return typeset([FoundLine(line.text, line.corners / scale) for line in found])


def _scaled(frame: Pixels, scale: float) -> Pixels:
    if scale == 1.0:
        return frame
    height, width = (max(1, round(side * scale)) for side in frame.shape[:2])
    return np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BOX))


def _bounded(lines: list[PictureLine], cut: list[str]) -> tuple[PictureLine, ...]:
    room = MAX_CHARS
    for number, line in enumerate(lines):
        room -= len(line.text)
        if room < 0:
            cut.append(f"text: {number} of {len(lines)} lines are kept")
            return tuple(lines[:number])
    return tuple(lines)
