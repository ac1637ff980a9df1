"""Starting crawls: a child process each, watched, bounded, and accounted for whatever happens."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple
from uuid import uuid4

from core.errors import BusyHostError, LockedError
from core.ledger import RunRecord, RunReport, RunState
from core.target import Target
from crawler.child_process import child_environment
from crawler.config import Settings, s3_access
from crawler.crawl_family import MARK
from crawler.crawl_order import CrawlOrder
from crawler.crawl_watch import CrawlWatch
from crawler.disk_budget import DISK_FULL, is_short, parse_size
from crawler.outlets import told_from
from crawler.reader_parents import ReaderParents
from crawler.target_locks import LOCK_PATIENCE_S, lose_ended_here, place_of, target_lock
from pipelines.pictures.available import missing_packages
from storage.database import Database
from storage.runs import MANUAL, finish_run, last_runs, lose_runs_of_target, start_run

STATE_FOLDER = ".adwatch"

Progress = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class CrawlSite:
    """Where crawls happen: settings, their folder, the database, the browser if there is one."""

    folder: Path
    settings: Settings
    database: Database
    chromium: str | None
    readers: ReaderParents | None = None  # shared by its crawls; without it each has its own

    def is_disk_short(self) -> bool:
        """Whether a disk that crawls write to has less space free than is to be left."""
        folders = (self.folder, self.folder / self.settings.evidence)
        least = parse_size(self.settings.disk.min_free)
        return any(is_short(folder, least) for folder in folders)

    @property
    def state(self) -> Path:
        """The folder of locks, logs and caches."""
        return self.folder / STATE_FOLDER


def reader_parents(folder: Path) -> ReaderParents:
    """The parents of readers for all crawls of an installation; a context."""
    return ReaderParents(folder / STATE_FOLDER / "logs" / "readers.log")


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
    return f"{MANUAL}{now.strftime('%Y%m%dT%H%M%S.%fZ')}"


def crawl_targets(
    site: CrawlSite, targets: Sequence[Target], slot: str, progress: Progress, stop: Event
) -> Crawled:
    """Crawl the targets, at most `network.max_crawls` at once and one of a host at a time.

    Whatever one target does, the others are crawled.
    """
    runs: dict[str, RunRecord] = {}
    locked: list[str] = []

    def crawl_lane(lane: Sequence[Target]) -> None:
        for target in lane:
            if stop.is_set():
                return
            try:
                run = crawl_target(site, target, slot, progress, stop)
            except LockedError as error:
                locked.append(str(error))
            else:
                runs.update({} if run is None else {target.id: run})

    with ThreadPoolExecutor(site.settings.network.max_crawls) as pool:
        try:
            tuple(pool.map(crawl_lane, lanes(targets)))
        except KeyboardInterrupt:
            stop.set()  # or leaving the pool would wait for every crawl's natural end
            raise
    ordered = tuple(runs[target.id] for target in targets if target.id in runs)
    return Crawled(ordered, tuple(locked))


def lanes(targets: Sequence[Target]) -> tuple[tuple[Target, ...], ...]:
    """The targets in groups of which no two share a host."""
    lane_of: dict[str, list[Target]] = {}
    for target in targets:
        mine = [lane_of[host] for host in sorted(target.hosts) if host in lane_of]
        found = {id(lane): lane for lane in mine}
        lane, *others = found.values() or [[]]
        for other in others:
            lane += other
        lane.append(target)
        joined = [target, *(one for other in others for one in other)]
        lane_of |= dict.fromkeys((host for one in joined for host in one.hosts), lane)
    return tuple(tuple(lane) for lane in {id(lane): lane for lane in lane_of.values()}.values())


def crawl_target(
    site: CrawlSite, target: Target, slot: str, progress: Progress, stop: Event
) -> RunRecord | None:
    """One crawl in a child process; None where the slot was already taken.

    LockedError where the target, or BusyHostError where one of its hosts, is being crawled.
    """
    with target_lock(site.state, target.id) as lock:
        now = datetime.now(UTC)
        # We hold the lock, so whatever still counts as running has lost its process.
        lose_runs_of_target(site.database, target.id, place_of(site.state), now)
        run_id = _win_slot(site, target, slot, now)
        if run_id is None:
            return None
        progress(target.id, {"event": "started"})
        if site.is_disk_short():
            report = RunReport(reason=DISK_FULL, drops={DISK_FULL: len(target.start_urls)})
            finish_run(site.database, run_id, RunState.FAILED, report, datetime.now(UTC))
        elif target.is_rendered and site.chromium is None:
            report = RunReport(reason="no_chromium", drops={"no_chromium": len(target.start_urls)})
            finish_run(site.database, run_id, RunState.FAILED, report, datetime.now(UTC))
        else:
            _run_child(site, target, run_id, lock, progress, stop)
        run = last_runs(site.database, target.id, 1)[0]
        progress(target.id, {"event": "ended", "state": run.state.value})
        return run


def _win_slot(site: CrawlSite, target: Target, slot: str, now: datetime) -> int | None:
    """The new run's id; what holds a host here and has ended is cleared away first."""
    place = place_of(site.state)
    try:
        return start_run(site.database, target.id, slot, now, target.hosts, place)
    except BusyHostError:
        lose_ended_here(site.database, site.state, LOCK_PATIENCE_S)
        return start_run(site.database, target.id, slot, now, target.hosts, place)


