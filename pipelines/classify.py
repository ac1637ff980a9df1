"""Stage 4: judges every visible segment of a page that is new or has changed."""

from functools import cache

from classifiers.ad_label import with_missing_label
from classifiers.engine import Memory, assess_segments
from classifiers.rulebook import load_rulebook
from classifiers.screen import Screen
from core.records import Assessment, Page, Segment

_judged_before: Memory = {}


def judge(segments: tuple[Segment, ...], medium: str) -> Assessment:
    """The assessment of a page's segments by the built-in rulebook: screened, then read in full."""
    return assess_segments(segments, load_rulebook(), medium, _judged_before, _screen())


def judge_page(page: Page, medium: str) -> Assessment:
    """The assessment of a page's segments; of an ad also, whether it bears its label."""
    judged = judge(page.segments, medium)
    if page.ad is None or page.ad.is_labelled:
        return judged
    return with_missing_label(judged, page.segments, load_rulebook().laws, medium)


@cache
def _screen() -> Screen:
    return Screen.of(load_rulebook())
