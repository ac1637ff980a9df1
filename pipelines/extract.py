"""Stage 2: reads the page (title, account, body, date, links, every visible segment).

The reader that has the page judges it too, where its content is not what is stored: one trip to
another process instead of two. Stage 4 finds the assessment there.
"""

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from core.errors import ReadingError
from core.records import Observation
from pipelines.reading import read_and_judge
from pipelines.services import Services


class ExtractStage:
    """Applies `read_and_judge` in a reader; a page that cannot be read is a counted drop."""

    def __init__(self, services: Services, stats: StatsCollector, medium: str) -> None:
        self._services = services
        self._stats = stats
        self._medium = medium

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out what the stage needs."""
        assert crawler.stats is not None  # noqa: S101 (Scrapy sets it before it builds pipelines)
        return cls(Services.of(crawler), crawler.stats, crawler.settings["ADWATCH_MEDIUM"])

    async def process_item(self, item: Observation) -> Observation:
        """The observation with its page; DropItem where the page cannot be read."""
        if item.capture.not_modified:
            return item
        known = await self._services.known(item.target_id, item.url)
        try:
            reading = await self._services.readers.run(
                read_and_judge,
                replace(item.capture, screenshot=None),
                item.kind,
                item.hints,
                self._medium,
                known.content_hash if known else None,
            )
        except ReadingError as error:
            reason = str(error).split(":", 1)[0].split(" ", 1)[0]
            self._stats.inc_value(f"adwatch/drop/{reason}")
            raise DropItem(f"{item.url}: {error}", log_level="INFO") from None
        self._stats.inc_value(f"adwatch/state/{reading.page.state}")
        return replace(
            item,
            page=reading.page,
            content_hash=reading.content_hash,
            assessment=reading.assessment,
        )
