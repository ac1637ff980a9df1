"""An entry that exists only in an interface's answer → the page that is kept as its evidence."""

import html
import re

from spiders.api_entries import ApiEntry

_TAG = re.compile(r"<[a-zA-Z!/][^>]{0,2000}>")
_ESCAPED_TAG = re.compile(r"&lt;/?[a-zA-Z][^;]{0,200}&gt;", re.IGNORECASE)


def entry_page(entry: ApiEntry) -> bytes:
    """HTML with the entry's title, text and images, and the entry itself as it came."""
    images = "".join(f'<p><img src="{html.escape(url)}"></p>' for url in entry.images)
    title = html.escape(entry.title)
    source = entry.source.replace("<", "\\u003c")
    page = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f'<script type="application/json">{source}</script>'
        f"<article><h1>{title}</h1><div>{text_as_html(entry.text)}</div>{images}</article>"
        "</body></html>"
    )
    return page.encode("utf-8", "replace")


def text_as_html(text: str) -> str:
    """HTML as it is, also where it came escaped; plain text as paragraphs."""
    if _TAG.search(text):
        return text
    if _ESCAPED_TAG.search(text):
        return html.unescape(text)
    lines = (html.escape(line) for line in html.unescape(text).splitlines() if line.strip())
    return "".join(f"<p>{line}</p>" for line in lines)
