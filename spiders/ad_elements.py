"""The drawn elements of a page, as `ad_page.js` tells them, with sums over what stands in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spiders.ad_sizes import is_ad_size

MEDIA = frozenset({"img", "iframe", "frame", "embed", "object", "video", "canvas", "svg"})


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in CSS pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def area(self) -> int:
        """Its size in pixels."""
        return self.width * self.height

    @property
    def has_ad_size(self) -> bool:
        """Whether ads are sold in its size."""
        return is_ad_size(self.width, self.height)

    def holds(self, left: float, top: float) -> bool:
        """Whether the point lies in it."""
        return (
            self.left <= left <= self.left + self.width
            and self.top <= top <= self.top + self.height
        )


@dataclass(frozen=True, slots=True)
class Element:
    """One drawn element; `text` is the beginning of its own text, `said` its alt and titles."""

    parent: int
    tag: str
    names: str
    box: Box
    fixed: bool
    text: str
    chars: int
    pseudo: str
    href: str
    source: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """Elements in document order; those in element `at` are the ones from `at` to `stops[at]`."""

    elements: tuple[Element, ...]
    stops: tuple[int, ...]
    chars: tuple[int, ...]
    links: tuple[int, ...]
    media: tuple[int, ...]
    area: int
    base: str

    def total(self, sums: tuple[int, ...], at: int) -> int:
        """What `sums` (chars, links or media) comes to in element `at`."""
        return sums[self.stops[at]] - sums[at]


def drawn_page(told: dict[str, Any]) -> DrawnPage:
    """What `gather` of `ad_page.js` returned."""
    elements = tuple(_element(row) for row in told["elements"])
    stops = list(range(1, len(elements) + 1))
    for at in range(len(elements) - 1, 0, -1):
        parent = elements[at].parent
        if parent >= 0:
            stops[parent] = max(stops[parent], stops[at])
    width, height = told["size"]
    return DrawnPage(
        elements=elements,
        stops=tuple(stops),
        chars=_sums([one.chars for one in elements]),
        links=_sums([bool(one.href) for one in elements]),
        media=_sums([one.tag in MEDIA or bool(one.source) for one in elements]),
        area=width * height,
        base=told["base"],
    )


def _element(row: list[Any]) -> Element:
    parent, tag, names, box, fixed, text, chars, pseudo, href, source, said = row
    shape = Box(*box)
    return Element(
        parent, tag, names.lower(), shape, fixed, text, chars, pseudo, href, source, tuple(said)
    )


def _sums(numbers: Sequence[int]) -> tuple[int, ...]:
    sums = [0]
    for number in numbers:
        sums.append(sums[-1] + number)
    return tuple(sums)
