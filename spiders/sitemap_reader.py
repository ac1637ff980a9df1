"""Sitemaps and robots.txt → addresses, unpacked within bounds."""

import re
import zlib
from dataclasses import dataclass
from datetime import datetime

from spiders.decode import decode
from spiders.feed_reader import FeedFault, parse_date, parse_xml
from spiders.urls import canonical_url

MAX_ADDRESSES = 50_000
_GZIP = b"\x1f\x8b"
_ANY_WRAPPER = 47
_ROBOTS_LINE = re.compile(r"(?im)^\s*sitemap\s*:\s*(\S+)")


@dataclass(frozen=True, slots=True)
class SitemapLink:
    """One `<loc>`: a further sitemap of an index, or a page."""

    url: str
    changed_at: datetime | None = None
    is_sitemap: bool = False


def robots_sitemaps(text: str, base_url: str) -> tuple[str, ...]:
    """The addresses on the `Sitemap:` lines of a robots.txt, each once."""
    found = (canonical_url(line[1], base_url) for line in _ROBOTS_LINE.finditer(text[:500_000]))
    return tuple(dict.fromkeys(url for url in found if url))


def unpacked(body: bytes, limit: int) -> bytes:
    """`body` without its gzip wrapper; FeedFault where it grows beyond `limit` or is broken."""
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(_ANY_WRAPPER)
    try:
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise FeedFault("sitemap_not_gzip", f"cannot be unpacked: {error}") from None
    if len(plain) > limit:
        raise FeedFault("sitemap_too_large", f"unpacks to more than {limit} bytes")
    return plain


def read_sitemap(body: bytes, base_url: str, limit: int) -> tuple[SitemapLink, ...]:
    """The addresses of an index, a urlset or a plain list, newest first; those undated last."""
    text = decode(unpacked(body, limit), None).text
    if text.lstrip("\ufeff \t\r\n").startswith(("http://", "https://")):
        lines = (canonical_url(line, base_url) for line in text.split("\n")[:MAX_ADDRESSES])
        return tuple(SitemapLink(url) for url in dict.fromkeys(lines) if url)
    try:
        root = parse_xml(text)
    except FeedFault as fault:
        raise FeedFault(fault.reason.replace("feed", "sitemap"), str(fault)) from None
    found: dict[str, SitemapLink] = {}
    for node in root.iter("{*}url", "{*}sitemap"):
        if len(found) >= MAX_ADDRESSES:
            break
        url = canonical_url((node.findtext("{*}loc") or "").strip(), base_url)
        if url:
            changed_at = parse_date(node.findtext("{*}lastmod") or "")
            is_sitemap = str(node.tag).endswith("sitemap")
            found.setdefault(url, SitemapLink(url, changed_at, is_sitemap))
    dated = [link for link in found.values() if link.changed_at]
    undated = [link for link in found.values() if not link.changed_at]
    dated.sort(key=lambda link: link.changed_at.timestamp() if link.changed_at else 0, reverse=True)
    return (*dated, *undated)
