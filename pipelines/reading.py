"""What a reader process does with one page: read it, name its content, judge it where it is new."""

from typing import NamedTuple

from classifiers.engine import assess_segments, assess_text
from classifiers.judgement import Judgement
from classifiers.rulebook import load_rulebook
from core.records import Assessment, Capture, Hints, Page, PageState, Segment
from pipelines.content_hash import content_hash
from pipelines.read_page import read_page

_judged_before: dict[str, Judgement] = {}


def warm_up() -> None:
    """Load the rulebook and jieba's dictionary once, before the first page waits for them."""
    assess_text("热身", load_rulebook())


class Reading(NamedTuple):
    """A page, the hash of its content, and its assessment unless that content was known."""

    page: Page
    content_hash: str
    assessment: Assessment | None


def judge(segments: tuple[Segment, ...], medium: str) -> Assessment:
    """The assessment of a page's segments by the built-in rulebook; runs in a reader process."""
    return assess_segments(segments, load_rulebook(), medium, _judged_before)


def read_and_judge(
    capture: Capture, kind: str, hints: Hints, medium: str, known_hash: str | None
) -> Reading:
    """Both in one trip to a reader; raises what `read_page` raises."""
    page = read_page(capture, kind, hints)
    found = content_hash(page)
    if page.state is not PageState.OK or found == known_hash:
        return Reading(page, found, None)
    return Reading(page, found, judge(page.segments, medium))
