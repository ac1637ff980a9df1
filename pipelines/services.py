"""What the stages share during one crawl: database, evidence, and the processes that read."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from scrapy.crawler import Crawler

from core.records import Level
from pipelines.gathering import Gathered
from pipelines.pictures.pool import PicturePool
from pipelines.readers import Readers
from storage.database import Database
from storage.evidence_place import Evidence
from storage.intake import KnownPage, known_pages
from storage.patience import persist

Result = TypeVar("Result")

MOST_LOOKED_UP = 512
MOST_TOGETHER = 64
LOOK_UP_PAUSE_S = 0.005


@dataclass(frozen=True, slots=True)
class Services:
    """Handed to the crawler before it starts; the stages fetch it by `Services.of`.

    `writer` is the one thread that talks to the database, so that its transactions stay in order
    and the crawl goes on meanwhile. Findings from level `tell_from` on are told at once. There are
    no `pictures` where what reads them is not installed.
    """

    database: Database
    evidence: Evidence
    readers: Readers
    writer: ThreadPoolExecutor
    tell_from: Level = Level.HIGH
    pictures: PicturePool | None = None
    _looked_up: dict[tuple[str, str], KnownPage | None] = field(default_factory=dict)
    _look_up: Gathered[tuple[str, str], KnownPage | None] = field(init=False)

    def __post_init__(self) -> None:
        """Lookups that come together are one question to the database."""
        look_up = Gathered(self._look_up_all, pause_s=LOOK_UP_PAUSE_S, most=MOST_TOGETHER)
        object.__setattr__(self, "_look_up", look_up)

    async def _look_up_all(self, pages: Sequence[tuple[str, str]]) -> list[KnownPage | None]:
        return await self.write(known_pages, self.database, pages)

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """The services that `crawler/crawl_process.py` put there."""
        services = getattr(crawler, "adwatch_services", None)
        if not isinstance(services, cls):
            raise TypeError("the crawler was started without adwatch's services")
        return services

    async def known(self, target_id: str, url: str) -> KnownPage | None:
        """What is stored of an address, asked of the database once between two of its visits."""
        key = target_id, url
        if key in self._looked_up:
            return self._looked_up[key]
        found = await self._look_up(key)
        if len(self._looked_up) >= MOST_LOOKED_UP:
            del self._looked_up[next(iter(self._looked_up))]
        self._looked_up[key] = found
        return found

    def forget(self, target_id: str, url: str) -> None:
        """The address was stored anew: what was known of it no longer holds."""
        self._looked_up.pop((target_id, url), None)

    async def write(self, function: Callable[..., Result], *args: Any) -> Result:
        """`function(*args)` in the writer thread; tried again where the database is busy."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.writer, persist, function, *args)
