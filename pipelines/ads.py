"""Which boxes of a page are ads: by their own names, or by a label that stands in them."""

from pipelines.body_region import Region
from pipelines.layout import ALT, LINK, TEXT, Box, Layout
from spiders.ad_words import AD_CHARS, AD_LABELS, AD_LINKS, names_an_ad

_LABEL_CHARS = max(map(len, AD_LABELS))
_LABEL_LEVELS = 4
_AD_LINES = 80


def ad_boxes(layout: Layout, region: Region | None) -> set[Box]:
    """Boxes that call themselves ads, or that a label calls so."""
    ads: set[Box] = set()
    article = region.box if region else None
    seen: set[Box] = set()
    for line in layout.lines:
        box: Box | None = line.box
        while box is not None and box not in seen:
            seen.add(box)
            if box.names and names_an_ad(box.names) and not holds(box, article) and box.parent:
                ads.add(box)
            box = box.parent
        label = line.text.strip()
        if len(label) > _LABEL_CHARS or label.lower() not in AD_LABELS:
            continue
        if line.kind is TEXT or line.kind is ALT:
            labelled = _labelled_box(line.box, layout, article)
            if labelled is not None:
                ads.add(labelled)
    return ads


def holds(box: Box, inner: Box | None) -> bool:
    """Whether `inner` is `box` or stands in it."""
    return (
        inner is not None
        and box.first <= inner.first
        and inner.stop <= box.stop
        and box.depth <= inner.depth
    )


def _labelled_box(box: Box, layout: Layout, article: Box | None) -> Box | None:
    """The nearest box around a label that has something to label."""
    for _ in range(_LABEL_LEVELS):
        if box.parent is None or holds(box, article):
            return None
        if box.stop - box.first > _AD_LINES:
            return None
        lines = layout.lines[box.first : box.stop]
        if len(lines) > 1:
            chars = sum(len(line.text) for line in lines)
            links = sum(line.kind is LINK for line in lines)
            return box if chars <= AD_CHARS and links <= AD_LINKS else None
        box = box.parent
    return None
