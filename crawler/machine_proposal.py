"""Proposals for what is written for programs: feeds, sitemaps, and a robots.txt that names some."""

import re
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from core.errors import LookError
from core.records import Capture, Link
from crawler.proposal import MAX_SAMPLES, Proposal, content_type_of, many, said_encoding
from spiders.decode import decode
from spiders.feed_reader import FeedFault, feed_title, read_feed
from spiders.sitemap_reader import read_sitemap, robots_sitemaps
from spiders.urls import host_of

_HEAD = re.compile(rb"\s*(?:<\?xml|<rss|<feed|<rdf|<urlset|<sitemapindex|https?://)", re.IGNORECASE)


def machine_proposal(capture: Capture, limit: int, zone: ZoneInfo) -> Proposal | None:
    """For a feed, a sitemap or a robots.txt that names sitemaps; None for everything else."""
    url, body = capture.final_url, capture.body
    content_type = content_type_of(capture)
    if urlsplit(url).path == "/robots.txt":
        named = robots_sitemaps(decode(body, None).text, url)
        if not named:
            raise LookError(f"{url}: this robots.txt names no sitemap")
        samples = tuple(Link(one) for one in named)
        why = (f"robots.txt names {many(len(named), 'sitemap')}",)
        return Proposal(url, "sitemap", f"{host_of(url)} sitemap", why, samples, len(named))
    if not (_HEAD.match(body.lstrip(b"\xef\xbb\xbf")) or body.startswith(b"\x1f\x8b")):
        return None
    feed = _feed_proposal(url, body, content_type, zone)
    return feed or _sitemap_proposal(url, body, limit, zone)


def _feed_proposal(
    url: str, body: bytes, content_type: str | None, zone: ZoneInfo
) -> Proposal | None:
    try:
        entries = read_feed(body, content_type, url)
        title = feed_title(body, content_type)
    except FeedFault as fault:
        if fault.reason == "feed_dtd" and b"<html" not in body[:2_000].lower():
            raise LookError(f"{url}: a document type stands in it, which is refused") from None
        return None
    links = tuple(Link(entry.url or "", entry.title) for entry in entries)
    newest = max((entry.published_at for entry in entries if entry.published_at), default=None)
    return Proposal(
        url,
        "feed",
        title or host_of(url),
        (f"it is a feed with {many(len(entries), 'entry')}{_newest(newest, zone)}",),
        links[:MAX_SAMPLES],
        len(entries),
        encoding=said_encoding(decode(body, content_type), body, content_type),
        doubts=() if entries else ("the feed has no entries now",),
    )


def _sitemap_proposal(url: str, body: bytes, limit: int, zone: ZoneInfo) -> Proposal | None:
    try:
        links = read_sitemap(body, url, limit)
    except FeedFault as fault:
        if body.startswith(b"\x1f\x8b"):
            raise LookError(f"{url}: {fault}") from None
        return None
    if not links:
        return None
    maps = sum(link.is_sitemap for link in links)
    newest = max((link.changed_at for link in links if link.changed_at), default=None)
    named = many(maps, "further sitemap") if maps else many(len(links), "address")
    why = (f"it is a sitemap that names {named}{_newest(newest, zone)}",)
    samples = tuple(Link(link.url) for link in links[:MAX_SAMPLES])
    doubts = ("a sitemap names the whole site; links.allow keeps to the part that matters",)
    return Proposal(
        url, "sitemap", f"{host_of(url)} sitemap", why, samples, len(links), every="1d",
        doubts=doubts,
    )  # fmt: skip


def _newest(moment: datetime | None, zone: ZoneInfo) -> str:
    return f", the newest of {moment.astimezone(zone).date().isoformat()}" if moment else ""
