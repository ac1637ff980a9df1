"""A rescan by workers: its key ranges are jobs, and this process watches them."""

import time

from core.errors import AdwatchError
from crawler.rescan_order import RescanPart
from crawler.rescan_progress import RescanProgress
from crawler.worker import RESCAN, open_queue
from storage.database import Database
from storage.jobs import JobCount, count_jobs
from storage.rescans import Rescan, judged_so_far, key_ranges

RANGE = 20_000
LOOK_EVERY_S = 1.0


def share_rescan(db: Database, storage: str, task: Rescan, progress: RescanProgress) -> None:
    """Put what is left into the queue, unless it is there, and wait until it is done.

    AdwatchError where a range failed for good: the rescan stays open for the next go.
    """
    before, jobs = judged_so_far(db, task), _jobs(db, task)
    if not jobs.open:
        with open_queue(db, storage) as queue:
            for after_id, until_id in key_ranges(db, task, RANGE):
                queue.put_rescan(RescanPart(task.id, after_id, until_id))
    while (now := _jobs(db, task)).open:
        progress.reach(judged_so_far(db, task) - before)
        time.sleep(LOOK_EVERY_S)
    progress.reach(judged_so_far(db, task) - before)
    if failed := now.failed - jobs.failed:
        raise AdwatchError(
            f"{failed} key ranges of the rescan failed, and the operator was told;"
            " the same command tries them again"
        )


def _jobs(db: Database, task: Rescan) -> JobCount:
    return count_jobs(db, RESCAN, "rescan_id", task.id)
