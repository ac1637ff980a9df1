"""Stage 4: judges every visible segment of a page that is new or has changed."""

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from classifiers.engine import assess_segments
from classifiers.rulebook import load_rulebook
from core.errors import ReadingError
from core.records import Assessment, Change, Observation, PageState, Segment
from pipelines.services import Services


def judge(segments: tuple[Segment, ...], medium: str) -> Assessment:
    """The assessment of a page's segments by the built-in rulebook; runs in a reader process."""
    return assess_segments(segments, load_rulebook(), medium)


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
            return item
        try:
            assessment = await self._services.readers.run(judge, page.segments, self._medium)
        except ReadingError as error:
            self._stats.inc_value(f"adwatch/drop/{str(error).split(':', 1)[0]}")
            raise DropItem(f"{item.url}: {error}", log_level="INFO") from None
        return replace(item, assessment=assessment)
