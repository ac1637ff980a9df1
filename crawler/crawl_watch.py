"""Watching a crawl: its run is kept alive, its limits are held, what it leaves behind is ended."""

import logging
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from core.errors import StorageError
from core.target import Target
from crawler.child_process import kill_group
from crawler.crawl_family import kill_members, memory_bytes
from crawler.disk_budget import DISK_FULL
from storage.database import Database
from storage.runs import beat

GRACE_S = 20.0
WATCH_EVERY_S = 0.5
BEAT_EVERY_S = 15.0
MEMORY_EVERY_S = 5.0
log = logging.getLogger("adwatch.crawls")


@dataclass(frozen=True, slots=True)
class CrawlWatch:
    """Keeps a crawl's run alive and within its limits, whether it speaks or hangs."""

    database: Database
    run_id: int
    target: Target
    child: subprocess.Popen[bytes]
    mark: str
    stop: Event
    why: list[str]
    is_disk_short: Callable[[], bool]

    def run(self) -> None:
        """Watch until the crawl has ended, and end what it leaves behind."""
        begun = beaten = weighed = time.monotonic()
        limits = self.target.limits
        while self.child.poll() is None:
            now = time.monotonic()
            if self.stop.is_set():
                _end(self.child, "interrupted", self.why)
            elif now - begun > limits.run_minutes * 60 + 30:
                _end(self.child, "run_timeout", self.why)
            elif now - weighed > MEMORY_EVERY_S:
                weighed = now
                if memory_bytes(self.mark) > limits.memory_mb * 1024**2:
                    _end(self.child, "memory_exceeded", self.why)
                elif self.is_disk_short():
                    _end(self.child, DISK_FULL, self.why)
            else:
                with suppress(subprocess.TimeoutExpired):
                    self.child.wait(WATCH_EVERY_S)
            if now - beaten > BEAT_EVERY_S:
                beaten = now
                self._beat()
        kill_group(self.child.pid)
        kill_members(self.mark)

    def _beat(self) -> None:
        try:
            beat(self.database, self.run_id, datetime.now(UTC))
        except StorageError as error:
            log.warning("the beat of run %d is put off: %s", self.run_id, error)


def _end(child: subprocess.Popen[bytes], reason: str, why: list[str]) -> None:
    """Ask the crawl to end; after the grace period, end it and whatever it started."""
    why.append(reason)
    try:
        child.send_signal(signal.SIGTERM)
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        kill_group(child.pid)
