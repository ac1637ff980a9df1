"""Stage 3: tells a new page from a changed one and from one that only comes again."""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Self

from scrapy.crawler import Crawler

from core.records import Change, Observation, Origin, Page
from pipelines.services import Services
from storage.intake import KnownPage, known_page

_VOLATILE = re.compile(r"\d+|\s+")
_CONTENT = frozenset({Origin.TITLE, Origin.ACCOUNT, Origin.BODY})


def content_hash(page: Page) -> str:
    """SHA-256 over what a reader would call the page's content.

    Around the article, digits do not count: counters, clocks and "3 minutes ago" move at every
    visit. Inside it they do: a promised rate that moves is a change.
    """
    digest = sha256(page.state.value.encode())
    for segment in page.segments:
        text = segment.text
        if segment.origin not in _CONTENT:
            text = _VOLATILE.sub("", text)
        digest.update(f"{segment.origin}\0{' '.join(text.split())}\0".encode(errors="replace"))
    return digest.hexdigest()


def compare(observation: Observation, known: KnownPage | None) -> Observation:
    """The observation with its content hash and how it relates to what is stored."""
    if observation.page is None:
        return replace(observation, change=Change.UNCHANGED)
    found = content_hash(observation.page)
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
        known = await self._services.write(
            known_page, self._services.database, item.target_id, item.url
        )
        return compare(item, known)
