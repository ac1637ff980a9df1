"""Hostile bytes → the frames of a picture as arrays, within bounds on bytes, pixels and frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence, UnidentifiedImageError

from core.errors import ReadingError
from pipelines.pictures.size import MAX_BYTES

Pixels = NDArray[np.uint8]

MAX_PIXELS = 40_000_000
MAX_SIDE = 30_000
MAX_FRAMES = 50
READ_FRAMES = 3
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Frames:
    """What is looked at of a picture: arrays of height, width and RGB; `cut` says what is not."""

    width: int
    height: int
    pixels: tuple[Pixels, ...]
    cut: str


def frames_of(data: bytes) -> Frames:
    """The frames; ReadingError, whose first word is the reason, where the bytes are no picture."""
    if len(data) > MAX_BYTES:
        raise ReadingError(f"picture_bytes: {len(data)} bytes, at most {MAX_BYTES} are read")
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            _check_size(*image.size)
            return _frames(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ReadingError(f"picture_pixels: {error}") from None
    except UnidentifiedImageError:
        raise ReadingError("picture_format: no PNG, JPEG, GIF, WebP or BMP") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError) as error:
        raise ReadingError(f"picture_broken: {error}") from None


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise ReadingError(f"picture_pixels: {width} x {height}, at most {MAX_PIXELS} are read")


def _frames(image: Image.Image) -> Frames:
    count = int(getattr(image, "n_frames", 1))
    cut = f"frames: {READ_FRAMES} of {count} are read" if count > READ_FRAMES else ""
    wanted = _chosen(min(count, MAX_FRAMES))
    pixels = tuple(_distinct(_flat(image, wanted)))
    return Frames(image.width, image.height, pixels, cut)


def _chosen(count: int) -> frozenset[int]:
    """The first frame, the last one, and what lies evenly between them."""
    steps = min(count, READ_FRAMES)
    return frozenset(round(step * (count - 1) / max(steps - 1, 1)) for step in range(steps))


def _flat(image: Image.Image, wanted: frozenset[int]) -> Iterator[Pixels]:
    """The wanted frames on white; every frame up to the last of them is decoded."""
    last = max(wanted)
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number in wanted:
            ground = Image.new("RGB", image.size, _WHITE)
            coloured = frame.convert("RGBA")
            ground.paste(coloured, mask=coloured.getchannel("A"))
            yield np.asarray(ground)
        if number == last:
            return


def _distinct(frames: Iterator[Pixels]) -> Iterator[Pixels]:
    before: Pixels | None = None
    for frame in frames:
        if before is None or not np.array_equal(frame, before):
            yield frame
        before = frame
