"""The body of an article: the lines of its region that are the article."""

import re

from pipelines.body_region import Region
from pipelines.layout import LINK, TEXT, Box, Layout, Line
from pipelines.metadata import Metadata

_EDITORIAL = re.compile(
    r"^[\s　]*[\[【（(〔]?\s*(?:责任编辑|责编|编辑|原标题|原题|来源|稿源|文章来源|作者|审核|编审|校对|监制|值班编辑|本文来源"
    r"|图集|纠错|分享到?|打印|关闭|收藏|字号|字体|扫一扫|点击进入|返回|上一篇|下一篇|更多|责任校对|阅读原文|举报)"
    r"(?:\s*[：:】）)\]]|$|.{0,3}$)"
)
_WHOLE_MARK = re.compile(
    r"^[\s　]*[（(【\[]\s*(?:责任编辑|责编|编辑|原标题|纠错)[^）)】\]]{0,60}[）)】\]]?\s*(?:责任编辑.{0,20})?$"
)
_INLINE_MARK = re.compile(r"[（(【\[]\s*(?:责任编辑|责编|纠错)[^）)】\]]{0,40}[）)】\]]\s*$")
_BYLINE = re.compile(
    r"(?:19|20)\d{2}\s*[-年/.]\s*\d{1,2}|^\s*\d{1,2}[-/]\d{1,2}(?:\s|$)|^\s*\d{1,2}:\d{2}|来源[：:]|发布时间|作者[：:]|阅读[数量：:]|浏览[次量：:]|字[号体][：:]"
    r"|您?(?:所在|现在|当前)(?:的)?位置|点击(?:数|量|次数|率)|分享(?:到|至)"
)
_TAIL = re.compile(
    r"^\W*(?:热门推荐|相关(?:阅读|推荐|新闻|文章|报道|链接|资讯|内容|专题)|延伸阅读|推荐阅读|猜你喜欢|为您推荐|网友评论|最新评论|全部评论|精彩评论|评论区|文章关键词|热点(?:推荐|新闻)"
    r"|更多(?:精彩|新闻|阅读|文章)\w{0,4}|大家都在(?:看|搜)|特别声明|精彩推荐|精彩组图|阅读下一篇|(?:上|下)一篇|友情链接|编辑推荐|今日(?:热点|推荐)|参与讨论|发表评论)\W*(?:[：:].{0,60})?$"
)
_HEAD_LINES = 12
_MARK_CHARS = 60
_TAIL_AFTER = 0.3
_SHORT = 60


def body_lines(layout: Layout, region: Region, ads: set[Box]) -> list[Line]:
    """The article's lines in order, less what stands in the region without being the article."""
    box = region.box
    lines = layout.lines[box.first : box.stop]
    dropped: dict[Box, bool] = dict.fromkeys(ads, True)
    kept = [
        line
        for line in lines
        if (line.kind is TEXT or line.kind is LINK)
        and not _inside_surroundings(line.box, region, dropped)
    ]
    return _without_editorial(_without_link_lists(kept, box))


def _inside_surroundings(box: Box, region: Region, known: dict[Box, bool]) -> bool:
    """Whether `box` or a box around it, up to the region's, is not the article."""
    if box in known:
        return known[box]
    path: list[Box] = []
    found = False
    at: Box | None = box
    while at is not None and at is not region.box and at.parent is not None:
        if at in known:
            found = known[at]
            break
        path.append(at)
        if region.leaves_out(at):
            found = True
            break
        at = at.parent
    for at in path:
        known[at] = found
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
        if not _is_link_list(
            counts[line.box if line.box is top else _item_parent(line.box, top)], line
        )
    ]


def _item_parent(box: Box, top: Box) -> Box:
    if box.tag in {"li", "dd", "dt", "a", "p"} and box.parent is not None and box is not top:
        return box.parent
    return box


def _is_link_list(count: list[int], line: Line) -> bool:
    return line.kind is LINK and count[1] > 0.6 * count[0]


def _without_editorial(lines: list[Line]) -> list[Line]:
    return [line for line in lines if not is_editorial(line.text)]


def is_editorial(text: str) -> bool:
    """Whether a line is an editor's mark or a button, not the article."""
    return len(text) <= _SHORT and bool(_EDITORIAL.search(text) or _WHOLE_MARK.search(text))


def body_text(lines: list[Line]) -> str:
    """The body as a reviewer reads it: a line a paragraph."""
    return "\n".join(without_mark(line.text.strip()) for line in lines).strip()


def without_mark(text: str) -> str:
    """A paragraph without the editor's mark at its end."""
    end = text[-_MARK_CHARS:]
    found = _INLINE_MARK.search(end)
    return text[: len(text) - len(end) + found.start()].rstrip() if found else text


def tidied(texts: list[str]) -> list[str]:
    """Lines of a body from elsewhere, without editor's marks."""
    return [without_mark(text) for text in texts if text.strip() and not is_editorial(text)]


_AUTHOR = re.compile(
    r"(?:^|[\s　|｜(（])(?:本报记者|记者|作者|撰文|文|通讯员)\s*[：:／/]?\s*(?P<name>[\u4e00-\u9fff·]{2,4}(?:[\s、　][\u4e00-\u9fff·]{2,4}){0,3})(?=$|[\s　|｜)）])"
)


def read_author(lines: list[Line], place: tuple[int, int]) -> str:
    """The author as a short line near the title names him; "" where none does."""
    title, body = place
    start = max(0, title if 0 <= title < body else body - 10)
    for line in lines[start : min(len(lines), body + 1)]:
        if len(line.text) <= _SHORT * 2:
            found = _AUTHOR.search(line.text)
            if found:
                return " ".join(found["name"].split())
    return ""


def author_of(metadata: Metadata) -> str:
    """The author that the page's metadata names, unless that is an address or the site's software."""
    name = metadata.linked.get("author") or metadata.first(
        "author", "article:author", "og:article:author"
    )
    return "" if "://" in name or len(name) > _SHORT else " ".join(name.split())


def trimmed(lines: list[Line], title: str) -> list[Line]:
    """The body without the title and date line before it, and without what is recommended after it."""
    start = _after_head(lines, title)
    stop = _before_tail(lines, start)
    return lines[start:stop]


def _after_head(lines: list[Line], title: str) -> int:
    wanted = "".join(title.split())
    start = 0
    if wanted:
        for at, line in enumerate(lines[:_HEAD_LINES]):
            if "".join(line.text.split()) == wanted:
                start = at + 1
    while start < len(lines) and start < _HEAD_LINES and _is_byline(lines[start].text):
        start += 1
    return start if start < len(lines) else 0


def _is_byline(text: str) -> bool:
    return (
        len(text) <= _SHORT
        and bool(_BYLINE.search(text))
        and not text.rstrip().endswith(("。", "！", "？"))
    )


def _before_tail(lines: list[Line], start: int) -> int:
    """Where a heading such as 相关阅读 ends the article."""
    total = sum(len(line.text) for line in lines[start:])
    seen = 0
    for at in range(start, len(lines)):
        if _TAIL.search(lines[at].text) and seen > _TAIL_AFTER * total:
            return at
        seen += len(lines[at].text)
    return len(lines)
