"""Stage 3 in Scrapy: the pictures of a page are read, and the page is judged with what they say."""

import asyncio
import time
from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from core.errors import ReadingError
from core.pictures import ReadImage
from core.records import Capture, Observation
from core.target import Images
from pipelines.pictures.collect import Collector
from pipelines.pictures.fetch import fetch_picture
from pipelines.reading import read_with_images
from pipelines.services import Services
from storage.pictures import KnownAddress

# A page is stored without the pictures that have not come by then: the site is slow, or its
# pictures are. They are there at its next visit.
MOST_WAITED_S = 180.0
LOOK_UP_EVERY_S = 1.0


class PictureStage:
    """Applies `read_with_images` once the pictures are read; the crawl goes on meanwhile."""

    def __init__(self, crawler: Crawler, stats: StatsCollector) -> None:
        self._crawler = crawler
        self._stats = stats
        self._services = Services.of(crawler)
        self._medium: str = crawler.settings["ADWATCH_MEDIUM"]
        self._images = Images.model_validate(crawler.settings["ADWATCH_IMAGES"])
        self._ends_at = time.monotonic() + crawler.settings.getfloat("CLOSESPIDER_TIMEOUT")
        self._collector = Collector(self._services, self._fetch, self._count, self._images)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out what the stage needs."""
        assert crawler.stats is not None  # noqa: S101 (Scrapy sets it before it builds pipelines)
        return cls(crawler, crawler.stats)

    async def process_item(self, item: Observation) -> Observation:
        """The observation with what its pictures say, and judged."""
        if not item.image_urls:
            return item
        images = await self._read(item)
        known = await self._services.known(item.target_id, item.url)
        try:
            reading = await self._services.readers.run(
                read_with_images,
                item.packed,
                images,
                self._medium,
                known.content_hash if known else None,
            )
        except ReadingError as error:
            reason = str(error).split(":", 1)[0]
            self._stats.inc_value(f"adwatch/drop/{reason}")
            raise DropItem(f"{item.url}: {error}", log_level="INFO") from None
        return replace(item, **reading._asdict())

    def close_spider(self) -> None:
        """Nothing is asked for after the crawl."""
        self._collector.stop()

    async def _read(self, item: Observation) -> tuple[ReadImage, ...]:
        """The pictures that could be read in time, in the order in which they stand."""
        wanted = item.image_urls[: self._images.per_page]
        self._count("page_limit", len(item.image_urls) - len(wanted))
        if self._is_ending():
            self._count("late", len(wanted))
            return ()
        tasks = [self._collector.picture(url, item) for url in wanted]
        patience = MOST_WAITED_S
        while patience > 0 and (late := [task for task in tasks if not task.done()]):
            await asyncio.wait(late, timeout=LOOK_UP_EVERY_S)
            patience -= LOOK_UP_EVERY_S
            if self._is_ending():
                self._collector.stop()
                patience = 0
        done = [task for task in tasks if task.done() and not task.cancelled()]
        self._count("late", len(tasks) - len(done))
        images = (task.result() for task in done)
        return tuple(image for image in images if image is not None)

    def _is_ending(self) -> bool:
        """Whether the crawl is called to an end, by whoever or by its own time limit."""
        engine = self._crawler.engine
        return engine is None or not engine.running or time.monotonic() > self._ends_at

    async def _fetch(self, url: str, page_url: str, known: KnownAddress | None) -> Capture:
        return await fetch_picture(self._crawler, url, page_url, known)

    def _count(self, word: str, number: int = 1) -> None:
        if number:
            self._stats.inc_value(f"adwatch/picture/{word}", number)
