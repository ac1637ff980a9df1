"""What the stages share during one crawl: database, evidence, and the processes that read."""

import asyncio
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from scrapy.crawler import Crawler

from core.errors import ReadingError
from storage.database import Database
from storage.evidence import EvidenceStore
from storage.intake import KnownPage, known_page
from storage.patience import persist

Result = TypeVar("Result")

READ_TIMEOUT_S = 30.0
# Loading rules and dictionaries on a machine that has other things to do.
WARM_UP_TIMEOUT_S = 300.0
READER_MEMORY_BYTES = 3 * 1024**3
MOST_LOOKED_UP = 512


class Readers:
    """Child processes in which hostile pages are parsed and judged.

    A page that hangs or kills its reader costs that page alone: the process is replaced, and the
    pages that waited beside it are read again.
    """

    def __init__(
        self, processes: int, warm_up: Callable[[], None], forked_from: tuple[str, ...] = ()
    ) -> None:
        """`forked_from` are modules that the readers' common parent imports before it forks."""
        self._processes = processes
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(forked_from))
        self._warm_up = warm_up
        self._pool = self._new_pool()
        self._warm: ProcessPoolExecutor | None = None
        # One page waits behind each that is read, so that no reader is ever idle.
        self._turn = asyncio.Semaphore(processes * 2)

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._processes,
            mp_context=self._context,
            initializer=_start_reader,
            initargs=(self._warm_up,),
        )

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        """`function(*args)` in a reader; ReadingError when it does not end or dies of the page."""
        async with self._turn:
            return await self._read(function, *args)

    async def _ready(self) -> ProcessPoolExecutor:
        """The pool, once its readers have loaded what they need: no page pays for that."""
        pool = self._pool
        if self._warm is not pool:
            loop = asyncio.get_running_loop()
            warmed = [loop.run_in_executor(pool, os.getpid) for _ in range(self._processes)]
            await asyncio.wait_for(asyncio.gather(*warmed), WARM_UP_TIMEOUT_S)
            self._warm = pool
        return pool

    async def _read(self, function: Callable[..., Result], *args: Any) -> Result:
        for last_try in (False, True):
            pool = self._pool
            try:
                pool = await self._ready()
                future = asyncio.get_running_loop().run_in_executor(pool, function, *args)
                # Its own time, and at most that of the page before it.
                return await asyncio.wait_for(future, READ_TIMEOUT_S * 2)
            except TimeoutError:
                self._replace(pool)
                raise ReadingError("reading_timeout: the page took too long to read") from None
            except (BrokenProcessPool, asyncio.CancelledError):
                if pool is self._pool:
                    self._replace(pool)
                if last_try:
                    raise ReadingError("reader_died: the page broke its reader twice") from None
            except MemoryError:
                raise ReadingError("reading_memory: the page needs too much memory") from None
        raise AssertionError("unreachable: the second try returns or raises")

    def _replace(self, pool: ProcessPoolExecutor) -> None:
        if pool is not self._pool:
            return
        self._pool = self._new_pool()
        for process in list(getattr(pool, "_processes", {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Stop the readers."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _start_reader(warm_up: Callable[[], None]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > READER_MEMORY_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (READER_MEMORY_BYTES, hard))
    del soft
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warm_up()


def _end_with_parent() -> None:
    """A reader whose crawl was killed would wait for its next page for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@dataclass(frozen=True, slots=True)
class Services:
    """Handed to the crawler before it starts; the stages fetch it by `Services.of`.

    `writer` is the one thread that talks to the database, so that its transactions stay in order
    and the crawl goes on meanwhile.
    """

    database: Database
    evidence: EvidenceStore
    readers: Readers
    writer: ThreadPoolExecutor
    _looked_up: dict[tuple[str, str], KnownPage | None] = field(default_factory=dict)

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
        found = await self.write(known_page, self.database, target_id, url)
        if len(self._looked_up) >= MOST_LOOKED_UP:
            del self._looked_up[next(iter(self._looked_up))]
        self._looked_up[key] = found
        return found

    def forget(self, target_id: str, url: str) -> None:
        """The address is about to be stored anew: what was known of it no longer holds."""
        self._looked_up.pop((target_id, url), None)

    async def write(self, function: Callable[..., Result], *args: Any) -> Result:
        """`function(*args)` in the writer thread; tried again where the database is busy."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.writer, persist, function, *args)
