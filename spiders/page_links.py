"""What a page and its site say of other ways to read them: feeds and sitemaps."""

from urllib.parse import urljoin

from spiders.link_candidates import document_base, parse_html
from spiders.sitemap_reader import robots_sitemaps
from spiders.urls import canonical_url

_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_MAX_FEEDS = 3
_MAX_SITEMAPS = 2


def linked_feeds(html_text: str, base_url: str) -> tuple[str, ...]:
    """The addresses of RSS and Atom feeds that the page's head links to, each once."""
    tree = parse_html(html_text)
    base = document_base(tree, base_url)
    found: dict[str, None] = {}
    for node in tree.css("link[rel~=alternate][href]"):
        declared = (node.attributes.get("type") or "").partition(";")[0].strip().lower()
        url = canonical_url(node.attributes.get("href") or "", base)
        if declared in _FEED_TYPES and url:
            found[url] = None
    return tuple(found)[:_MAX_FEEDS]


def site_sitemaps(robots: str, base_url: str) -> tuple[str, ...]:
    """The sitemaps that robots.txt names, or else the address where one usually stands."""
    named = robots_sitemaps(robots, base_url)[:_MAX_SITEMAPS]
    return named or (urljoin(base_url, "/sitemap.xml"),)


def sibling_sources(html_text: str, base_url: str, robots: str) -> tuple[str, ...]:
    """Feeds, then sitemaps, each once."""
    both = (*linked_feeds(html_text, base_url), *site_sitemaps(robots, base_url))
    return tuple(dict.fromkeys(both))
