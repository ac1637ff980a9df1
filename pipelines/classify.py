"""Stage 4: judges every visible segment of a page that is new or has changed."""

from functools import cache

from classifiers.engine import assess_segments
from classifiers.judgement import Judgement
from classifiers.rulebook import load_rulebook
from classifiers.screen import Screen
from core.records import Assessment, Segment

_judged_before: dict[str, Judgement] = {}


def judge(segments: tuple[Segment, ...], medium: str) -> Assessment:
    """The assessment of a page's segments by the built-in rulebook: screened, then read in full."""
    return assess_segments(segments, load_rulebook(), medium, _judged_before, _screen())


@cache
def _screen() -> Screen:
    return Screen.of(load_rulebook())