def _run_child(  # noqa: PLR0917 (the parts of one crawl)
    site: CrawlSite, target: Target, run_id: int, lock: int, progress: Progress, stop: Event
) -> None:
    path = site.state / "logs" / f"{target.id}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    mark = uuid4().hex
    with path.open("wb") as log_file:
        child = subprocess.Popen(
            [sys.executable, "-m", "crawler.crawl_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log_file,
            start_new_session=True,
            pass_fds=(lock,),
            cwd=site.folder,
            env=child_environment() | {MARK: mark},
        )
        why: list[str] = []
        watch = CrawlWatch(
            site.database, run_id, target, child, mark, stop, why, site.is_disk_short
        )
        watcher = Thread(target=watch.run, daemon=True)
        watcher.start()
        try:
            _feed_and_follow(child, _order(site, target, run_id), target.id, progress, why)
        finally:
            code = child.wait()
            watcher.join()
    newest = last_runs(site.database, target.id, 1)[0]
    if newest.id != run_id:
        return
    if newest.state is RunState.RUNNING:
        reason = why[0] if why else f"process_ended_{code}"
        report = replace(newest.report, reason=reason, errors=newest.report.errors + 1)
        finish_run(site.database, run_id, RunState.FAILED, report, datetime.now(UTC))
    elif why and newest.state is RunState.FAILED:
        report = replace(newest.report, reason=why[0])  # it knows only that it was asked to end
        finish_run(site.database, run_id, RunState.FAILED, report, datetime.now(UTC))


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
    child.stdout.close()
    with suppress(BrokenPipeError):
        child.stdin.close()


def _order(site: CrawlSite, target: Target, run_id: int) -> CrawlOrder:
    settings = site.settings
    reads_pictures = target.images.read and not missing_packages()
    return CrawlOrder(
        target=target,
        run_id=run_id,
        storage_url=settings.storage_url(site.folder),
        evidence=settings.evidence_place(site.folder),
        s3=s3_access(settings),
        cache=str(site.state / "cache" / target.id),
        contact=settings.contact,
        network_allow=settings.network.allow,
        verify_tls=settings.network.verify_tls,
        chromium=site.chromium,
        readers=site.readers.pages.address if site.readers else None,
        picture_readers=site.readers.pictures.address if site.readers and reads_pictures else None,
        tell_from=int(told_from(settings)),
        logs=settings.logs,
    )
