"""Stage 4: judges every visible segment of a page that is new or has changed."""

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from core.errors import ReadingError
from core.records import Change, Observation, PageState
from pipelines.reading import judge
from pipelines.services import Services


class ClassifyStage:
    """Applies `judge` in a reader process."""

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
        """The observation with its assessment, where it has content that was not judged before."""
        page = item.page
        if page is None or page.state is not PageState.OK or item.change is Change.UNCHANGED:
            return replace(item, assessment=None) if item.assessment else item
        if item.assessment is not None:  # by the reader that read the page
            return item
        try:
            assessment = await self._services.readers.run(judge, page.segments, self._medium)
        except ReadingError as error:
            self._stats.inc_value(f"adwatch/drop/{str(error).split(':', 1)[0]}")
            raise DropItem(f"{item.url}: {error}", log_level="INFO") from None
        return replace(item, assessment=assessment)
