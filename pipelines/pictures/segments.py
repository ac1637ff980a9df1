"""What pictures say as segments of their page: each picture a block of its own."""

from collections.abc import Iterable, Iterator, Sequence

from core.pictures import PictureCode, PictureLine, PictureText, ReadImage
from core.records import Link, Origin, PictureSpots, Segment, Spot

CODE_TEXT = "二维码"
_ADDRESS = ("http://", "https://")


def image_segments(images: Iterable[ReadImage], first_block: int) -> tuple[Segment, ...]:
    """The segments of a page's pictures; a picture that comes twice is read once."""
    texts = {image.sha256: image.text for image in images if image.text.lines or image.text.codes}
    return tuple(
        segment
        for block, (sha256, text) in enumerate(texts.items(), first_block)
        for segment in picture_segments(text, sha256, block)
    )


def picture_segments(text: PictureText, sha256: str, block: int = 0) -> Iterator[Segment]:
    """One segment for each run of joined lines, with the box of each line, then one a code."""
    for lines in _runs(text.lines):
        yield _segment(lines, sha256, block)
    for code in text.codes:
        spots = PictureSpots(sha256, (Spot(0, len(code.text), code.box),))
        yield Segment(Origin.QR, code.text, block, spots)


def code_links(images: Iterable[ReadImage]) -> Iterator[Link]:
    """Where the codes on pictures lead."""
    codes: Iterator[PictureCode] = (code for image in images for code in image.text.codes)
    return (Link(code.text, CODE_TEXT) for code in codes if code.text.startswith(_ADDRESS))


def _runs(lines: Sequence[PictureLine]) -> Iterator[list[PictureLine]]:
    run: list[PictureLine] = []
    for line in lines:
        if run and line.joint == "\n":
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _segment(lines: list[PictureLine], sha256: str, block: int) -> Segment:
    text = ""
    spots = []
    for line in lines:
        start = len(text) + len(line.joint) if text else 0
        text = f"{text}{line.joint}{line.text}" if text else line.text
        spots.append(Spot(start, len(text), line.box))
    return Segment(Origin.OCR, text, block, PictureSpots(sha256, tuple(spots)))
