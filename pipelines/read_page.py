"""A capture → the page in it: state, title, account, body, date, links, every visible segment."""

import html
import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser

from classifiers.engine import assess_segments
from classifiers.rulebook import load_rulebook
from core.errors import ReadingError
from core.records import Capture, Hints, Level, Page, PageState
from pipelines.ads import ad_boxes
from pipelines.article import author_of, body_lines, read_author, trimmed
from pipelines.body_region import Region, find_region
from pipelines.layout import Layout, Line, lay_out
from pipelines.links_out import absolute_links
from pipelines.metadata import Metadata, read_metadata
from pipelines.page_state import Status, page_status
from pipelines.picture_sources import image_urls
from pipelines.published import published_at
from pipelines.second_opinion import best_body
from pipelines.segments import page_segments
from pipelines.titles import find_title
from pipelines.wechat import is_wechat, read_wechat, wechat_status
from spiders.decode import Decoded, decode
from spiders.markup import bounded_html
from spiders.pages import is_binary
from spiders.urls import canonical_url

MAX_BODY_BYTES = 50_000_000
_TAG = re.compile(r"<[a-zA-Z!/?]")
_HEAD_BYTES = 2_048


def read_page(capture: Capture, kind: str, hints: Hints) -> Page:
    """The page; ReadingError (its first word is the reason) where the bytes are no page."""
    return read_page_and_images(capture, kind, hints)[0]


def read_page_and_images(capture: Capture, kind: str, hints: Hints) -> tuple[Page, tuple[str, ...]]:
    """The page, and the addresses of the pictures on it; raises like `read_page`.

    `kind` is the kind of the spider that fetched it: an article of the `wechat` kind is read by
    WeChat's rules even where few of its marks are left. A page that exceeds the bounds on size,
    depth or text is cut, and `state_message` says so.
    """
    decoded = _decoded(capture)
    source = bounded_html(decoded.text)
    tree = LexborHTMLParser(source)
    seen = _Seen(tree, lay_out(tree), read_metadata(tree), source)
    if is_wechat(source, expected=kind == "wechat"):
        page, sources = _wechat_page(seen, capture)
    else:
        page = _ordinary_page(seen, capture, hints)
        sources = (*seen.layout.images, *seen.layout.backgrounds)
    if page.state is not PageState.OK:
        return replace(page, encoding=decoded.encoding), ()
    page = replace(
        page,
        account=page.account or hints.account,
        author=page.author or hints.author,
        published_at=page.published_at or hints.published_at,
        encoding=decoded.encoding,
        state_message=seen.layout.truncated,
    )
    return page, image_urls(sources, _base(tree, capture))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A parsed page in all the forms that reading it needs."""

    tree: LexborHTMLParser
    layout: Layout
    metadata: Metadata
    source: str


def _decoded(capture: Capture) -> Decoded:
    """The body as HTML text; ReadingError where it is none."""
    body = capture.body[:MAX_BODY_BYTES]
    head = body[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n\f")
    if not head and not body.strip():
        raise ReadingError(f"empty: {capture.final_url} has no content")
    if is_binary(head):
        raise ReadingError(f"not_html: {capture.final_url} is an image, a document or a program")
    content_type = next(
        (value for name, value in capture.headers if name.lower() == "content-type"), None
    )
    decoded = decode(body, content_type)
    if not _TAG.search(decoded.text):
        return replace(decoded, text=f"<pre>{html.escape(decoded.text)}</pre>")
    return decoded


def _wechat_page(seen: _Seen, capture: Capture) -> tuple[Page, tuple[str, ...]]:
    """The article, and where its pictures lie as written."""
    status = wechat_status(seen.tree, seen.layout, seen.source)
    if status is not None:
        return _status_page(status), ()
    article = read_wechat(seen.tree, seen.layout, seen.metadata, seen.source, capture.captured_at)
    page = Page(
        PageState.OK,
        title=article.title,
        account=article.account,
        account_id=article.account_id,
        author=article.author,
        text=article.text,
        published_at=article.published_at,
        links=absolute_links(article.links, _base(seen.tree, capture)),
        segments=article.segments,
        original_url=article.original_url,
    )
    return page, article.images


def _ordinary_page(seen: _Seen, capture: Capture, hints: Hints) -> Page:
    layout, metadata = seen.layout, seen.metadata
    status = page_status(seen.tree, layout, metadata.title)
    page = _article_page(seen, capture, hints)
    if status is not None and not _offers_something(page):
        return _status_page(status)
    return page


def _offers_something(page: Page) -> bool:
    """Whether a page that looks like a notice would be flagged: then it is read as content.

    So 请登录官网 at the end of a short advertisement does not make a login page of it.
    """
    return assess_segments(page.segments, load_rulebook()).level >= Level.MEDIUM


def _article_page(seen: _Seen, capture: Capture, hints: Hints) -> Page:
    layout, metadata = seen.layout, seen.metadata
    region = find_region(layout)
    ads = ad_boxes(layout, region)
    lines = body_lines(layout, region, ads) if region else []
    first = _first_line(layout, region, lines)
    title = find_title(layout, metadata, first, hints.title)
    lines = trimmed(lines, title.text)
    place = (title.line, _first_line(layout, region, lines))
    return Page(
        PageState.OK,
        title=title.text,
        author=author_of(metadata) or read_author(layout.lines, place),
        text=best_body(layout, region, lines),
        published_at=published_at(capture.final_url, metadata, layout, place, capture.captured_at),
        links=absolute_links(layout.links, _base(seen.tree, capture)),
        segments=page_segments(
            layout, region, metadata, title=title.text, title_line=title.line, ads=ads
        ),
    )


def _status_page(status: Status) -> Page:
    return Page(status.state, state_message=status.message)


def _first_line(layout: Layout, region: Region | None, lines: list[Line]) -> int:
    """The number of the body's first line among the layout's."""
    if region is None or not lines:
        return 0
    start = region.box.first
    return next(at for at in range(start, region.box.stop) if layout.lines[at] is lines[0])


def _base(tree: LexborHTMLParser, capture: Capture) -> str:
    base = tree.css_first("base[href]")
    href = (base.attributes.get("href") or "") if base else ""
    return (canonical_url(href, capture.final_url) if href else None) or capture.final_url
