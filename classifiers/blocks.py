"""Blocks: what a reader sees as one thing, with positions that lead back to the joined text."""

from bisect import bisect_right
from dataclasses import dataclass

from core.records import SEGMENT_JOINT, Origin, PictureMark, PictureSpots, Segment, Spot

SHORTEST_PROSE = 40  # characters; less beside an article is a heading or a label
_IN_ITS_WORDS = frozenset({Origin.BODY, Origin.AD, Origin.OCR})


@dataclass(frozen=True, slots=True)
class Block:
    """One block's text, and where its segments start in it and in the joined text (`homes`)."""

    number: int
    text: str
    starts: tuple[int, ...]
    homes: tuple[int, ...]
    lengths: tuple[int, ...]
    origins: tuple[Origin, ...]
    pictures: tuple[PictureSpots | None, ...]

    def locate(self, start: int, end: int) -> tuple[int, int, Origin]:
        """A span of the block in the joined text, cut where the joined text goes elsewhere."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        shift = self.homes[first] - self.starts[first]
        end_of_first = self.starts[first] + self.lengths[first]
        adjacent = all(
            self.homes[at] - self.starts[at] == shift for at in range(first, last + 1)
        )  # fmt: skip
        stop = end if adjacent else min(end, end_of_first)
        return start + shift, max(stop, start) + shift, self.origins[first]

    def mark(self, start: int, end: int) -> PictureMark | None:
        """Where a span of the block stands on the picture that it was read from, if it was."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        picture = self.pictures[first]
        if picture is None:
            return None
        boxes = [
            spot.box
            for at in range(first, last + 1)
            for spot in _spots_on(self.pictures[at], picture.sha256)
            if self.starts[at] + spot.start < end and self.starts[at] + spot.end > start
        ]
        return PictureMark(picture.sha256, tuple(boxes))

    @property
    def is_prose(self) -> bool:
        """Whether it says something in its own words: no heading, no title, no list of links."""
        if not _IN_ITS_WORDS.isdisjoint(self.origins):
            return True
        aside = zip(self.lengths, self.origins, strict=True)
        said = sum(length for length, origin in aside if origin is Origin.SIDE)
        return said >= SHORTEST_PROSE and 2 * said > len(self.text)

    @property
    def home(self) -> tuple[int, int]:
        """Where the block's first segment begins and its last ends in the joined text."""
        return self.homes[0], self.homes[-1] + self.lengths[-1]


def _spots_on(picture: PictureSpots | None, sha256: str) -> tuple[Spot, ...]:
    return picture.spots if picture is not None and picture.sha256 == sha256 else ()


def split_blocks(segments: tuple[Segment, ...]) -> list[Block]:
    """The blocks of a page in order of appearance."""
    parts: dict[int, list[tuple[int, Segment]]] = {}
    home = 0
    for segment in segments:
        parts.setdefault(segment.block, []).append((home, segment))
        home += len(segment.text) + len(SEGMENT_JOINT)
    return [_block(number, placed) for number, placed in parts.items()]


def _block(number: int, placed: list[tuple[int, Segment]]) -> Block:
    starts = []
    position = 0
    for _, segment in placed:
        starts.append(position)
        position += len(segment.text) + len(SEGMENT_JOINT)
    return Block(
        number=number,
        text=SEGMENT_JOINT.join(segment.text for _, segment in placed),
        starts=tuple(starts),
        homes=tuple(home for home, _ in placed),
        lengths=tuple(len(segment.text) for _, segment in placed),
        origins=tuple(segment.origin for _, segment in placed),
        pictures=tuple(segment.picture for _, segment in placed),
    )
