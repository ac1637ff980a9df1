"""The tables of the job queue (Procrastinate's) as far as they are looked at with SQL of ours.

Its functions are called by name and belong to its release, which is pinned.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, inspect, text

from storage.database import Database

_TABLE = "procrastinate_jobs"

# A job under way whose worker is gone or has been silent. The row of the worker is asked for in a
# subquery, so that a job that somebody else has just taken up is looked at anew and left alone.
_STALLED = """
    job.status = 'doing' AND NOT EXISTS (
        SELECT 1 FROM procrastinate_workers AS worker
        WHERE worker.id = job.worker_id AND worker.last_heartbeat >= now() - :silence
    )
"""
# The same job waits a second time: of two that wait the queue would refuse one.
_TWIN = """
    EXISTS (
        SELECT 1 FROM procrastinate_jobs AS twin
        WHERE twin.status = 'todo' AND twin.queueing_lock = job.queueing_lock
    )
"""
_BEAT = text(
    "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id IN :workers"
).bindparams(bindparam("workers", expanding=True))
_RETRY = text(f"""
    WITH stalled AS (
        SELECT job.id FROM procrastinate_jobs AS job
        WHERE {_STALLED} AND job.attempts < :most AND NOT {_TWIN}
        FOR UPDATE OF job SKIP LOCKED
    )
    SELECT procrastinate_retry_job_v2(stalled.id, now(), NULL, NULL, NULL) FROM stalled
""")  # noqa: S608 (constants)
_DROP_TWINS = text(f"""
    DELETE FROM procrastinate_jobs AS job WHERE {_STALLED} AND {_TWIN}
""")  # noqa: S608 (constants)
_SPENT = text(f"""
    SELECT job.id, job.task_name, job.args, job.attempts FROM procrastinate_jobs AS job
    WHERE {_STALLED} AND job.attempts >= :most ORDER BY job.id
""")  # noqa: S608 (constants)
_COUNT = text("""
    SELECT count(*) FILTER (WHERE status IN ('todo', 'doing')) AS open,
        count(*) FILTER (WHERE status = 'failed') AS failed
    FROM procrastinate_jobs WHERE task_name = :task AND args ->> :name = :value
""")
_BURY = text("""
    UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id AND status = 'doing'
""")


@dataclass(frozen=True, slots=True)
class SpentJob:
    """A job whose workers died again and again."""

    id: int
    task: str
    arguments: dict[str, Any]
    attempts: int


def has_queue(db: Database) -> bool:
    """Whether the queue's tables are there."""
    if db.dialect != "postgresql":
        return False
    with db.reading() as connection:
        return inspect(connection).has_table(_TABLE)


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs wait or are under way, and how many have failed for good."""

    open: int
    failed: int


def count_jobs(db: Database, task: str, argument: str, value: int) -> JobCount:
    """Jobs of that task and argument."""
    with db.reading() as connection:
        found = connection.execute(_COUNT, {"task": task, "name": argument, "value": str(value)})
        row = found.one()
    return JobCount(row.open, row.failed)


def beat_workers(db: Database, workers: Collection[int]) -> None:
    """Tell that these workers are alive."""
    with db.writing() as connection:
        connection.execute(_BEAT, {"workers": list(workers)})


def retry_stalled(db: Database, silence: timedelta, most: int) -> int:
    """Give back the jobs of workers that were silent so long, unless tried `most` times again.

    How many those are. Any number of callers may do so at once: each job is given back by one.
    """
    with db.writing() as connection:
        connection.execute(_DROP_TWINS, {"silence": silence})
        given_back = connection.execute(_RETRY, {"silence": silence, "most": most})
        return len(given_back.all())


def spent_jobs(db: Database, silence: timedelta, most: int) -> Sequence[SpentJob]:
    """Stalled jobs that were tried `most` times again."""
    with db.reading() as connection:
        rows = connection.execute(_SPENT, {"silence": silence, "most": most}).all()
    return [SpentJob(row.id, row.task_name, row.args, row.attempts) for row in rows]


def bury_job(db: Database, job_id: int) -> None:
    """Mark a stalled job as failed for good."""
    with db.writing() as connection:
        connection.execute(_BURY, {"id": job_id})
