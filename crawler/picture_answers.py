"""Counts the answers to requests for pictures, which say nothing of how a site takes a crawl."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.statscollectors import StatsCollector

from spiders.observe import PICTURE_META


class PictureAnswers:
    """A downloader middleware beside Scrapy's statistics, so that both count the same answers."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Bound to the crawl's statistics."""
        assert crawler.stats is not None  # noqa: S101 (Scrapy sets it before it builds middlewares)
        return cls(crawler.stats)

    def process_response(self, request: Request, response: Response) -> Response:
        """Scrapy calls this with every response."""
        if request.meta.get(PICTURE_META):
            self._stats.inc_value(f"adwatch/picture_status/{response.status}")
        return response
