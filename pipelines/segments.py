"""Every visible piece of text on a page with its origin, block by block."""

from collections.abc import Iterable

from core.records import Origin, Segment
from pipelines.ads import ad_boxes
from pipelines.blocks import part
from pipelines.body_region import Region
from pipelines.layout import ALT, META, Box, Kind, Layout
from pipelines.metadata import Metadata

_ORIGINS = {
    Kind.TEXT: Origin.SIDE,
    Kind.LINK: Origin.LINK,
    Kind.ALT: Origin.ALT,
    Kind.META: Origin.META,
    Kind.CONTROL: Origin.SIDE,
}
_IN_ADS = _ORIGINS | {Kind.TEXT: Origin.AD, Kind.LINK: Origin.AD, Kind.CONTROL: Origin.AD}
_BODY, _BODY_ALT = Origin.BODY, Origin.ALT
Said = tuple[Origin, str]
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
    blocks: dict[tuple[Box, bool], list[Said]] = {}
    body: list[Said] = []
    for at, (line, home) in enumerate(zip(layout.lines, parting.homes, strict=True)):
        if at == title_line:
            continue
        kind = line.kind
        unseen = kind is META
        if home is article and not unseen:
            body.append((_BODY_ALT if kind is ALT else _BODY, line.text))
            continue
        origins = _IN_ADS if home in parting.ads else _ORIGINS
        said = (origins[kind], line.text)
        block = blocks.get((home, unseen))
        if block is None:
            blocks[home, unseen] = [said]
        else:
            block.append(said)
    head = [(Origin.TITLE, title)] if title else []
    head += [(Origin.ACCOUNT, account)] if account else []
    first = [*head, *body]
    meta = unseen_text(metadata, [text for _, text in first])
    return numbered([first, *blocks.values(), meta])


def unseen_text(metadata: Metadata, seen: Iterable[str]) -> list[Said]:
    """Document title and description, where they say what does not stand on the page anyway."""
    shown = "\n".join(seen)
    found: dict[str, None] = {}
    for text in (metadata.title, *(metadata.metas.get(name, "") for name in _DESCRIPTIONS)):
        if text and text not in shown:
            found.setdefault(text)
    return [(Origin.META, text) for text in found]


def numbered(groups: list[list[Said]]) -> tuple[Segment, ...]:
    """The segments of all groups, the first group as block 0 and the others counted up."""
    return tuple(
        [
            Segment(origin, text, number)
            for number, group in enumerate(groups)
            for origin, text in group
        ]
    )
