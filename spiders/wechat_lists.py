"""The articles that an official account's history or album page carries in its script."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from spiders.js_literal import LiteralReader
from spiders.link_candidates import clean_text, parse_html
from spiders.script_values import script_values
from spiders.urls import canonical_url

MAX_ARTICLES = 1_000
_LIST_SIGNS = ("app_msg_ext_info", "getalbum_resp", "articleList", "article_list", "album__item")
_LATEST_EPOCH_S = 4_102_444_800  # the year 2100
_ALBUM_ITEM = re.compile(
    r"title:\s*'(?P<title>(?:[^'\\]|\\.){1,300})'(?:[^{}]{0,2000}?)\burl:\s*'(?P<url>(?:[^'\\]|\\.){8,2000})'"
    r"(?:[^{}]{0,1000}?\bcreate_time:\s*'(?P<time>\d{9,10})')?"
)


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """One article as a list names it; `epoch_s` is 0 where the list gives no time."""

    url: str
    title: str = ""
    author: str = ""
    epoch_s: int = 0


def account_articles(html_text: str, base_url: str) -> tuple[ListedArticle, ...]:
    """The articles of a history (`var msgList = {…}`) or an album page, each once, in its order."""
    if not any(sign in html_text for sign in _LIST_SIGNS):
        return ()
    tree = parse_html(html_text)
    found: dict[str, ListedArticle] = {}
    for article in (*_history(tree, base_url), *_album(tree, base_url)):
        if len(found) >= MAX_ARTICLES:
            break
        found.setdefault(article.url, article)
    return tuple(found.values())


def _history(tree: LexborHTMLParser, base_url: str) -> Iterator[ListedArticle]:
    for script in tree.css("script"):
        source = script.text(deep=True)
        if "app_msg_ext_info" not in source:
            continue
        if "&quot;app_msg_ext_info" in source:
            source = html.unescape(source)
        for value in script_values(source, LiteralReader()):
            messages = value.get("list") if isinstance(value, dict) else value
            for message in messages if isinstance(messages, list) else ():
                if isinstance(message, dict):
                    yield from _message_articles(message, base_url)


def _message_articles(message: dict[str, Any], base_url: str) -> Iterator[ListedArticle]:
    """A message is one article, with further articles that were sent along with it."""
    first = message.get("app_msg_ext_info")
    if not isinstance(first, dict):
        return
    common = message.get("comm_msg_info")
    epoch_s = _epoch(common.get("datetime") if isinstance(common, dict) else None)
    further = first.get("multi_app_msg_item_list")
    for record in (first, *(further if isinstance(further, list) else ())):
        if isinstance(record, dict):
            url = canonical_url(html.unescape(str(record.get("content_url") or "")), base_url)
            if url:
                title = clean_text(html.unescape(str(record.get("title") or "")))[:300]
                author = clean_text(html.unescape(str(record.get("author") or "")))[:100]
                yield ListedArticle(url, title, author, epoch_s)


def _album(tree: LexborHTMLParser, base_url: str) -> Iterator[ListedArticle]:
    for node in tree.css(".album__list-item[data-link], li[data-link][data-title]"):
        attributes = node.attributes
        url = canonical_url(html.unescape(attributes.get("data-link") or ""), base_url)
        if url:
            yield ListedArticle(url, clean_text(attributes.get("data-title") or "")[:300])
    for script in tree.css("script"):
        source = script.text(deep=True)
        if "articleList" in source or "article_list" in source:
            for item in _ALBUM_ITEM.finditer(source[:2_000_000]):
                url = canonical_url(_unescaped(item["url"]), base_url)
                if url:
                    title = clean_text(_unescaped(item["title"]))
                    yield ListedArticle(url, title, "", _epoch(item["time"]))


def _unescaped(text: str) -> str:
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return html.unescape(re.sub(r"\\(.)", r"\1", text))


def _epoch(value: Any) -> int:
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        return 0
    return seconds if 0 < seconds < _LATEST_EPOCH_S else 0
