"""Parts a page into what a reader sees as one thing: the article, each side box, each ad."""

import re
from dataclasses import dataclass, field
from itertools import accumulate

from pipelines.ads import holds
from pipelines.body_region import Region
from pipelines.layout import Box, Layout
from pipelines.posts import posts_among
from spiders.ad_words import AD_CHARS

_WHOLE_TAGS = frozenset({"nav", "footer", "select", "p", "button", "tr", "dl"})
_SECTIONS = frozenset(
    {
        "section",
        "aside",
        "article",
        "nav",
        "footer",
        "form",
        "noscript",
        "iframe",
        "dialog",
        "header",
    }
)
_ITEM_TAGS = frozenset(
    {"p", "span", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "td", "th"}
)
_MODULE_CHARS = 120
_MODULE_LINES = 3
_RICH_ITEM_CHARS = 60
_MIN_ITEMS = 3
_TEXT_TAG = re.compile(r"h[1-6]")


@dataclass(slots=True)
class Parting:
    """The box that each line belongs to, and which of the boxes are ads."""

    homes: list[Box]
    ads: set[Box] = field(default_factory=set)


def part(layout: Layout, region: Region | None, ads: set[Box]) -> Parting:
    """A home for every line; lines of the article have the region's box for a home."""
    return _Parter(layout, region, ads).part()


class _Parter:
    """Goes down from the page's root; state is what has been decided for each box."""

    def __init__(self, layout: Layout, region: Region | None, ads: set[Box]) -> None:
        self._lines = layout.lines
        self._root = layout.root
        self._region = region
        self._ads = ads
        self._homes: list[Box] = [layout.root] * len(layout.lines)
        self._chars = list(accumulate([len(line.text) for line in self._lines], initial=0))
        self._own = list(
            accumulate([len(line.text) - line.link_chars for line in self._lines], initial=0)
        )

    def part(self) -> Parting:
        waiting = [self._root]
        while waiting:
            box = waiting.pop()
            if box.stop <= box.first:
                continue
            if self._region and box is self._region.box:
                waiting += self._part_article(box)
            elif self._is_open(box):
                self._set(box, box)
                waiting += box.children
            else:
                self._set(box, box)
                waiting += self._parts(box)
        return Parting(self._homes, self._ads)

    def _set(self, box: Box, home: Box) -> None:
        self._homes[box.first : box.stop] = [home] * (box.stop - box.first)

    def _is_open(self, box: Box) -> bool:
        """Whether the article stands in `box`, so that it is more than one thing."""
        if self._region is None:
            return box is self._root
        return holds(box, self._region.box) or box is self._root

    def _part_article(self, article: Box) -> list[Box]:
        """The article's own lines stay in it; ads, surroundings, later posts are parts apart."""
        self._set(article, article)
        apart: list[Box] = []
        waiting = [article]
        while waiting:
            box = waiting.pop()
            if box is not article and self._stands_apart(box):
                apart.append(box)
                continue
            if not box.children:
                continue
            replies = dict.fromkeys(posts_among(box.children, self._lines)[1:])
            apart += replies
            waiting += [child for child in box.children if child not in replies]
        return apart

    def _stands_apart(self, box: Box) -> bool:
        return box in self._ads or (self._region is not None and self._region.leaves_out(box))

    def _parts(self, box: Box) -> list[Box]:
        """The parts of `box` that are things of their own; the rest of it stays together."""
        if box in self._ads and self._chars[box.stop] - self._chars[box.first] <= AD_CHARS:
            return []
        if box.tag in _WHOLE_TAGS and not self._ads_in(box):
            return []
        filled = [child for child in box.children if child.stop > child.first]
        if len(filled) == 1:
            return (
                filled
                if filled[0].stop - filled[0].first == box.stop - box.first
                else self._rest(filled)
            )
        if self._is_series(filled):
            return filled
        modules = [child for child in filled if self._is_module(child)]
        if len(modules) > 1 or any(child in self._ads for child in modules):
            return modules
        return [child for child in filled if self._ads_in(child)]

    def _rest(self, filled: list[Box]) -> list[Box]:
        return [child for child in filled if self._ads_in(child) or self._is_large(child)]

    def _is_large(self, box: Box) -> bool:
        return self._own[box.stop] - self._own[box.first] > 4 * AD_CHARS

    def _ads_in(self, box: Box) -> bool:
        """Whether `box` is an ad or has one in it, looking a few levels down."""
        level = [box]
        for _ in range(5):
            if any(child in self._ads for child in level):
                return True
            level = [grandchild for child in level for grandchild in child.children]
            if not level:
                break
        return False

    def _is_module(self, box: Box) -> bool:
        if box in self._ads or box.tag in _SECTIONS:
            return True
        if box.tag in _ITEM_TAGS:
            return False
        lines = box.stop - box.first
        return (
            lines >= _MODULE_LINES
            or self._chars[box.stop] - self._chars[box.first] >= _MODULE_CHARS
        )

    def _is_series(self, boxes: list[Box]) -> bool:
        """Whether the boxes are alike and each says something: posts or offers, not bare links."""
        if len(boxes) < _MIN_ITEMS:
            return False
        kinds = {
            (box.tag, box.names.split(maxsplit=1)[0] if box.names.strip() else "") for box in boxes
        }
        if len(kinds) > 2 or boxes[0].tag in {"p", "tr", "td", "br"}:  # noqa: PLR2004 (odd and even)
            return False
        own = sum(self._own[box.stop] - self._own[box.first] for box in boxes)
        return own >= _RICH_ITEM_CHARS * len(boxes)
