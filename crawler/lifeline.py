"""A worker's line to the database: it says that it lives, and takes up what dead ones left."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from core.errors import StorageError
from crawler.jobs import JobSite
from storage.jobs import SpentJob, beat_workers, bury_job, retry_stalled, spent_jobs

MOST_RETRIES = 3
log = logging.getLogger("adwatch.worker")


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """How a worker works.

    A worker that was silent for `silence_s` counts as dead. One that cannot reach the database for
    a third of that ends its crawls itself, so that they are over before others begin them anew.
    `grace_s` is how long crawls may go on when the worker is told to stop.
    """

    crawls: int
    silence_s: float = 90.0
    grace_s: float = 60.0

    @property
    def patience_s(self) -> float:
        """How long the database may be out of reach."""
        return self.silence_s / 3


class Lifeline:
    """Beats for the jobs that are held, also while the worker ends and the queue beats no more."""

    def __init__(self, site: JobSite, plan: WorkerPlan) -> None:
        self._site = site
        self._plan = plan
        self._held: dict[int, int] = {}

    @contextmanager
    def holding(self, job_id: int, worker_id: int) -> Iterator[None]:
        """The job is ours inside."""
        self._held[job_id] = worker_id
        try:
            yield
        finally:
            del self._held[job_id]

    async def keep(self) -> None:
        """Beat until the database has been out of reach for too long; returns then."""
        reached = time.monotonic()
        while time.monotonic() - reached < self._plan.patience_s:
            try:
                await asyncio.wait_for(asyncio.to_thread(self._beat), self._plan.patience_s)
                reached = time.monotonic()
            except (StorageError, TimeoutError) as error:
                log.warning("the database does not answer: %s", error)
            except Exception:
                log.exception("the lifeline failed")
            await asyncio.sleep(self._plan.silence_s / 12)

    def _beat(self) -> None:
        database = self._site.database
        silence = timedelta(seconds=self._plan.silence_s)
        if holders := set(self._held.copy().values()):
            beat_workers(database, holders)
        if given_back := retry_stalled(database, silence, MOST_RETRIES):
            log.warning("%d jobs of dead workers are given back", given_back)
        for job in spent_jobs(database, silence, MOST_RETRIES):
            what = f"{job.attempts + 1} workers died over it; it is not tried again"
            self._site.tell_operator(f"job-{job.id}", f"job {job.id} given up", _said(job), what)
            bury_job(database, job.id)


def _said(job: SpentJob) -> str:
    return f"{job.task} {' '.join(map(str, job.arguments.values()))}"
