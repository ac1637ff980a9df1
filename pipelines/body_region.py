"""Finds the box that holds a page's article, by where its sentences stand."""

import re
from dataclasses import dataclass
from itertools import accumulate

from pipelines.box_names import names_an_article, names_surroundings
from pipelines.layout import TEXT, Box, Layout, Line
from spiders.ad_words import names_an_ad

_SENTENCE = re.compile(r"[，。；：！？、…,;!?]|\.(?=\s|$)")
_AROUND_TAGS = frozenset(
    {"aside", "footer", "nav", "form", "noscript", "select", "button", "iframe"}
)
_PARAGRAPH_TAGS = frozenset(
    {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "dd", "dt", "pre"}
)
_DECAY = 0.6
_LOOKED_AT = 400
_ENOUGH = 3  # marks of sentences: more of them make a line no more of one
_LONG = 60
_LEVELS = 6
_MAX_SIBLINGS = 200


@dataclass(frozen=True, slots=True)
class Region:
    """The box of the article; `share` is how much of the page's sentences stands in it."""

    box: Box
    weight: float
    share: float
    surroundings: "Surroundings | None"

    def leaves_out(self, box: Box) -> bool:
        """Whether `box`, inside the region, is not the article."""
        return self.surroundings is not None and self.surroundings.holds(box)


def find_region(layout: Layout) -> Region | None:
    """The article's box; None on a page without a sentence."""
    plain = [sentence_weight(line) for line in layout.lines]
    around = Surroundings(plain)
    weights = [
        0.0 if not weight or around.holds(line.box) else weight
        for line, weight in zip(layout.lines, plain, strict=True)
    ]
    total = sum(weights)
    if not total:
        return None
    sums = _running_sums(weights)
    scores = _scores(layout, weights)
    if not scores:
        return None
    best = max(scores, key=lambda box: scores[box] * _bonus(box))
    box = _widened(best, sums, layout)
    weight = sums[box.stop] - sums[box.first]
    return Region(box, weight, weight / total, around)


def region_of(box: Box) -> Region:
    """A box that is known to hold the article, and nothing but it."""
    return Region(box, 0.0, 1.0, None)


def _running_sums(weights: list[float]) -> list[float]:
    return list(accumulate(weights, initial=0.0))


class Surroundings:
    """Boxes that call themselves something else than the article and hold not most of the text."""

    def __init__(self, weights: list[float]) -> None:
        self._sums = _running_sums(weights)
        self._limit = 0.4 * self._sums[-1]
        self._known: dict[Box, bool] = {}

    def holds(self, box: Box) -> bool:
        """Whether `box` is one of them or stands in one."""
        known = self._known.get(box)
        if known is not None:
            return known
        path: list[Box] = []
        found = False
        at: Box | None = box
        while at is not None:
            if at in self._known:
                found = self._known[at]
                break
            path.append(at)
            if (
                (at.names or at.tag in _AROUND_TAGS)
                and is_around(at)
                and self._sums[at.stop] - self._sums[at.first] <= self._limit
            ):
                found = True
                break
            at = at.parent
        for at in path:
            self._known[at] = found
        return found


def sentence_weight(line: Line) -> float:
    """How much the line is running text: its characters outside links, if it has sentences."""
    text = line.text
    own = len(text) - line.link_chars
    if line.kind is not TEXT or own <= 0 or own < line.link_chars:
        return 0.0
    marks = text.count("。", 0, _LOOKED_AT) + text.count("，", 0, _LOOKED_AT)
    if marks < _ENOUGH:
        marks = len(_SENTENCE.findall(text[:_LOOKED_AT]))
    if not marks:
        return 0.15 * own if own < _LONG else 0.5 * own
    return min(float(own), 600.0) * min(1.0, 0.4 + 0.2 * marks)


def is_around(box: Box) -> bool:
    """Whether the box's names or tag say that it is not the article."""
    if box.tag in _AROUND_TAGS:
        return True
    if box.tag == "body" or not box.names:
        return False
    if names_an_ad(box.names):
        return True
    return names_surroundings(box.names) and not names_an_article(box.names)


def _scores(layout: Layout, weights: list[float]) -> dict[Box, float]:
    scores: dict[Box, float] = {}
    for line, weight in zip(layout.lines, weights, strict=True):
        if not weight:
            continue
        box: Box | None = line.box
        while box is not None and box.tag in _PARAGRAPH_TAGS and box.parent is not None:
            box = box.parent
        for _ in range(8):
            if box is None or weight < 0.5:  # noqa: PLR2004 (too little to matter)
                break
            scores[box] = scores.get(box, 0.0) + weight
            weight *= _DECAY  # noqa: PLW2901 (fades from ancestor to ancestor)
            box = box.parent
    return scores


def _bonus(box: Box) -> float:
    if box.tag in {"article", "main"}:
        return 1.15
    return 1.2 if box.names and names_an_article(box.names) else 1.0


def _widened(box: Box, sums: list[float], layout: Layout) -> Box:
    """`box`, or the ancestor that holds clearly more of the same article.

    A box that is named as the article is taken at its word, unless its like stands beside it.
    """
    best = box
    for _ in range(_LEVELS):
        parent = box.parent
        if parent is None or parent.tag == "html":
            break
        inside = sums[best.stop] - sums[best.first]
        more = sums[parent.stop] - sums[parent.first] - inside
        named = bool(best.names) and names_an_article(best.names) and not _has_twin(best)
        if not named and more > 0.25 * inside and more > _strange_chars(layout, parent, best):
            best = parent
        box = parent
    return best


def _has_twin(box: Box) -> bool:
    siblings = box.parent.children if box.parent else []
    return any(
        other is not box and other.tag == box.tag and other.names == box.names
        for other in siblings[:_MAX_SIBLINGS]
    )


def _strange_chars(layout: Layout, parent: Box, inner: Box) -> int:
    """Link characters in `parent` outside `inner`."""
    lines = layout.lines
    return sum(line.link_chars for line in lines[parent.first : inner.first]) + sum(
        line.link_chars for line in lines[inner.stop : parent.stop]
    )
