"""Files that people put into a folder: photos, saved pages and texts."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from core.records import Capture, Observation
from core.target import Target
from spiders.folder import UnreadFile, read_file, wanted_files
from spiders.target_spider import MAX_ADDRESS, TargetSpider

IN_HAND = 8  # files whose bytes are in memory at the same time


class FilesSpider(TargetSpider):
    """Observes each file of a folder under its `file:` address, which nothing ever fetches."""

    name = "files"

    def __init__(self, target: Target, run_id: int, **kwargs: Any) -> None:
        super().__init__(target, run_id, **kwargs)
        self._room = asyncio.Semaphore(IN_HAND)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider, told of each file that has gone through all stages."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        for ended in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(spider._make_room, signal=ended)  # noqa: SLF001
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """The files, a few at a time."""
        rule = self.target.files
        assert rule is not None  # noqa: S101 (a target of this kind has it)
        settled_before = time.time() - rule.settle_s
        taken = 0
        try:
            for path in wanted_files(rule):
                if taken >= self.target.limits.pages:
                    self.drop("page_limit", str(path))
                    continue
                found = self._observed(path, settled_before)
                if found is not None:
                    taken += 1
                    await self._room.acquire()
                    self.count("items")
                    yield found
        except OSError as error:
            self.count("failed_starts")
            self.drop("folder_unreadable", rule.folder, what=str(error))

    def _observed(self, path: Path, settled_before: float) -> Observation | None:
        url = path.absolute().as_uri()
        if len(url) > MAX_ADDRESS:
            self.drop("bad_url", url)
            return None
        try:
            data = read_file(path, self.target.limits.page_bytes, settled_before)
        except UnreadFile as unread:
            self.drop(str(unread), url)
            return None
        capture = Capture(url, url, 200, (), datetime.now(UTC), data)
        return Observation(self.target.id, self.run_id, url, self.name, capture)

    def _make_room(self) -> None:
        self._room.release()
