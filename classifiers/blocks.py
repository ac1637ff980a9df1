"""Blocks: what a reader sees as one thing, with positions that lead back to the joined text."""

from bisect import bisect_right
from dataclasses import dataclass

from core.records import SEGMENT_JOINT, Origin, Segment


@dataclass(frozen=True, slots=True)
class Block:
    """One block's text, and where its segments start in it and in the joined text (`homes`)."""

    number: int
    text: str
    starts: tuple[int, ...]
    homes: tuple[int, ...]
    lengths: tuple[int, ...]
    origins: tuple[Origin, ...]

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

    @property
    def home(self) -> tuple[int, int]:
        """Where the block's first segment begins and its last ends in the joined text."""
        return self.homes[0], self.homes[-1] + self.lengths[-1]


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
    )
