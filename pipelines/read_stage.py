"""Stages 2 to 4 in Scrapy: one trip to a reader process extracts, compares and classifies."""

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from core.errors import ReadingError
from core.records import Change, Observation, PageState
from pipelines.reading import read
from pipelines.services import Services
from storage.intake import KnownPage

_FILES = "files"


def _is_same_file(item: Observation, known: KnownPage) -> bool:
    """Whether the bytes are those that were read last: a file shows nothing that lies elsewhere."""
    stored = item.stored
    return (
        known.state is PageState.OK
        and stored is not None
        and known.body_sha256 == stored.body_sha256
    )


class ReadStage:
    """Applies `read` in a reader; a page that cannot be read is a counted drop.

    Pictures that will not be read are counted under `unread_images`, the reason.
    """

    def __init__(
        self, services: Services, stats: StatsCollector, medium: str, unread_images: str = ""
    ) -> None:
        self._services = services
        self._stats = stats
        self._medium = medium
        self._unread_images = unread_images

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out what the stage needs."""
        assert crawler.stats is not None  # noqa: S101 (Scrapy sets it before it builds pipelines)
        services, settings = Services.of(crawler), crawler.settings
        unread = ""
        if not settings["ADWATCH_IMAGES"]["read"]:
            unread = "switched_off"
        elif services.pictures is None:
            unread = "not_installed"
        return cls(services, crawler.stats, settings["ADWATCH_MEDIUM"], unread)

    async def process_item(self, item: Observation) -> Observation:
        """The observation with page, content hash, change and, where it is news, assessment."""
        if item.capture.not_modified:
            return replace(item, change=Change.UNCHANGED)
        known = await self._services.known(item.target_id, item.url)
        if item.kind == _FILES and known is not None and _is_same_file(item, known):
            return replace(item, change=Change.UNCHANGED)
        capture = item.capture
        try:
            reading = await self._services.readers.run(
                read,
                replace(capture, screenshot=None) if capture.screenshot else capture,
                item.kind,
                item.hints,
                self._medium,
                known.content_hash if known else None,
                not self._unread_images,
                item.ad,
            )
        except ReadingError as error:
            reason = str(error).split(":", 1)[0].split(" ", 1)[0]
            self._stats.inc_value(f"adwatch/drop/{reason}")
            raise DropItem(f"{item.url}: {error}", log_level="INFO") from None
        if reading.image_urls and self._unread_images:
            count = len(reading.image_urls)
            self._stats.inc_value(f"adwatch/picture/{self._unread_images}", count)
            reading = reading._replace(image_urls=())
        self._stats.inc_value(f"adwatch/state/{reading.page.state}")
        return replace(item, **reading._asdict())
