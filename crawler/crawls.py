"""Starting crawls: a child process each, watched, bounded, and accounted for whatever happens."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from core.errors import LockedError
from core.ledger import RunRecord, RunReport, RunState
from core.target import Target
from crawler.config import Settings
from crawler.crawl_order import CrawlOrder
from storage.database import Database
from storage.runs import finish_run, last_runs, lose_runs_of_target, start_run

GRACE_S = 20.0
WATCH_EVERY_S = 0.5
# A crawl whose command was killed ends itself within moments; the next one waits for that.
LOCK_PATIENCE_S = 3.0
STATE_FOLDER = ".adwatch"

Progress = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class CrawlSite:
    """Where crawls happen: settings, their folder, the database, the browser if there is one."""

    folder: Path
    settings: Settings
    database: Database
    chromium: str | None

    @property
    def state(self) -> Path:
        """The folder of locks, logs and caches."""
        return self.folder / STATE_FOLDER


class Crawled(NamedTuple):
    """The runs in the targets' order, and what is said of targets that others were crawling."""

    runs: tuple[RunRecord, ...]
    locked: tuple[str, ...]

    def complain(self) -> None:
        """LockedError where some target was under way elsewhere."""
        if self.locked:
            raise LockedError("\n".join(self.locked))


def manual_slot(now: datetime) -> str:
    """The slot of a crawl that a person asked for."""
    return f"manual-{now.strftime('%Y%m%dT%H%M%S.%fZ')}"


@contextmanager
def target_lock(state: Path, target_id: str) -> Iterator[int]:
    """Hold the target for one crawl, by the file descriptor that is handed on to its process.

    The kernel lets go of it when all its holders are dead, the crawl's own process included.
    """
    folder = state / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{target_id}.lock").open("a+b") as file:
        give_up = time.monotonic() + LOCK_PATIENCE_S
        while not _locked(file.fileno()):
            if time.monotonic() > give_up:
                raise LockedError(f"{target_id}: another crawl of this target is under way")
            time.sleep(0.1)
        yield file.fileno()


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def crawl_targets(
    site: CrawlSite, targets: Sequence[Target], slot: str, progress: Progress, stop: Event
) -> Crawled:
    """Crawl the targets, at most `network.max_crawls` at once.

    Whatever one target does, the others are crawled.
    """
    locked: list[str] = []

    def crawl_one(target: Target) -> RunRecord | None:
        if stop.is_set():
            return None
        try:
            return crawl_target(site, target, slot, progress, stop)
        except LockedError as error:
            locked.append(str(error))
            return None

    with ThreadPoolExecutor(site.settings.network.max_crawls) as pool:
        try:
            runs = tuple(run for run in pool.map(crawl_one, targets) if run is not None)
        except KeyboardInterrupt:
            stop.set()  # or leaving the pool would wait for every crawl's natural end
            raise
    return Crawled(runs, tuple(locked))


def crawl_target(
    site: CrawlSite, target: Target, slot: str, progress: Progress, stop: Event
) -> RunRecord | None:
    """One crawl in a child process; None where the slot was already taken."""
    with target_lock(site.state, target.id) as lock:
        now = datetime.now(UTC)
        # We hold the lock, so whatever still counts as running has lost its process.
        lose_runs_of_target(site.database, target.id, now)
        run_id = start_run(site.database, target.id, slot, now)
        if run_id is None:
            return None
        progress(target.id, {"event": "started"})
        if target.browser and site.chromium is None:
            report = RunReport(reason="no_chromium", drops={"no_chromium": len(target.start_urls)})
            finish_run(site.database, run_id, RunState.FAILED, report, datetime.now(UTC))
        else:
            _run_child(site, target, run_id, lock, progress, stop)
        run = last_runs(site.database, target.id, 1)[0]
        progress(target.id, {"event": "ended", "state": run.state.value})
        return run


def _run_child(  # noqa: PLR0917 (the parts of one crawl)
    site: CrawlSite, target: Target, run_id: int, lock: int, progress: Progress, stop: Event
) -> None:
    log = site.state / "logs" / f"{target.id}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as log_file:
        child = subprocess.Popen(
            [sys.executable, "-m", "crawler.crawl_start"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log_file,
            start_new_session=True,
            pass_fds=(lock,),
            cwd=site.folder,
            env=_child_environment(),
        )
        why: list[str] = []
        limit_s = target.limits.run_minutes * 60 + 30
        watcher = Thread(target=_watch, args=(child, limit_s, stop, why), daemon=True)
        watcher.start()
        try:
            _feed_and_follow(child, _order(site, target, run_id), target.id, progress, why)
        finally:
            code = child.wait()
            watcher.join()
    newest = last_runs(site.database, target.id, 1)[0]
    if newest.id == run_id and newest.state is RunState.RUNNING:
        reason = why[0] if why else f"process_ended_{code}"
        report = replace(newest.report, reason=reason, errors=newest.report.errors + 1)
        finish_run(site.database, run_id, RunState.FAILED, report, datetime.now(UTC))


def _watch(child: subprocess.Popen[bytes], limit_s: float, stop: Event, why: list[str]) -> None:
    """End the crawl when it was asked to stop or its time is up, whether it speaks or hangs."""
    deadline = time.monotonic() + limit_s
    while child.poll() is None:
        if stop.is_set():
            _end(child, "interrupted", why)
        elif time.monotonic() > deadline:
            _end(child, "run_timeout", why)
        else:
            with suppress(subprocess.TimeoutExpired):
                child.wait(WATCH_EVERY_S)
    _kill_group(child.pid)


def _feed_and_follow(
    child: subprocess.Popen[bytes],
    order: CrawlOrder,
    target_id: str,
    progress: Progress,
    why: list[str],
) -> None:
    """Hand over the order as one line and follow what is told.

    The pipe stays open as long as this process lives: its end is how the crawl learns of our death.
    """
    assert child.stdin is not None  # noqa: S101 (asked for by PIPE)
    assert child.stdout is not None  # noqa: S101
    try:
        child.stdin.write(order.model_dump_json().encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        why.append("process_broke_at_start")
    for line in child.stdout:
        try:
            event = json.loads(line)
        except ValueError:
            continue  # a library printed something; the log has what matters
        if isinstance(event, dict):
            progress(target_id, {"event": "page", **event})
    with suppress(BrokenPipeError):
        child.stdin.close()


def _order(site: CrawlSite, target: Target, run_id: int) -> CrawlOrder:
    settings = site.settings
    return CrawlOrder(
        target=target,
        run_id=run_id,
        storage_url=settings.storage_url(site.folder),
        evidence=str(site.folder / settings.evidence),
        cache=str(site.state / "cache" / target.id),
        contact=settings.contact,
        network_allow=settings.network.allow,
        verify_tls=settings.network.verify_tls,
        chromium=site.chromium,
    )


def _child_environment() -> dict[str, str]:
    """What a crawl may see of our environment: no secrets of channels, no proxies."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE",
            "PYTHONPATH", "PLAYWRIGHT_BROWSERS_PATH", "XDG_RUNTIME_DIR")  # fmt: skip
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONUNBUFFERED": "1"
    }


def _end(child: subprocess.Popen[bytes], reason: str, why: list[str]) -> None:
    """Ask the crawl to end; after the grace period, end it and whatever it started."""
    why.append(reason)
    try:
        child.send_signal(signal.SIGTERM)
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        _kill_group(child.pid)


def _kill_group(group: int) -> None:
    """End what is left of a crawl's process group: readers, browsers."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
    time.sleep(0.05)
