"""What is read from a picture: lines with their boxes, and what its codes lead to."""

from dataclasses import dataclass

from core.records import Box, Travels


@dataclass(frozen=True, slots=True)
class PictureLine(Travels):
    """A line of text in reading order.

    `joint` is what stands between it and the line before: nothing where a sentence goes on, a space
    in the same row, a line break where something else begins.
    """

    text: str
    box: Box
    joint: str = "\n"


@dataclass(frozen=True, slots=True)
class PictureCode(Travels):
    """What a QR code says."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PictureText(Travels):
    """All that was read from one picture, and by which `reader`; boxes count its pixels.

    `cut` says what of the picture was left unread: frames of an animation, the end of a scroll.
    """

    width: int
    height: int
    lines: tuple[PictureLine, ...]
    codes: tuple[PictureCode, ...]
    reader: str
    cut: str = ""


@dataclass(frozen=True, slots=True)
class ReadImage(Travels):
    """A picture of a page: where it lies, the SHA-256 of its bytes, and what was read from it."""

    url: str
    sha256: str
    text: PictureText
