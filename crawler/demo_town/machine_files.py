"""What the town's sites publish for machines: robots.txt, feeds, sitemaps."""

import gzip
from collections.abc import Iterator
from datetime import date, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from crawler.demo_town.content import Page
from crawler.demo_town.replies import Reply, reply

_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_RSS_PAGES = 4


def machine_files(
    site: str, pages: tuple[Page, ...], base: str, today: date, quiet_time: datetime
) -> Iterator[tuple[str, Reply]]:
    """robots.txt for every site, the feeds of the column and the sitemaps of the service site."""
    robots = "User-agent: *\nDisallow: /neibu/\n"
    if site == "service":
        robots += f"Sitemap: {base}/sitemap.xml\n"
    yield "/robots.txt", reply(robots.encode(), "text/plain; charset=utf-8", quiet_time)
    if site == "column":
        rss, atom = pages[:_RSS_PAGES], pages[_RSS_PAGES:]
        yield "/rss.xml", _xml(_rss(rss, base, today), "application/rss+xml", quiet_time)
        yield "/atom.xml", _xml(_atom(atom, base, today), "application/atom+xml", quiet_time)
    if site == "service":
        yield from _sitemaps(pages, base, today, quiet_time)


def _xml(text: str, kind: str, modified_at: datetime) -> Reply:
    return reply((_XML + text).encode(), f"{kind}; charset=utf-8", modified_at)


def _rss(pages: tuple[Page, ...], base: str, today: date) -> str:
    items = "".join(
        f"<item><title>{escape(page.title)}</title><link>{base}{page.path}</link>"
        f"<guid isPermaLink='true'>{base}{page.path}</guid>"
        f"<pubDate>{format_datetime(page.published_at(today))}</pubDate>"
        f"<description>{escape(page.title)}</description></item>"
        for page in pages
    )
    head = f"<title>清浦观察</title><link>{base}/</link><description>街坊的事</description>"
    return f'<rss version="2.0"><channel>{head}{items}</channel></rss>'


def _atom(pages: tuple[Page, ...], base: str, today: date) -> str:
    entries = "".join(
        f"<entry><title>{escape(page.title)}</title><id>{base}{page.path}</id>"
        f'<link rel="alternate" href="{base}{page.path}"/>'
        f"<updated>{page.published_at(today).isoformat()}</updated></entry>"
        for page in pages
    )
    moment = max((page.published_at(today).isoformat() for page in pages), default=f"{today}")
    head = f"<title>清浦观察·读者来信</title><id>{base}/atom.xml</id><updated>{moment}</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'


def _sitemaps(
    pages: tuple[Page, ...], base: str, today: date, quiet_time: datetime
) -> Iterator[tuple[str, Reply]]:
    half = len(pages) // 2
    index = "".join(
        f"<sitemap><loc>{base}/{name}</loc></sitemap>"
        for name in ("sitemap-1.xml.gz", "sitemap-2.xml")
    )
    text = f"<sitemapindex {_SITEMAP}>{index}</sitemapindex>"
    yield "/sitemap.xml", _xml(text, "application/xml", quiet_time)
    packed = gzip.compress((_XML + _urlset(pages[:half], base, today)).encode(), mtime=0)
    yield "/sitemap-1.xml.gz", reply(packed, "application/gzip", quiet_time)
    plain = _urlset(pages[half:], base, today)
    yield "/sitemap-2.xml", _xml(plain, "application/xml", quiet_time)


def _urlset(pages: tuple[Page, ...], base: str, today: date) -> str:
    rows = "".join(
        f"<url><loc>{base}{page.path}</loc>"
        f"<lastmod>{page.published_at(today).date()}</lastmod></url>"
        for page in pages
    )
    return f"<urlset {_SITEMAP}>{rows}</urlset>"
