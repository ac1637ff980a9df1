"""An article's title: heading, `og:title` and `<title>` held against each other."""

import re
import unicodedata
from dataclasses import dataclass

from pipelines.layout import LINK, TEXT, Layout, Line
from pipelines.metadata import Metadata

_SEPARATOR = re.compile(r"\s*[_|｜\-–—－―丨«»>·:：]+\s*|\s{2,}")
_STRONG_SEPARATOR = re.compile(r"\s*(?:_+|\||｜|丨|\s[-–—－]+\s|--+|——|\s·\s|«|»|>>)\s*")
_SITE = re.compile(
    r"网$|网站|新闻|频道|日报|晚报|门户|首页|在线|论坛|社区|博客|资讯|中心|政府|平台|客户端|官网|\.(?:com|cn|net|org)|公众号|委员会|专栏|手机版|网\w{0,4}$"
)
_HEADING_NAMES = re.compile(r"title|headline|biaoti|(?:^|[\s_-])(?:bt|tit|h1|hd)(?=$|[\s_-])")
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4"})
_MIN_MATCH = 4
_MAX_TITLE = 300
_ABOVE = 10


@dataclass(frozen=True, slots=True)
class Title:
    """The title, and the number of the line where it stands on the page; -1 where it does not."""

    text: str
    line: int = -1


def find_title(layout: Layout, metadata: Metadata, body_first: int, hint: str) -> Title:
    """The best supported title; `body_first` is the number of the body's first line."""
    declared = [text for text in _declared(metadata) if _folded(text)]
    headings = _headings(layout)
    for at in sorted(headings, key=lambda at: _heading_rank(layout.lines[at], at, body_first)):
        text = layout.lines[at].text
        if any(_supports(one, text) for one in declared):
            return Title(_spoken(text), at)
    spoken = _spoken_title(declared, metadata)
    line = _line_of(layout, spoken, body_first)
    if line < 0:
        line = _line_above(layout, declared, body_first)
    if line >= 0:
        return Title(_spoken(layout.lines[line].text), line)
    if not _is_own_title(spoken):
        line = _heading_above(layout, headings, body_first)
        if line >= 0:
            return Title(_spoken(layout.lines[line].text), line)
    lone = [at for at in headings if layout.lines[at].box.tag == "h1"]
    if len(lone) == 1 and not (spoken and _is_own_title(spoken)):
        return Title(_spoken(layout.lines[lone[0]].text), lone[0])
    return Title(spoken or hint.strip() or (_spoken(layout.lines[lone[0]].text) if lone else ""))


def _declared(metadata: Metadata) -> list[str]:
    metas = metadata.metas
    names = (
        "og:title",
        "twitter:title",
        "articletitle",
        "article:title",
        "weibo:article:title",
        "title",
    )
    return [
        *(metas.get(name, "") for name in names),
        metadata.linked.get("headline", ""),
        metadata.title,
    ]


def _headings(layout: Layout) -> list[int]:
    return [
        at
        for at, line in enumerate(layout.lines)
        if (
            line.box.tag in _HEADING_TAGS
            or (line.box.names and _HEADING_NAMES.search(line.box.names))
        )
        and (line.kind is TEXT or line.kind is LINK)
        and len(line.text) <= _MAX_TITLE
    ][:400]


def _heading_rank(line: Line, at: int, body_first: int) -> tuple[int, int, int]:
    """Headings above the body come first, h1 before others, then the nearest."""
    below = at > body_first + 3
    return (int(below), 0 if line.box.tag == "h1" else 1, abs(at - body_first))


def _supports(declared: str, heading: str) -> bool:
    """Whether a declared title confirms the heading: holds it, or is its cut beginning."""
    said, shown = _folded(declared), _folded(heading)
    if len(shown) < _MIN_MATCH:
        return said == shown
    if said == shown or said.startswith(shown):
        return True
    if len(said) >= _MIN_MATCH and shown.startswith(said) and len(said) * 4 >= len(shown):
        return True
    stem = said.rstrip(".…")
    return (len(stem) >= 8 and shown.startswith(stem)) or (len(shown) >= 8 and shown in said)  # noqa: PLR2004


def _spoken_title(declared: list[str], metadata: Metadata) -> str:
    """The declared title without the name of the site."""
    if not declared:
        return ""
    og, document = metadata.metas.get("og:title", "").strip(), metadata.title
    if og and not (
        document
        and _folded(document).startswith(_folded(og))
        and '"' in document[len(og) : len(og) + 2]
    ):
        return without_site(og, metadata.first("og:site_name"))
    return without_site(document or declared[0], metadata.first("og:site_name"))


def without_site(title: str, site: str = "") -> str:
    """`title` without the names of column and site that follow it."""
    title = " ".join(title.split())
    pieces = _STRONG_SEPARATOR.split(title)
    if len(pieces) == 1:
        pieces = (
            _SEPARATOR.split(title) if site and site in title else re.split(r"\s*[-–—－]\s*", title)
        )
        if len(pieces) == 1 or not (_SITE.search(pieces[-1]) or pieces[-1] == site):
            return title.strip()
    keep = title.find(pieces[0]) + len(pieces[0])
    if len(_folded(pieces[0])) < _MIN_MATCH and len(pieces) > 1 and len(pieces[1]) > len(pieces[0]):
        keep = title.find(pieces[1], keep) + len(pieces[1])
    for piece in pieces[1:]:
        end = title.find(piece, keep) + len(piece)
        if not piece or _SITE.search(piece) or piece == site or len(piece) <= 6:  # noqa: PLR2004 (a column)
            break
        keep = max(keep, end)
    return title[:keep].strip() or title.strip()


def _line_of(layout: Layout, title: str, body_first: int) -> int:
    """The line that shows exactly this title, nearest to the body; -1 where there is none."""
    wanted = _folded(title)
    if len(wanted) < _MIN_MATCH:
        return -1
    found = [
        at
        for at, line in enumerate(layout.lines)
        if (line.kind is TEXT or line.kind is LINK)
        and len(line.text) < _MAX_TITLE
        and _folded(line.text) == wanted
    ]
    above = [at for at in found if at <= body_first + 3]
    return above[-1] if above else (found[0] if found else -1)


def _line_above(layout: Layout, declared: list[str], body_first: int) -> int:
    """The line shortly above the body with which a declared title begins."""
    starts = [_folded(text) for text in declared]
    for at in range(body_first - 1, max(-1, body_first - _ABOVE), -1):
        shown = _folded(layout.lines[at].text)
        if len(shown) >= 2 * _MIN_MATCH and any(text.startswith(shown) for text in starts):
            return at
    return -1


def _heading_above(layout: Layout, headings: list[int], body_first: int) -> int:
    """The last heading shortly above the body that is long enough to be a title."""
    for at in reversed([*headings, *_small_headings(layout, body_first)]):
        if (
            body_first - _ABOVE < at < body_first
            and len(_folded(layout.lines[at].text)) >= 2 * _MIN_MATCH
        ):
            return at
    return -1


def _small_headings(layout: Layout, body_first: int) -> list[int]:
    start = max(0, body_first - _ABOVE)
    return [at for at in range(start, body_first) if layout.lines[at].box.tag in {"h5", "h6"}]


def _is_own_title(text: str) -> bool:
    return len(_folded(text)) >= 8 and not _SITE.search(text)  # noqa: PLR2004 (longer than a name)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def _spoken(text: str) -> str:
    return " ".join(text.split())[:_MAX_TITLE]
