"""Stage 2: reads the page (title, account, body, date, links, every visible segment)."""

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from core.errors import ReadingError
from core.records import Observation
from pipelines.read_page import read_page
from pipelines.services import Services


class ExtractStage:
    """Applies `read_page` in a reader process; a page that cannot be read is a counted drop."""

    def __init__(self, services: Services, stats: StatsCollector) -> None:
        self._services = services
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out what the stage needs."""
        assert crawler.stats is not None  # noqa: S101 (Scrapy sets it before it builds pipelines)
        return cls(Services.of(crawler), crawler.stats)

    async def process_item(self, item: Observation) -> Observation:
        """The observation with its page; DropItem where the page cannot be read."""
        if item.capture.not_modified:
            return item
        capture = replace(item.capture, screenshot=None)
        try:
            page = await self._services.readers.run(read_page, capture, item.kind, item.hints)
        except ReadingError as error:
            reason = str(error).split(":", 1)[0].split(" ", 1)[0]
            self._stats.inc_value(f"adwatch/drop/{reason}")
            raise DropItem(f"{item.url}: {error}", log_level="INFO") from None
        self._stats.inc_value(f"adwatch/state/{page.state}")
        return replace(item, page=page)
