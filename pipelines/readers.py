"""The processes that read: hostile pages are parsed and judged apart from the crawl.

This module is loaded in each of them, so it knows neither Scrapy nor the database.
"""

import asyncio
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from core.errors import ReadingError

Result = TypeVar("Result")

READ_TIMEOUT_S = 30.0
# Loading rules and dictionaries on a machine that has other things to do.
WARM_UP_TIMEOUT_S = 300.0
READER_MEMORY_BYTES = 3 * 1024**3


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
