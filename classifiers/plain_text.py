"""A text in plain form with the way back, and the cuts by which it is made plainer."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Noise:
    """Something that hides a word: its kind, and where it stands in the original."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NormalText:
    """The plain form of `original`; character i of `text` stood at `starts[i]` to `ends[i]`."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    noise: tuple[Noise, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span that was normalised to `text[start:end]`."""
        if start >= end:
            at = self.starts[start] if start < len(self.text) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]


class Cut(NamedTuple):
    """A stretch of the plain text that at most one character replaces; no kind, no noise."""

    start: int
    end: int
    replacement: str
    kind: str


def cut(plain: NormalText, cuts: list[Cut]) -> NormalText:
    """The text with the cuts made, which are in order and do not overlap."""
    pieces: list[str] = []
    starts, ends = array("l"), array("l")
    found: list[Noise] = []
    at = 0
    for start, end, replacement, kind in cuts:
        pieces += (plain.text[at:start], replacement)
        starts.extend(plain.starts[at:start])
        ends.extend(plain.ends[at:start])
        if replacement:
            starts.append(plain.starts[start])
            ends.append(plain.ends[end - 1])
        if kind:
            found.append(Noise(kind, plain.starts[start], plain.ends[end - 1]))
        at = end
    pieces.append(plain.text[at:])
    starts.extend(plain.starts[at:])
    ends.extend(plain.ends[at:])
    return NormalText(plain.original, "".join(pieces), starts, ends, (*plain.noise, *found))
