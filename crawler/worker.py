"""The job queue in PostgreSQL: the service puts slots into it, workers on any machine take them.

The only module that speaks to Procrastinate. A job is taken by one worker, at most one of a lock at
a time; when its worker dies, another one takes it up.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from threading import Event
from typing import Self

from procrastinate import (
    App,
    BaseRetryStrategy,
    JobContext,
    PsycopgConnector,
    RetryDecision,
    SyncPsycopgConnector,
)
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job

from core.errors import LockedError, StorageError
from crawler.jobs import HandedBackError, JobSite
from crawler.lifeline import MOST_RETRIES, Lifeline, WorkerPlan
from crawler.rescan_order import RescanPart
from storage.database import Database, open_database
from storage.jobs import has_queue

QUEUE = "adwatch"
CRAWL, RESCAN = "crawl", "rescan"
BACK_OFF_S = 10
LOCKED_AGAIN_S = 30
POLL_S = 2.0
ROUND_PAUSE_S = 5.0
SPARE_THREADS = 4
log = logging.getLogger("adwatch.worker")


def prepare_queue(storage: str) -> None:
    """Make the queue's tables where they are missing."""
    database = open_database(storage)
    try:
        if has_queue(database):
            return
        with App(connector=SyncPsycopgConnector(conninfo=_address(storage))).open() as app:
            app.schema_manager.apply_schema()
    except ConnectorException as error:
        if not has_queue(database):  # else somebody was faster
            raise StorageError(f"the job queue's tables cannot be made: {_why(error)}") from error
    finally:
        database.close()


def open_queue(database: Database, storage: str) -> "JobQueue":
    """The queue, to be entered; StorageError where its tables are missing."""
    if not has_queue(database):
        raise StorageError("the job queue has no tables yet; run `adwatch db upgrade`")
    return JobQueue(storage)


class JobQueue:
    """Puts jobs into the queue; a context."""

    def __init__(self, storage: str) -> None:
        connector = SyncPsycopgConnector(conninfo=_address(storage), min_size=1, max_size=2)
        self._app = App(connector=connector)

    def __enter__(self) -> Self:
        self._app.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._app.close()

    def put_crawl(self, target_id: str, slot: str, lock: str) -> bool:
        """Put a slot into the queue; False where it waits there already."""
        return self._put(CRAWL, lock, f"{target_id} {slot}", target_id=target_id, slot=slot)

    def put_rescan(self, part: RescanPart) -> bool:
        """Put a key range of a rescan into the queue; False where it waits there already."""
        key = f"{RESCAN} {part.rescan_id} {part.after_id} {part.until_id}"
        return self._put(RESCAN, None, key, **asdict(part))

    def _put(self, task: str, lock: str | None, key: str, **arguments: str | int) -> bool:
        job = self._app.configure_task(task, queue=QUEUE, lock=lock, queueing_lock=key)
        try:
            job.defer(**arguments)
        except AlreadyEnqueued:
            return False
        except ConnectorException as error:
            raise StorageError(f"the job queue cannot be written: {_why(error)}") from error
        return True


class Worker:
    """Takes jobs until it is told to stop."""

    def __init__(self, site: JobSite, storage: str, plan: WorkerPlan) -> None:
        self._site = site
        self._storage = storage
        self._plan = plan
        self._lifeline = Lifeline(site, plan)
        self._halt = Event()
        self._stopping = asyncio.Event()
        self._working: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Work in rounds: one ends when the database went away, or for good when told to stop."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._plan.crawls + SPARE_THREADS))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._tell_to_stop)
        while not self._stopping.is_set():
            try:
                await self._round()
            except (ConnectorException, StorageError) as error:
                log.warning("the job queue is out of reach: %s", _why(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), ROUND_PAUSE_S)

    async def _round(self) -> None:
        plan, self._halt = self._plan, Event()
        connector = PsycopgConnector(conninfo=_address(self._storage))
        async with self._app(connector).open_async() as app:
            work = app.run_worker_async(
                queues=[QUEUE],
                concurrency=plan.crawls,
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL_S,
                update_heartbeat_interval=plan.silence_s / 6,
                stalled_worker_timeout=plan.silence_s,
                delete_jobs="successful",
            )
            self._working = working = asyncio.create_task(work)
            if self._stopping.is_set():
                working.cancel()  # told to stop while the queue was being opened
            keeping = asyncio.create_task(self._lifeline.keep())
            await asyncio.wait([working, keeping], return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                self._halt.set()
                working.cancel()
                await asyncio.wait([working])
            keeping.cancel()
        if not working.cancelled():
            working.result()

    def _tell_to_stop(self) -> None:
        """Take nothing more; crawls may end by themselves, but not for ever. Twice: at once."""
        if self._stopping.is_set():
            self._halt.set()
            return
        log.info("told to stop: what is under way may go on for %.0f s", self._plan.grace_s)
        self._stopping.set()
        asyncio.get_running_loop().call_later(self._plan.grace_s, self._halt.set)
        if self._working is not None:
            self._working.cancel()

    def _app(self, connector: PsycopgConnector) -> App:
        app = App(connector=connector)

        @app.task(name=CRAWL, queue=QUEUE, pass_context=True, retry=_Again())
        def crawl(context: JobContext, target_id: str, slot: str) -> None:
            self._work(context.job, lambda: self._site.crawl(target_id, slot, self._halt))

        @app.task(name=RESCAN, queue=QUEUE, pass_context=True, retry=_Again())
        def rescan(context: JobContext, rescan_id: int, after_id: int, until_id: int) -> None:
            part = RescanPart(rescan_id, after_id, until_id)
            self._work(context.job, lambda: self._site.rescan(part, self._halt))

        return app

    def _work(self, job: Job, work: Callable[[], None]) -> None:
        """Do the job in this thread; the operator hears of one that failed for the last time."""
        if job.id is None or job.worker_id is None:
            raise StorageError(f"job {job.call_string} was not taken from the queue")
        try:
            with self._lifeline.holding(job.id, job.worker_id):
                work()
        except (HandedBackError, LockedError):
            raise
        except Exception as error:
            if job.attempts >= MOST_RETRIES:
                what = f"{type(error).__name__}: {error}"
                subject = f"job {job.id} failed {job.attempts + 1} times"
                self._site.tell_operator(f"job-{job.id}", subject, job.call_string, what)
            raise


class _Again(BaseRetryStrategy):
    """What was handed back is done at once; what others hold, later; what failed, three times."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, HandedBackError):
            return RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, LockedError):
            return RetryDecision(retry_in={"seconds": LOCKED_AGAIN_S})
        if job.attempts >= MOST_RETRIES:
            return None
        return RetryDecision(retry_in={"seconds": BACK_OFF_S * 2**job.attempts})


def _address(storage: str) -> str:
    """The storage URL as the driver below SQLAlchemy reads it."""
    return storage.replace("postgresql+psycopg://", "postgresql://", 1)


def _why(error: Exception) -> str:
    return str(error.__cause__ or error)
