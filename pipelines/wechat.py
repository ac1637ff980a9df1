"""Articles in the layout of mp.weixin.qq.com, told by their structure and not by their host."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from core.records import Origin, PageState, Segment
from pipelines.body_region import region_of
from pipelines.date_text import first_moment, is_plausible
from pipelines.layout import Box, Kind, Layout, Line, lay_out
from pipelines.metadata import Metadata
from pipelines.page_state import Status, notice_status
from pipelines.segments import page_segments
from pipelines.wechat_script import (
    assigned,
    property_of,
    script_body,
    share_notice,
    shared_images,
    unescaped,
)

_MARKS = (
    'id="js_content"', 'id="activity-name"', 'id="js_name"', "rich_media_title",
    "rich_media_content", "var msg_title", "var nickname", "content_noencode", "item_show_type",
    "var msg_link", "mmbiz", "weui-msg", 'id="js_article"', "appmsg", "js_share_content",
)  # fmt: skip
_MIN_MARKS = 3
_NOTICE = (
    ".weui-msg__title, .weui-msg .title, .global_error_msg, .icon_area + .text_area .title,"
    " .mesg-block"
)
_MARKUP = re.compile(
    r"<(?:p|br|a|div|span|section|img|strong|em|b|ul|ol|h[1-6]|blockquote)\b", re.IGNORECASE
)
_EPOCH = re.compile(r"1\d{9}")


@dataclass(frozen=True, slots=True)
class WechatArticle:
    """What was read of an article; `links` and `images` are as written on the page."""

    title: str
    account: str
    account_id: str
    author: str
    text: str
    published_at: datetime | None
    original_url: str
    links: tuple[tuple[str, str], ...]
    images: tuple[str, ...]
    segments: tuple[Segment, ...]


def is_wechat(html: str, *, expected: bool) -> bool:
    """Whether the page has WeChat's layout; where that is `expected`, one mark of it suffices."""
    return sum(mark in html for mark in _MARKS) >= (1 if expected else _MIN_MARKS)


def wechat_status(tree: LexborHTMLParser, layout: Layout, source: str) -> Status | None:
    """The state of a page that stands in an article's place; None for an article."""
    if _has_body(tree, source):
        return None
    notice = tree.css_first(_NOTICE)
    if notice is not None:
        said = " ".join(notice.text().split())
        return notice_status(said) or Status(PageState.UNAVAILABLE, said[:200])
    for line in layout.lines:
        status = notice_status(line.text) if len(line.text) <= 60 else None  # noqa: PLR2004 (a notice)
        if status:
            return status
    if tree.css_first("#js_article, #activity-name, #js_content") is None:
        return Status(PageState.PRIVATE, "")
    return None


def _has_body(tree: LexborHTMLParser, source: str) -> bool:
    body = tree.css_first("#js_content, #js_share_content")
    if body is not None and (
        body.text().strip() or body.css_first("img, iframe, mpvoice, qqmusic")
    ):
        return True
    return len(script_body(source)) > 1


def read_wechat(
    tree: LexborHTMLParser, layout: Layout, metadata: Metadata, source: str, captured_at: datetime
) -> WechatArticle:
    """The article; its body from the DOM, or from the scripts where the DOM has none."""
    title = _title(tree, metadata, source)
    account = _account(tree, source)
    box = _body_box(layout)
    lines = _content_lines(layout, box, title, account)
    drawn: Layout | None = _drawn_layout(source)
    scripted = _running(drawn.lines) if drawn else []
    if sum(len(line.text) for line in lines) * 2 >= sum(len(line.text) for line in scripted):
        scripted, drawn = [], None
    body = scripted or lines
    notice = _plain_lines(share_notice(source))
    text = "\n".join([*notice, *(line.text for line in body)])
    if not _own_title(tree, metadata, source):
        title = ""
    title = title or text.split("\n", 1)[0][:100]
    region = region_of(box) if box is not None else None
    segments = page_segments(
        layout,
        region,
        metadata,
        title=title,
        title_line=_title_line(layout, title),
        account=account,
    )
    extra = [*notice, *(line.text for line in scripted)]
    segments = _with_body(segments, extra) if extra else segments
    return WechatArticle(
        title=title,
        account=account,
        account_id=assigned(source, "user_name")
        or property_of(source, "user_name")
        or _biz(source),
        author=_author(tree, metadata, source),
        text=text,
        published_at=_published(tree, source, captured_at),
        original_url=_original(tree, metadata, source),
        links=_links(layout, drawn, source),
        images=_images(layout, drawn, source),
        segments=segments,
    )


def _title(tree: LexborHTMLParser, metadata: Metadata, source: str) -> str:
    for css in ("#activity-name .js_title_inner", "#activity-name", ".rich_media_title"):
        node = tree.css_first(css)
        if node is not None:
            paid = node.css_first(".pay__tag")
            if paid is not None:
                paid.decompose()
            text = " ".join(node.text().split())
            if text:
                return text
    text = unescaped(metadata.metas.get("og:title", "")) or assigned(source, "msg_title", "title")
    text = text or property_of(source, "title") or metadata.title
    return " ".join(text.split("\n", 1)[0].split())[:300]


