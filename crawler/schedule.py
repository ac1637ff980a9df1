"""The service: a ticker that starts due crawls once, sends the digest, and alerts to faults."""

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from alerts.channels import build_channel
from alerts.deliver import deliver
from alerts.message import operator_message
from core.errors import AdwatchError, LockedError
from core.ledger import Health
from core.target import Target
from crawler.crawls import CrawlSite, crawl_target
from crawler.digests import AUDIENCE, send, write_day
from crawler.health import judge_target
from crawler.opening import evidence_store, open_workspace_database
from crawler.slots import due_slot
from crawler.workspace import SETTINGS_FILE, TARGETS_FOLDER, load_workspace
from spiders.browser import chromium_executable
from storage.database import Database
from storage.digests import find_digest
from storage.runs import last_runs

TICK_S = 20
RECENT_RUNS = 50  # a slot further back than this many runs is long over
log = logging.getLogger("adwatch.service")


class Service:
    """Runs until `stop` is set. One per folder; several on one database start each slot once."""

    def __init__(self, folder: Path, environment: Mapping[str, str], stop: Event) -> None:
        self._folder = folder
        self._environment = environment
        self._stop = stop
        self._workspace = load_workspace(folder, environment)
        self._workspace.ready()
        self._stamp = _stamp(self._workspace.folder)
        self._alerted: frozenset[str] = frozenset()
        self._under_way: dict[str, Future[None]] = {}

    def run(self, *, once: bool) -> int:
        """Tick until stopped, or once; waits for the crawls under way before it returns."""
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
        settings = self._workspace.ready()
        with (
            open_workspace_database(self._workspace) as database,
            ThreadPoolExecutor(settings.network.max_crawls) as pool,
        ):
            if once:
                self._tick(database, pool)
            else:
                ticker = BackgroundScheduler(timezone=UTC)
                ticker.add_job(
                    self._tick, "interval", args=(database, pool), seconds=TICK_S,
                    max_instances=1, coalesce=True, misfire_grace_time=None,
                    next_run_time=datetime.now(UTC),
                )  # fmt: skip
                ticker.start()
                self._stop.wait()
                ticker.shutdown(wait=True)
        return 0

    def _tick(self, database: Database, pool: ThreadPoolExecutor) -> None:
        """One look at the clock; whatever fails is alerted, and the next tick comes."""
        try:
            self._reload()
            self._alert_faults()
            self._start_due(database, pool)
            self._send_due_digest(database)
        except AdwatchError as error:
            self._alert("service fault", (str(error),))
        except Exception as error:
            log.exception("the tick failed")
            self._alert("service fault", (f"{type(error).__name__}: {error}",))

    def _reload(self) -> None:
        stamp = _stamp(self._workspace.folder)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        fresh = load_workspace(self._folder, self._environment)
        if fresh.settings is None:
            self._alert("configuration refused, the old one is kept", tuple(map(str, fresh.faults)))
            return
        log.info("configuration read again: %d targets", len(fresh.targets))
        self._workspace = fresh

    def _alert_faults(self) -> None:
        """Say each fault of the target files once, as long as it lasts."""
        faults = frozenset(map(str, self._workspace.faults))
        fresh = sorted(faults - self._alerted)
        if fresh:
            self._alert(f"{len(fresh)} faults in target files", tuple(fresh))
        self._alerted = faults

    def _start_due(self, database: Database, pool: ThreadPoolExecutor) -> None:
        workspace = self._workspace
        settings = workspace.ready()
        now = datetime.now(UTC)
        site = CrawlSite(
            workspace.folder, settings, database, chromium_executable(self._environment)
        )
        for target in workspace.targets:
            running = self._under_way.get(target.id)
            if not target.enabled or (running and not running.done()):
                continue
            slot = due_slot(target, now, settings.schedule.every, settings.timezone)
            if all(run.slot != slot for run in last_runs(database, target.id, RECENT_RUNS)):
                self._under_way[target.id] = pool.submit(self._crawl, site, target, slot)

    def _crawl(self, site: CrawlSite, target: Target, slot: str) -> None:
        try:
            crawl_target(site, target, slot, _ignore, self._stop)
            health = judge_target(target, last_runs(site.database, target.id, 8))
        except LockedError as error:
            log.info("%s", error)
            return
        except Exception as error:
            log.exception("the crawl of %s failed", target.id)
            self._alert(f"crawl of {target.id} failed", (f"{type(error).__name__}: {error}",))
            return
        log.info("%s %s: %s %s", target.id, slot, health.health.value, health.detail)
        if health.health is not Health.OK:
            self._alert(f"{target.id}: {health.health.value}", (health.detail,))

    def _send_due_digest(self, database: Database) -> None:
        """Write yesterday's digest once its hour has come, and send it where a route leads."""
        workspace = self._workspace
        settings = workspace.ready()
        local = datetime.now(ZoneInfo(settings.timezone))
        plan = settings.schedule.digest
        day = local.date() - timedelta(days=1)
        saturday = 5
        is_off = plan.days == "workdays" and local.weekday() >= saturday
        if is_off or f"{local:%H:%M}" < plan.at or find_digest(database, day, AUDIENCE):
            return
        out = workspace.folder / settings.digests
        written = write_day(workspace, database, evidence_store(workspace), day, out)
        log.info("digest of %s written: %s", day, written.files.html)
        refused = [one for one in send(workspace, database, written).deliveries if not one.ok]
        if refused:
            lines = tuple(f"{one.channel} {one.recipient}: {one.detail}" for one in refused)
            self._alert(f"digest of {day} refused by a channel", lines)

    def _alert(self, subject: str, lines: tuple[str, ...]) -> None:
        """Tell the operator: always the log, and every channel of the operator route."""
        log.warning("%s: %s", subject, " | ".join(lines))
        settings = self._workspace.ready()
        channels = [
            build_channel(name, settings.alerts.channels[name], self._workspace.folder)
            for name in settings.alerts.routes.operator
        ]
        for one in deliver(operator_message(subject, lines), channels, lambda _delivery: None):
            if not one.ok:
                log.error("alert not delivered by %s: %s", one.channel, one.detail)


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a configuration file does."""
    files = [folder / SETTINGS_FILE, *sorted((folder / TARGETS_FOLDER).glob("*.y*ml"))]
    stats = [(path, path.stat()) for path in files if path.is_file()]
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def _ignore(_target_id: str, _event: dict[str, Any]) -> None:
    """Nobody watches a scheduled crawl; its run report tells."""
