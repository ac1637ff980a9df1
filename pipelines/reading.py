"""Stages 2 to 4 for one page, as a reader process does them: extract, dedupe, classify."""

from dataclasses import replace
from typing import NamedTuple

from core.pictures import ReadImage
from core.records import (
    Ad,
    Assessment,
    Capture,
    Change,
    Hints,
    Origin,
    Page,
    PageImage,
    PageState,
    Segment,
)
from pipelines.dedupe import compare, content_hash
from pipelines.pictures.segments import code_links, image_segments

# The crawl names these functions and only its readers call them: what they import here, hundreds
# of expressions and several dictionaries, the crawl's own process need not load.
# ruff: noqa: PLC0415


class Reading(NamedTuple):
    """A page, the hash of its content, how that relates to what was stored, and its assessment.

    What is news is `packed` as a whole; `page` is without segments and links. There is neither that
    nor an assessment where the content was known already, or where there is none. `image_urls` are
    the pictures on the page. Until they are read, it is packed and nothing is said of it.
    """

    page: Page
    packed: bytes
    content_hash: str
    change: Change | None
    assessment: Assessment | None
    image_urls: tuple[str, ...] = ()


def warm_up() -> None:
    """Load the rulebook and all dictionaries once, before the first page waits for them."""
    import storage.codec  # noqa: F401
    from pipelines.classify import judge

    # The Latin letters call for the words by their sounds.
    judge((Segment(Origin.BODY, "热身，一起理cai，年化5%"),), "web")


def read(  # noqa: PLR0917 (it is sent to another process by place)
    capture: Capture,
    kind: str,
    hints: Hints,
    medium: str,
    known: str | None,
    images: bool,
    ad: Ad | None = None,
) -> Reading:
    """The page judged against `known`, the stored content hash; raises what `read_page` raises.

    With `images`, a page that shows pictures is left to be judged by `read_with_images`. With `ad`,
    the capture is what was seen of an advertisement. A file may itself be a picture.
    """
    from pipelines.ad_page import read_ad
    from pipelines.read_page import read_page_and_images
    from storage.codec import pack_page

    if ad:
        page, image_urls = read_ad(capture, ad), ad.images
    elif kind == "files":
        from pipelines.documents.read import read_file_page

        page, image_urls = read_file_page(capture, hints)
    else:
        page, image_urls = read_page_and_images(capture, kind, hints)
    if not images or not image_urls:
        return _judged(page, medium, known)._replace(image_urls=image_urls)
    storable, packed = pack_page(page)
    return Reading(_in_short(storable), packed, "", None, None, image_urls)


def read_with_images(
    packed: bytes, images: tuple[ReadImage, ...], medium: str, known: str | None
) -> Reading:
    """The page that `read` left, with what its pictures say as blocks of their own."""
    from storage.codec import load_page

    page = load_page(packed)
    blocks = 1 + max((segment.block for segment in page.segments), default=-1)
    codes = {link.url: link for link in code_links(images)}
    known_urls = {link.url for link in page.links}
    page = replace(
        page,
        segments=(*page.segments, *image_segments(images, blocks)),
        links=(*page.links, *(link for url, link in codes.items() if url not in known_urls)),
        images=tuple(PageImage(image.url, image.sha256) for image in images),
    )
    return _judged(page, medium, known)


def _judged(page: Page, medium: str, known: str | None) -> Reading:
    from pipelines.classify import judge_page
    from storage.codec import pack_page

    found = content_hash(page)
    change = compare(found, known)
    if page.state is not PageState.OK or change is Change.UNCHANGED:
        return Reading(_in_short(page), b"", found, change, None)
    storable, packed = pack_page(page)
    return Reading(_in_short(storable), packed, found, change, judge_page(page, medium))


def _in_short(page: Page) -> Page:
    return replace(page, links=(), segments=())
