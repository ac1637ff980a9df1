"""Pages that a site's own sitemap names."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import re2
from scrapy.http import Response

from core.records import Observation
from core.target import Target
from spiders.decode import decode
from spiders.feed_reader import FeedFault
from spiders.sitemap_reader import read_sitemap, robots_sitemaps
from spiders.target_spider import TargetSpider, Visit


class SitemapSpider(TargetSpider):
    """Reads sitemaps, their indexes, or the robots.txt that names them; newest pages first."""

    name = "sitemap"

    def __init__(self, target: Target, run_id: int, **kwargs: Any) -> None:
        super().__init__(target, run_id, **kwargs)
        self._allow = re2.compile(target.links.allow) if target.links.allow else None
        self._deny = re2.compile(target.links.deny) if target.links.deny else None

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """The pages and further sitemaps that this one names."""
        if urlsplit(response.url).path == "/robots.txt":
            yield from self._from_robots(response)
            return
        try:
            links = read_sitemap(response.body, response.url, self.target.limits.page_bytes)
        except FeedFault as fault:
            self.drop(fault.reason, response.url)
            return
        if not links:
            self.drop("sitemap_without_addresses", response.url)
        for link in links:
            if link.is_sitemap or self._wants(link.url):
                yield Visit(
                    link.url,
                    is_list=link.is_sitemap,
                    depth=visit.depth + 1,
                    parent_url=response.url,
                )

    def _from_robots(self, response: Response) -> Iterator[Visit]:
        addresses = robots_sitemaps(decode(response.body, None).text, response.url)
        if not addresses:
            self.drop("robots_without_sitemap", response.url)
        for url in addresses:
            yield Visit(url, is_list=True, parent_url=response.url)

    def _wants(self, url: str) -> bool:
        if self._allow is not None and not self._allow.search(url):
            return False
        return self._deny is None or not self._deny.search(url)
