"""Proposals for pages that people read: lists, articles, and those of official accounts."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from core.errors import LookError
from core.records import Capture, Hints, Link, Page, PageState
from crawler.page_shape import PageShape
from crawler.printable import printable
from crawler.proposal import (
    MAX_SAMPLES,
    NothingFoundError,
    Proposal,
    content_type_of,
    many,
    said_encoding,
)
from pipelines.read_page import read_page
from pipelines.wechat import is_wechat
from spiders.decode import decode
from spiders.link_candidates import clean_text, parse_html
from spiders.next_selector import next_selector
from spiders.urls import host_of, site_of
from spiders.wechat_lists import account_articles

WECHAT_HOST = "mp.weixin.qq.com"
_HISTORY_SIGN = "app_msg_ext_info"
_AWAY_SHARE = 0.2
_MOST_SITES = 6
_GOOD_AGREEMENT = 0.8
_FEW_CHARS = 120  # of titles; a login page has a few links as well


def wechat_proposal(capture: Capture, zone: ZoneInfo) -> Proposal | None:
    """For an article, album or history of an official account; LookError for its status pages."""
    url = capture.final_url
    decoded = decode(capture.body, content_type_of(capture))
    is_history = _HISTORY_SIGN in decoded.text
    if not (host_of(url) == WECHAT_HOST or is_history or is_wechat(decoded.text, expected=False)):
        return None
    articles = account_articles(decoded.text, url)
    if articles:
        samples = tuple(Link(one.url, one.title) for one in articles[:MAX_SAMPLES])
        why = (f"it is an official account's list of {many(len(articles), 'article')}",)
        title = _document_title(decoded.text) or "公众号文章列表"
        return Proposal(url, "wechat", title, why, samples, len(articles), medium="wechat")
    page = read_page(capture, "wechat", Hints())
    if page.state is not PageState.OK:
        raise LookError(f"{url}: WeChat shows no article here, {_state(page)}")
    doubts = ["one article is watched; an album or history page leads to the account's new ones"]
    if "signature=" in url:
        doubts.append("an address with a signature expires; give the short one, …/s/…")
    said = f"it is an article of the official account {page.account or '(unnamed)'}"
    title = " ".join(filter(None, (page.account, page.title))) or "公众号文章"
    return Proposal(
        url, "wechat", title, (said, _filled(page, zone)), every="1d", medium="wechat",
        encoding=decoded.encoding,
        doubts=tuple(doubts),
    )  # fmt: skip


def page_proposal(capture: Capture, shape: PageShape, zone: ZoneInfo) -> Proposal:
    """For a page that is a list or an article; LookError where it is neither, or refused."""
    decoded = decode(capture.body, content_type_of(capture))
    encoding = said_encoding(decoded, capture.body, content_type_of(capture))
    if shape.has_list and not shape.is_article:
        if shape.list_chars < _FEW_CHARS:
            _refuse_status_page(capture)
        return replace(_list_proposal(decoded.text, shape), encoding=encoding)
    page = _refuse_status_page(capture)
    if not page.text and not shape.text_chars:
        raise NothingFoundError(
            f"{capture.final_url}: neither a list nor a text was found on it"
            f" ({many(len(shape.links), 'link')}, {many(shape.scripts, 'script')})"
        )
    return replace(_article_proposal(page, shape, zone), encoding=encoding)


def _list_proposal(text: str, shape: PageShape) -> Proposal:
    count = len(shape.links)
    measured = (
        f"its main list has {many(count, 'link')} with titles of {shape.typical_title:.0f}"
        f" characters; {shape.text_chars} characters of running text stand beside it"
    )
    why, doubts = [measured], []
    css, links = None, shape.links
    if shape.selector is None:
        doubts.append("the list stands in a script; it is found without a selector, not by one")
    elif shape.selector.agreement < _GOOD_AGREEMENT:
        doubts.append("no selector says the list well; links: is left out, so it is found by shape")
    else:
        css, links = shape.selector.css, shape.selector.links
        same = "the same" if shape.selector.agreement == 1 else "nearly the same"
        why.append(f"the selector finds {many(len(links), 'link')}, {same} as by shape alone")
    allow, said = _leads_away(links, shape.url)
    next_url, next_css = next_selector(text, shape.url)
    return Proposal(
        shape.url,
        "listing",
        _document_title(text) or host_of(shape.url),
        tuple(why),
        links[:MAX_SAMPLES],
        len(links),
        css=css,
        allow=allow,
        next_url=next_url,
        next_css=next_css,
        doubts=(*doubts, *said),
    )


def _article_proposal(page: Page, shape: PageShape, zone: ZoneInfo) -> Proposal:
    said = f"it is a page of text: {shape.text_chars} characters beside its links"
    doubts = ["one page is watched; for new ones, give the column's list page instead"]
    if shape.has_list:
        doubts.append(f"{many(len(shape.links), 'link')} stand beside it: spider: listing if meant")
    title = page.title or host_of(shape.url)
    return Proposal(
        shape.url, "article", title, (said, _filled(page, zone)), every="1d", doubts=tuple(doubts)
    )


def _refuse_status_page(capture: Capture) -> Page:
    page = read_page(capture, "article", Hints())
    if page.state is not PageState.OK:
        raise LookError(f"{capture.final_url}: {_state(page)}; only public pages are watched")
    return page


def _state(page: Page) -> str:
    said = f": {printable(clean_text(page.state_message))}" if page.state_message else ""
    return f"the page is called {page.state.value}{said}"


def _leads_away(links: Sequence[Link], url: str) -> tuple[str | None, list[str]]:
    """A pattern that lets links lead to the other sites where many of them lead."""
    own = site_of(host_of(url))
    sites = Counter(site_of(host_of(link.url)) for link in links)
    away = sum(count for site, count in sites.items() if site != own)
    if away < _AWAY_SHARE * max(1, len(links)):
        return None, []
    if len(sites) > _MOST_SITES:
        said = f"{away} of the links lead to other sites and are not followed"
        return None, [f"{said}; links.allow with :// in it lets them through"]
    named = "|".join(re.escape(site) for site in sorted(sites))
    pattern = f"://(?:[^/]*\\.)?(?:{named})(?:[:/]|$)"
    return pattern, [f"{away} of the links lead to other sites; links.allow lets them through"]


def _filled(page: Page, zone: ZoneInfo) -> str:
    published = page.published_at
    day = published.astimezone(zone).date().isoformat() if published else "none"
    return f"read from it: title {page.title!r}, {len(page.text)} characters of body, date {day}"


def _document_title(text: str) -> str:
    node = parse_html(text).css_first("title")
    return clean_text(node.text(deep=True)[:400])[:120] if node is not None else ""
