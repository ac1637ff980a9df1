"""Stages 2 to 4 for one page, as a reader process does them: extract, dedupe, classify."""

from dataclasses import replace
from typing import NamedTuple

from core.records import Assessment, Capture, Change, Hints, Origin, Page, PageState, Segment
from pipelines.dedupe import compare, content_hash

# The crawl names these functions and only its readers call them: what they import here, hundreds
# of expressions and several dictionaries, the crawl's own process need not load.
# ruff: noqa: PLC0415


class Reading(NamedTuple):
    """A page, the hash of its content, how that relates to what was stored, and its assessment.

    What is news is `packed` as a whole; `page` is without segments and links. There is neither that
    nor an assessment where the content was known already, or where there is none.
    """

    page: Page
    packed: bytes
    content_hash: str
    change: Change
    assessment: Assessment | None


def warm_up() -> None:
    """Load the rulebook and all dictionaries once, before the first page waits for them."""
    import storage.codec  # noqa: F401
    from pipelines.classify import judge

    # The Latin letters call for the words by their sounds.
    judge((Segment(Origin.BODY, "热身，一起理cai，年化5%"),), "web")


def read(capture: Capture, kind: str, hints: Hints, medium: str, known: str | None) -> Reading:
    """The page judged against `known`, the stored content hash; raises what `read_page` raises."""
    from pipelines.classify import judge
    from pipelines.read_page import read_page
    from storage.codec import pack_page

    page = read_page(capture, kind, hints)
    found = content_hash(page)
    change = compare(found, known)
    if page.state is not PageState.OK or change is Change.UNCHANGED:
        return Reading(_in_short(page), b"", found, change, None)
    storable, packed = pack_page(page)
    return Reading(_in_short(storable), packed, found, change, judge(page.segments, medium))


def _in_short(page: Page) -> Page:
    return replace(page, links=(), segments=())
