"""Whether a response is a page that can be read at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from spiders.markup import bounded_html

if TYPE_CHECKING:  # readers use this module too, and need no Scrapy
    from scrapy.http import Response

_READABLE = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
_MAGIC = (
    b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc\xaf", b"\x00\x00\x00", b"ID3", b"OggS", b"FLV", b"MZ",
    b"\x7fELF", b"wOFF", b"wOF2",
)  # fmt: skip
_HEAD = 2_048
_WALL_CHARS = 300
_LOOKED_AT_CHARS = 200_000
# What sites say instead of a list to whom they take for a robot or a stranger.
_BLOCKED = re.compile(
    r"验证码|安全验证|访问(?:过于|太)?频繁|操作(?:过于|太)频繁|请求(?:过于|太)频繁|环境异常|人机(?:验证|识别)|拖动滑块|滑块验证"
    r"|异常访问|访问异常|captcha|are you (?:a )?(?:human|robot)|verify you are",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"请先?登录|登录后(?:可|才能|查看)|需要登录|账号登录|扫码登录|please (?:log|sign) in",
    re.IGNORECASE,
)


def media_type(response: Response) -> str:
    """The declared media type in lower case, "" where none is declared."""
    declared = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return declared.partition(";")[0].strip().lower()


def page_fault(response: Response) -> str | None:
    """Why `response` cannot be read as a page: `empty`, `not_html`; None where it can."""
    return body_fault(response.body, media_type(response))


def body_fault(body: bytes, declared: str) -> str | None:
    """The same for bytes of the media type `declared`."""
    head = body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n\f")
    if not head and not body.strip():
        return "empty"
    if is_binary(head):
        return "not_html"
    if not declared or declared in _READABLE:
        return None
    # Some servers call their pages application/octet-stream; the bytes decide.
    lowered = head.lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return None
    return "not_html"


def is_binary(head: bytes) -> bool:
    """Whether bytes are of an image, document, archive or program, whatever they are called."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return head.startswith(_MAGIC) or (head.count(0) > len(head) // 3)


def empty_list_reason(text: str) -> str:
    """Why a list page names nothing: `captcha`, `login`, or that it has no items."""
    return wall_word(text) or "list_without_items"


def wall_reason(html_text: str) -> str | None:
    """`captcha` or `login` for a page that is next to nothing but such a notice; None for others.

    Lists have log-in links and search boxes with a captcha too; a wall has little besides.
    """
    visible = visible_text(html_text)
    return wall_word(visible) if len(visible) <= _WALL_CHARS else None


def wall_word(text: str) -> str | None:
    """`captcha` or `login` where `text` speaks of one."""
    if _BLOCKED.search(text):
        return "captcha"
    return "login" if _LOGIN.search(text) else None


def visible_text(html_text: str) -> str:
    """The text of a page's start, without scripts and styles, on one line."""
    tree = LexborHTMLParser(bounded_html(html_text[:_LOOKED_AT_CHARS]))
    for node in tree.css("script, style, noscript, template"):
        node.decompose()
    return " ".join(tree.root.text(deep=True, separator=" ").split()) if tree.root else ""
