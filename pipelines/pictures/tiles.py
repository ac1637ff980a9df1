"""Long pictures cut where nothing stands, so that their text is not scaled out of sight."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.pictures.frames import Pixels

MAX_SHORT_SIDE = 1_600
MIN_LENGTH = 960
MAX_TILES = 24
_LENGTH_IN_SHORT_SIDES = 1.4
_LOOK_BACK = 0.3  # share of a tile in which the calmest row is looked for


@dataclass(frozen=True, slots=True)
class Tile:
    """A piece of a frame, and where its left upper corner lies in it."""

    pixels: Pixels
    left: int
    top: int


def tiles_of(frame: Pixels) -> Iterator[Tile]:
    """The pieces of a frame along its longer side, each whole in the other one."""
    height, width = frame.shape[:2]
    if width > height:
        for tile in _slices(frame.swapaxes(0, 1)):
            yield Tile(np.ascontiguousarray(tile.pixels.swapaxes(0, 1)), tile.top, 0)
    else:
        yield from _slices(frame)


def _slices(frame: Pixels) -> Iterator[Tile]:
    height, width = frame.shape[:2]
    length = max(MIN_LENGTH, int(_LENGTH_IN_SHORT_SIDES * width))
    top = 0
    while height - top > length * (1 + _LOOK_BACK):
        stop = top + _calm_row(frame[top : top + length])
        yield Tile(frame[top:stop], 0, top)
        top = stop
    yield Tile(frame[top:], 0, top)


def _calm_row(piece: Pixels) -> int:
    """The row near the end of the piece along which the brightness changes least."""
    start = int(len(piece) * (1 - _LOOK_BACK))
    grey = piece[start:, :, 1].astype(np.int16)
    unrest = np.abs(np.diff(grey, axis=1)).mean(axis=1)
    around = np.convolve(unrest, np.ones(9) / 9, mode="same")
    return start + int(np.argmin(around))
