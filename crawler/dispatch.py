"""How a due slot comes to be crawled: here in a pool of threads, or by whoever else takes it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from threading import Condition
from typing import Protocol

from core.target import Target
from crawler.host_locks import host_locks

PUT_AGAIN_S = 600.0


class Dispatcher(Protocol):
    """Starts the runs that the schedule finds due."""

    def start(self, target: Target, slot: str) -> bool:
        """See to it that the slot is crawled; False where it has to be said again later.

        It is said again at each tick until the run's row is there, so a second call for what is
        under way or queued changes nothing. The row of `run(target, slot)` decides who crawls.
        """

    def wait_until_idle(self) -> None:
        """Return once what was put off may be said again."""


class LocalDispatcher:
    """Crawls in this process's pool, one target of a host at a time."""

    def __init__(self, pool: Executor, crawl: Callable[[Target, str], None]) -> None:
        self._pool = pool
        self._crawl = crawl
        self._hosts: set[str] = set()
        self._targets: set[str] = set()
        self._changed = Condition()

    def start(self, target: Target, slot: str) -> bool:
        """Hand the crawl to the pool, unless one of the target's hosts is being crawled."""
        with self._changed:
            if target.id in self._targets or not self._hosts.isdisjoint(target.hosts):
                return target.id in self._targets
            self._targets.add(target.id)
            self._hosts |= target.hosts
        future = self._pool.submit(self._crawl, target, slot)
        future.add_done_callback(lambda done: self._ended(done, target))
        return True

    def wait_until_idle(self) -> None:
        """Return once nothing is under way or queued."""
        with self._changed:
            self._changed.wait_for(lambda: not self._targets)

    def _ended(self, _done: Future[None], target: Target) -> None:
        with self._changed:
            self._targets.discard(target.id)
            self._hosts -= target.hosts
            self._changed.notify_all()


class CrawlQueue(Protocol):
    """Where slots are put for workers."""

    def put_crawl(self, target_id: str, slot: str, lock: str) -> bool:
        """Put a slot into the queue; False where it waits there already."""


class QueueDispatcher:
    """Hands slots to workers; what they have to do waits in the queue, not here."""

    def __init__(self, queue: CrawlQueue, targets: Callable[[], Sequence[Target]]) -> None:
        """`targets` are all of the installation, since hosts in common make common locks."""
        self._queue = queue
        self._targets = targets
        self._known: Sequence[Target] = ()
        self._locks: dict[str, str] = {}
        self._put: dict[str, tuple[str, float]] = {}

    def start(self, target: Target, slot: str) -> bool:
        """Put the slot into the queue; said again it is looked at only now and then.

        The queue refuses what waits there, and whoever takes the job what has been crawled.
        """
        now = time.monotonic()
        newest, put_at = self._put.get(target.id, ("", now))
        if newest != slot or now - put_at > PUT_AGAIN_S:
            self._queue.put_crawl(target.id, slot, self._lock(target))
            self._put[target.id] = slot, now
        return True

    def _lock(self, target: Target) -> str:
        targets = self._targets()
        if targets is not self._known:
            self._known, self._locks = targets, host_locks(targets)
        return self._locks[target.id]

    def wait_until_idle(self) -> None:
        """Nothing is ever put off."""
