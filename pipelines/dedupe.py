"""Stage 3: tells a new page from a changed one and from one that only comes again."""

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler

from core.records import Change, Observation
from pipelines.content_hash import content_hash
from pipelines.services import Services
from storage.intake import KnownPage


def compare(observation: Observation, known: KnownPage | None) -> Observation:
    """The observation with its content hash and how it relates to what is stored."""
    if observation.page is None:
        return replace(observation, change=Change.UNCHANGED)
    found = observation.content_hash or content_hash(observation.page)
    if known is None or known.content_hash is None:
        change = Change.NEW
    else:
        change = Change.UNCHANGED if known.content_hash == found else Change.CHANGED
    return replace(observation, content_hash=found, change=change)


class DedupeStage:
    """Applies `compare` to what the database knows of the address."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out what the stage needs."""
        return cls(Services.of(crawler))

    async def process_item(self, item: Observation) -> Observation:
        """The observation with `change` filled."""
        if item.capture.not_modified:
            return compare(item, None)
        known = await self._services.known(item.target_id, item.url)
        return compare(item, known)
