"""The OCR engine, loaded once a process; lines as it finds them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR
from rapidocr.utils.output import RapidOCROutput

from pipelines.pictures.frames import Pixels
from pipelines.pictures.tiles import Tile

Corners = NDArray[np.float32]  # left upper, right upper, right lower, left lower

# Measured on posters: the longer side at 960 reads as well as more pixels and takes half the time.
DETECTED_SIDE = 960
_SETTINGS = {
    "Global.log_level": "error",
    "Det.limit_side_len": DETECTED_SIDE,
    "Det.limit_type": "max",
    # One thread a process: there are as many processes as cores are to be used.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


@dataclass(frozen=True, slots=True, eq=False)
class FoundLine:
    """A line of text with the corners of its box in the frame, in reading direction."""

    text: str
    corners: Corners


def found_lines(tile: Tile) -> Iterator[FoundLine]:
    """The lines on a piece of a frame."""
    read = engine()(cv2.cvtColor(tile.pixels, cv2.COLOR_RGB2BGR))
    if not isinstance(read, RapidOCROutput) or read.boxes is None or not read.txts:
        return
    shift = np.array([tile.left, tile.top], dtype=np.float32)
    for corners, text in zip(read.boxes, read.txts, strict=True):
        if text.strip():
            yield FoundLine(text.strip(), np.asarray(corners, dtype=np.float32) + shift)


@cache
def engine() -> RapidOCR:
    """RapidOCR with the models of its wheel."""
    cv2.setNumThreads(1)
    return RapidOCR(params=_SETTINGS)


def specimen() -> Pixels:
    """A picture with two lines on it, of which every model has something to read."""
    picture = np.full((160, 320, 3), 255, dtype=np.uint8)
    for row, text in enumerate(("10000 12%", "adwatch")):
        place = (20, 60 + 60 * row)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 2)
    return picture
