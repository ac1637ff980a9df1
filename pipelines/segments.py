"""Every visible piece of text on a page with its origin, block by block."""

from collections.abc import Iterable

from core.records import Origin, Segment
from pipelines.ads import ad_boxes
from pipelines.blocks import part
from pipelines.body_region import Region
from pipelines.layout import Box, Kind, Layout
from pipelines.metadata import Metadata

_ORIGINS = {
    Kind.TEXT: Origin.SIDE,
    Kind.LINK: Origin.LINK,
    Kind.ALT: Origin.ALT,
    Kind.META: Origin.META,
    Kind.CONTROL: Origin.SIDE,
}
_DESCRIPTIONS = ("description", "og:description", "twitter:description")


def page_segments(
    layout: Layout,
    region: Region | None,
    metadata: Metadata,
    *,
    title: str,
    title_line: int = -1,
    account: str = "",
    ads: set[Box] | None = None,
) -> tuple[Segment, ...]:
    """The page's segments; block 0 is the article, the others follow in order of appearance."""
    parting = part(layout, region, ad_boxes(layout, region) if ads is None else ads)
    article = region.box if region else None
    blocks: dict[tuple[Box, bool], list[Segment]] = {}
    body: list[Segment] = []
    for at, (line, home) in enumerate(zip(layout.lines, parting.homes, strict=True)):
        if at == title_line:
            continue
        unseen = line.kind is Kind.META
        if home is article and not unseen:
            body.append(Segment(Origin.ALT if line.kind is Kind.ALT else Origin.BODY, line.text))
            continue
        origin = _ORIGINS[line.kind]
        if home in parting.ads and origin in (Origin.SIDE, Origin.LINK):
            origin = Origin.AD
        blocks.setdefault((home, unseen), []).append(Segment(origin, line.text))
    head = [Segment(Origin.TITLE, title)] if title else []
    head += [Segment(Origin.ACCOUNT, account)] if account else []
    groups = [block for block in blocks.values() if block]
    meta = unseen_text(metadata, [segment.text for segment in (*head, *body)])
    return numbered([[*head, *body], *groups, meta])


def unseen_text(metadata: Metadata, seen: Iterable[str]) -> list[Segment]:
    """Document title and description, where they say what does not stand on the page anyway."""
    shown = "\n".join(seen)
    found: dict[str, None] = {}
    for text in (metadata.title, *(metadata.metas.get(name, "") for name in _DESCRIPTIONS)):
        if text and text not in shown:
            found.setdefault(text)
    return [Segment(Origin.META, text) for text in found]


def numbered(groups: list[list[Segment]]) -> tuple[Segment, ...]:
    """The segments of all groups, the first group as block 0 and the others counted up."""
    return tuple(
        Segment(segment.origin, segment.text, number)
        for number, group in enumerate(groups)
        for segment in group
    )