def _own_title(tree: LexborHTMLParser, metadata: Metadata, source: str) -> bool:
    """Whether the title is one: a text share without its own repeats its whole text there."""
    if _show_type(source) != "10" or tree.css_first("#activity-name") is not None:
        return True
    said = property_of(source, "is_user_title")
    return said == "1" if said else len(metadata.metas.get("og:title", "")) < 64  # noqa: PLR2004 (WeChat's longest)


def _show_type(source: str) -> str:
    found = re.search(r"item_show_type\s*=\s*[\"']?(\d+)", source)
    return found[1] if found else ""


def _account(tree: LexborHTMLParser, source: str) -> str:
    for css in (
        "#js_name",
        "#profileBt a",
        "#post-user",
        ".profile_nickname",
        ".wx_follow_nickname",
    ):
        node = tree.css_first(css)
        text = " ".join(node.text().split()) if node is not None else ""
        if text:
            return text
    text = assigned(source, "nickname") or property_of(source, "nick_name")
    return " ".join(text.split())


def _author(tree: LexborHTMLParser, metadata: Metadata, source: str) -> str:
    node = tree.css_first("#js_author_name, .rich_media_meta_text.js_author, #js_author_name_text")
    text = node.text() if node is not None else ""
    text = (
        text.strip() or metadata.first("author", "og:article:author") or assigned(source, "author")
    )
    return " ".join(unescaped(text).split())[:100]


def _biz(source: str) -> str:
    return assigned(source, "biz") or property_of(source, "bizuin")


def _published(tree: LexborHTMLParser, source: str, captured_at: datetime) -> datetime | None:
    for text in (
        assigned(source, "ct", "oriCreateTime", "create_time", "publish_time"),
        property_of(source, "ori_create_time"),
        property_of(source, "create_time"),
        assigned(source, "createTime"),
        *(node.text() for node in tree.css("#publish_time, #post-date")),
    ):
        found = _EPOCH.fullmatch(text.strip())
        moment = (
            datetime.fromtimestamp(int(found[0]), UTC) if found else first_moment(text, captured_at)
        )
        if moment is not None and is_plausible(moment, captured_at):
            return moment
    return None


def _original(tree: LexborHTMLParser, metadata: Metadata, source: str) -> str:
    node = tree.css_first("#js_share_source")
    if node is not None:
        url = node.attributes.get("data-url") or node.attributes.get("href") or ""
        if url.startswith("http"):
            return url
    return metadata.metas.get("og:url", "") or assigned(source, "msg_link")


def _links(layout: Layout, drawn: Layout | None, source: str) -> tuple[tuple[str, str], ...]:
    found = [*layout.links, *(drawn.links if drawn else ())]
    more = assigned(source, "msg_source_url")
    if more.startswith("http"):
        found.append((more, "阅读原文"))
    found += [(url, "") for url in (*_body_images(layout), *shared_images(source))]
    return tuple(found)


def _images(layout: Layout, drawn: Layout | None, source: str) -> tuple[str, ...]:
    """The addresses of all its pictures as written."""
    layouts = [layout, *([drawn] if drawn else ())]
    shown = [url for one in layouts for url in (*one.images, *one.backgrounds)]
    return (*shared_images(source), *shown)


def _body_images(layout: Layout) -> list[str]:
    return [url for url in dict.fromkeys(layout.images) if url.startswith(("http", "//"))]


def _body_box(layout: Layout) -> Box | None:
    """The article's box; a repost has an empty one, and the original in another."""
    body = _find_box(layout.root, "js_content")
    shared = _find_box(layout.root, "js_share_content")
    return shared if shared and (body is None or body.stop == body.first) else body


def _find_box(root: Box, name: str) -> Box | None:
    waiting = [root]
    while waiting:
        box = waiting.pop()
        if name in box.names.split():
            return box
        waiting += box.children
    return None


def _content_lines(layout: Layout, box: Box | None, title: str, account: str) -> list[Line]:
    """The body's lines; a text share's `#js_content` holds account and title only."""
    if box is None:
        return []
    lines = _running(layout.lines[box.first : box.stop])
    if all(line.text in (title, account) for line in lines):
        return []
    return lines


def _running(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.kind in (Kind.TEXT, Kind.LINK)]


def _title_line(layout: Layout, title: str) -> int:
    return next((at for at, line in enumerate(layout.lines) if line.text == title), -1)


def _drawn_layout(source: str) -> Layout:
    """The body that a script draws, laid out; empty where there is none."""
    body = script_body(source)
    if not _MARKUP.search(body):
        return lay_out(LexborHTMLParser(f"<pre>{body}</pre>"))
    return lay_out(LexborHTMLParser(body.replace("\n", "<br>")))


def _plain_lines(markup: str) -> list[str]:
    if not markup:
        return []
    return [line.text for line in lay_out(LexborHTMLParser(markup.replace("\n", "<br>"))).lines]


def _with_body(segments: tuple[Segment, ...], texts: list[str]) -> tuple[Segment, ...]:
    """The segments with the scripts' text after the rest of block 0."""
    end = sum(segment.block == 0 for segment in segments)
    shown = {segment.text for segment in segments[:end]}
    body = tuple(Segment(Origin.BODY, text, 0) for text in texts if text not in shown)
    return (*segments[:end], *body, *segments[end:])
