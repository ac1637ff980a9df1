"""Files that people put into a folder: photos, saved pages and texts."""

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from core.records import Capture, Observation
from core.target import Target
from spiders.folder import UnreadFile, read_file, wanted_files
from spiders.target_spider import MAX_ADDRESS, TargetSpider

_NO_FAULT = frozenset({"file_by_program"})
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
        crawler.signals.connect(spider._tell_of_refusal, signal=signals.item_dropped)  # noqa: SLF001
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

    def drop(self, reason: str, url: str, level: int = logging.INFO, what: str = "") -> None:
        """Count it, say so in the log, and tell whoever watches which file it was."""
        super().drop(reason, url, level, what)
        if reason not in _NO_FAULT:
            _tell(url, reason, what)

    def _tell_of_refusal(self, item: Observation, exception: DropItem) -> None:
        _, _, said = str(exception).partition(": ")
        reason, _, what = said.partition(": ")
        _tell(item.url, reason, what)

    def _make_room(self) -> None:
        self._room.release()


def _tell(url: str, reason: str, what: str) -> None:
    event = {"event": "dropped", "url": url, "reason": reason, "what": what}
    sys.stdout.write(f"{json.dumps(event, ensure_ascii=False)}\n")
    sys.stdout.flush()
