"""The service: a ticker that starts due crawls once, sends the digest, and alerts to faults."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from alerts.render import digest_key
from alerts.sender import Sender
from core.errors import AdwatchError, EvidenceError, LockedError
from core.target import Target
from crawler.config import LogFormat
from crawler.crawls import STATE_FOLDER, CrawlSite, crawl_target, reader_parents
from crawler.digest_turn import due_day
from crawler.digests import audiences, choices_for, write_day
from crawler.dispatch import Dispatcher, LocalDispatcher, QueueDispatcher
from crawler.due import opened_at
from crawler.log_output import logged_about, secrets_of, write_logs
from crawler.opening import evidence_store, open_workspace_database
from crawler.operator_alerts import tell_health
from crawler.operator_desk import OperatorDesk
from crawler.plan import Plan
from crawler.retaining import retain_by_settings
from crawler.standing import health_of
from crawler.target_locks import LOCK_PATIENCE_S, Silences, locked, lose_ended_here
from crawler.vitals import Vitals
from crawler.watched_workspace import WatchedWorkspace
from spiders.browser import chromium_executable
from storage.database import Database
from storage.digests import find_digest, newest_digest
from storage.outbox import message_id

TICK_S = 20
RETAIN_AFTER = timedelta(minutes=10)
log = logging.getLogger("adwatch.service")


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


class Service:
    """Runs until `stop` is set. One per folder; several on one database start each slot once."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        stop: Event,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._environment = environment
        self._stop = stop
        self._now = now
        self._watched = WatchedWorkspace(folder, environment)
        self._desk = OperatorDesk(lambda: self._watched.outlets, now)
        self._readers = reader_parents(self._watched.workspace.folder)
        self._silences = Silences()
        self._crawled = 0
        self._vitals: Vitals | None = None
        self._log_format: LogFormat | None = None

    def reload(self) -> None:
        """Read the configuration again at the next tick, whether a file has changed or not."""
        self._watched.is_asked.set()

    def run(self, *, once: bool, log_format: LogFormat | None = None) -> int:
        """Tick until stopped, or once; waits for the crawls under way before it returns.

        LockedError where a service runs in this folder already.
        """
        workspace = self._watched.workspace
        settings = workspace.ready()
        self._log_format = log_format
        write_logs(log_format or settings.logs, secrets_of(settings))
        what = f"another `adwatch serve` runs in {workspace.folder}"
        state = workspace.folder / STATE_FOLDER
        with (
            locked(state / "service.lock", what, LOCK_PATIENCE_S),
            open_workspace_database(workspace) as database,
        ):
            self._desk.database = database
            watched = self._watched
            vitals = Vitals(database, lambda: (watched.workspace, watched.outlets))
            self._vitals = vitals
            plan = Plan(database)
            sender = Sender(database, lambda: self._watched.outlets)
            lose_ended_here(database, state, LOCK_PATIENCE_S)
            with self._dispatcher(database) as dispatcher:
                if once:
                    self._tick_while_it_helps(plan, database, dispatcher)
                else:
                    self._tick_until_stopped(plan, database, dispatcher, sender, vitals)
            if once:
                vitals.look()
                sender.send_due(self._stop)
        return 0

    @contextmanager
    def _dispatcher(self, database: Database) -> Iterator[Dispatcher]:
        """Workers, or threads of ours; ends when what these began has ended."""
        workspace = self._watched.workspace
        settings = workspace.ready()
        if settings.workers == "procrastinate":
            from crawler.worker import open_queue  # noqa: PLC0415 (Procrastinate is optional)

            with open_queue(database, settings.storage_url(workspace.folder)) as queue:
                yield QueueDispatcher(queue, lambda: self._watched.workspace.targets)
            return
        with self._readers, ThreadPoolExecutor(settings.network.max_crawls) as pool:
            yield LocalDispatcher(pool, partial(self._crawl, database))

    def _tick_while_it_helps(self, plan: Plan, database: Database, dispatcher: Dispatcher) -> None:
        """Tick again for targets whose host was being crawled, unless others crawl it."""
        crawled = -1
        while crawled < self._crawled and not self._stop.is_set():
            crawled = self._crawled
            if not self._tick(plan, database, dispatcher):
                return
            dispatcher.wait_until_idle()

    def _tick_until_stopped(
        self,
        plan: Plan,
        database: Database,
        dispatcher: Dispatcher,
        sender: Sender,
        vitals: Vitals,
    ) -> None:
        sending = Thread(target=sender.run, args=(self._stop,), name="sender")
        sending.start()
        watching = Thread(target=vitals.run, args=(self._stop,), name="vitals")
        watching.start()
        ticker = BackgroundScheduler(timezone=UTC)
        ticker.add_job(
            self._tick, "interval", args=(plan, database, dispatcher), seconds=TICK_S,
            max_instances=1, coalesce=True, misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )  # fmt: skip
        ticker.add_job(
            self._retain, "interval", args=(database,), days=1, coalesce=True,
            misfire_grace_time=None, next_run_time=datetime.now(UTC) + RETAIN_AFTER,
        )  # fmt: skip
        ticker.start()
        self._stop.wait()
        ticker.shutdown(wait=True)
        sending.join()
        watching.join()

    def _tick(self, plan: Plan, database: Database, dispatcher: Dispatcher) -> bool:
        """One look at the clock; whatever fails is alerted, and the next tick comes.

        True where a crawl that is due waits for another one on its host.
        """
        waiting = healthy = False
        try:
            self._reload()
            self._desk.tell_calendar_end(self._watched.workspace.ready())
            self._lose_broken(database)
            waiting = self._start_due(plan, dispatcher)
            self._send_due_digests(database)
            healthy = True
        except AdwatchError as error:
            self._desk.tell("service fault", (str(error),))
        except Exception as error:
            log.exception("the tick failed")
            self._desk.tell("service fault", (f"{type(error).__name__}: {error}",))
        if self._vitals is not None:
            self._vitals.ticked(healthy=healthy)
        return waiting

    def _retain(self, database: Database) -> None:
        """Remove what need not be kept; a backup under way goes first."""
        try:
            log.info(
                "retention: %s",
                retain_by_settings(self._watched.workspace, database, datetime.now(UTC)),
            )
        except (LockedError, EvidenceError) as error:
            log.info("no retention today: %s", error)
        except Exception as error:
            log.exception("retention failed")
            self._desk.tell("retention failed", (f"{type(error).__name__}: {error}",))

    def _reload(self) -> None:
        for said in self._watched.reload():
            self._desk.tell(said.subject, said.lines)

    def _lose_broken(self, database: Database) -> None:
        """Mark runs as lost whose process has ended here, or is silent elsewhere."""
        state = self._watched.workspace.folder / STATE_FOLDER
        lost = lose_ended_here(database, state)
        lost += self._silences.lose_silent(database, self._now(), time.monotonic())
        for run in lost:
            log.warning("%s %s: lost", run.target_id, run.slot)

    def _start_due(self, plan: Plan, dispatcher: Dispatcher) -> bool:
        """Dispatch what is due; whether some of it has to be said again."""
        chores = plan.chores(self._watched.workspace, self._now())
        for run in chores.given_up:
            self._desk.tell_given_up(run)
        started = [dispatcher.start(due.target, due.slot) for due in chores.due]
        return not all(started)

    def _crawl(self, database: Database, target: Target, slot: str) -> None:
        workspace = self._watched.workspace
        settings = workspace.ready()
        opened = opened_at(target, self._now(), settings.schedule, settings.timezone)
        if self._stop.is_set() or opened is None:
            return  # it was queued until its hours ended: it is due again when they begin
        chromium = chromium_executable(self._environment)
        settings = settings.logged_as(self._log_format)
        site = CrawlSite(workspace.folder, settings, database, chromium, self._readers)
        with logged_about(target.id):
            try:
                run = crawl_target(site, target, slot, _ignore, self._stop)
                self._crawled += 1
                health = health_of(site.database, target)
                tell_health(site.database, self._watched.outlets, target)
            except LockedError as error:
                log.info("%s", error)
                return
            except Exception as error:
                log.exception("the crawl of %s failed", target.id)
                said = (f"{type(error).__name__}: {error}",)
                self._desk.tell(f"crawl of {target.id} failed", said)
                return
        with logged_about(target.id, run.id if run else None):
            log.info("%s %s: %s %s", target.id, slot, health.health.value, health.detail)

    def _send_due_digests(self, database: Database) -> None:
        """Write the digests whose hour has come, each with its outbox row."""
        workspace = self._watched.workspace
        settings = workspace.ready()
        store = evidence_store(workspace)
        for audience in audiences(settings):
            day = due_day(settings, audience, self._now())
            newest = newest_digest(database, audience)
            if day is None or (newest is not None and newest.day > day):
                continue
            sending = bool(choices_for(settings, audience))
            is_out = message_id(database, digest_key(day, audience)) is not None
            if is_out or (not sending and find_digest(database, day, audience)):
                continue
            out = workspace.folder / settings.digests
            written = write_day(workspace, database, store, day, out, audience, sending=sending)
            log.info("digest of %s for %s written: %s", day, audience, written.files.html)


def _ignore(_target_id: str, _event: dict[str, Any]) -> None:
    """Nobody watches a scheduled crawl; its run report tells."""
