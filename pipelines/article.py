"""The body of an article: the lines of its region that are the article."""

import re

from pipelines.body_region import Region
from pipelines.layout import Box, Kind, Layout, Line

_EDITORIAL = re.compile(
    r"^[\s　]*[\[【（(〔]?\s*(?:责任编辑|责编|编辑|原标题|原题|来源|稿源|文章来源|作者|审核|编审|校对|监制|值班编辑|本文来源"
    r"|图集|纠错|分享到?|打印|关闭|收藏|字号|字体|扫一扫|点击进入|返回|上一篇|下一篇|更多|责任校对|阅读原文|举报)"
    r"(?:\s*[：:】）)\]]|$|.{0,3}$)"
)
_WHOLE_MARK = re.compile(r"^[\s　]*[（(【\[]\s*(?:责任编辑|责编|编辑|原标题|纠错)[^）)】\]]{0,60}[）)】\]]?\s*(?:责任编辑.{0,20})?$")
_INLINE_MARK = re.compile(r"\s*[（(【\[]\s*(?:责任编辑|责编|纠错)[^）)】\]]{0,40}[）)】\]]\s*$")
_SHORT = 60
_LINK_FARM = 3


def body_lines(layout: Layout, region: Region) -> list[Line]:
    """The article's lines in order, less what stands in the region without being the article."""
    box = region.box
    lines = layout.lines[box.first : box.stop]
    dropped: dict[Box, bool] = {}
    kept = [
        line
        for line in lines
        if line.kind in (Kind.TEXT, Kind.LINK) and not _inside_surroundings(line.box, region, dropped)
    ]
    return _without_editorial(_without_link_lists(kept, box))


def _inside_surroundings(box: Box, region: Region, known: dict[Box, bool]) -> bool:
    if box is region.box or box.parent is None:
        return False
    found = known.get(box)
    if found is None:
        found = region.leaves_out(box) or _inside_surroundings(box.parent, region, known)
        known[box] = found
    return found


def _without_link_lists(lines: list[Line], top: Box) -> list[Line]:
    """Lists whose items are links lead away from the article."""
    counts: dict[Box, list[int]] = {}
    for line in lines:
        box = line.box if line.box is top else _item_parent(line.box, top)
        count = counts.setdefault(box, [0, 0])
        count[0] += len(line.text)
        count[1] += line.link_chars
    return [
        line
        for line in lines
        if not _is_link_list(counts[line.box if line.box is top else _item_parent(line.box, top)], line)
    ]


def _item_parent(box: Box, top: Box) -> Box:
    if box.tag in {"li", "dd", "dt", "a", "p"} and box.parent is not None and box is not top:
        return box.parent
    return box


def _is_link_list(count: list[int], line: Line) -> bool:
    return line.kind is Kind.LINK and count[1] > 0.6 * count[0]


def _without_editorial(lines: list[Line]) -> list[Line]:
    return [line for line in lines if not is_editorial(line.text)]


def is_editorial(text: str) -> bool:
    """Whether a line is an editor's mark or a button, not the article."""
    return len(text) <= _SHORT and bool(_EDITORIAL.search(text) or _WHOLE_MARK.search(text))


def body_text(lines: list[Line]) -> str:
    """The body as a reviewer reads it: a line a paragraph."""
    return "\n".join(_INLINE_MARK.sub("", line.text) for line in lines).strip()
