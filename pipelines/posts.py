"""Tells the posts of a thread, each said by somebody else, from the parts of one article."""

import re
from collections import defaultdict

from pipelines.layout import Box, Line

_DIGITS = re.compile(r"\d+")
# How a post's head says who wrote it and when; the date alone may be part of a story.
_POSTED = re.compile(
    r"\d{1,2}:\d{2}|发[表布]于|回复于|發表於|楼主|沙发|板凳|(?:^|\D)\d{1,5}\s*(?:楼|樓|#)|(?:分钟|小时|天)前"
)
_HEAD_CHARS = 60
_MIN_POSTS = 2
_MIN_LINES = 2
_MOST = 0.8


def posts_among(boxes: list[Box], lines: list[Line]) -> list[Box]:
    """The boxes that are posts: alike, of several lines, nearly all with the head of a post."""
    if len(boxes) < _MIN_POSTS:
        return []
    kinds: dict[tuple[str, str], list[Box]] = defaultdict(list)
    for box in boxes:
        if box.stop - box.first >= _MIN_LINES:
            name = box.names.split(maxsplit=1)[0] if box.names.strip() else ""
            kinds[box.tag, _DIGITS.sub("0", name)].append(box)
    alike = max(kinds.values(), key=len, default=[])
    if len(alike) < _MIN_POSTS:
        return []
    headed = sum(_has_head(lines[box.first : box.stop]) for box in alike)
    return alike if headed >= _MOST * len(alike) else []


def _has_head(lines: list[Line]) -> bool:
    return any(len(line.text) <= _HEAD_CHARS and _POSTED.search(line.text) for line in lines[:6])
