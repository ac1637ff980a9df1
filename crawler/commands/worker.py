"""`adwatch worker`."""

import asyncio
import os

import click

from core.errors import ConfigError, StorageError
from crawler.crawls import reader_parents
from crawler.jobs import JobSite
from crawler.lifeline import WorkerPlan
from crawler.log_output import secrets_of, write_logs
from crawler.opening import open_workspace_database, read_settings
from crawler.watched_workspace import WatchedWorkspace
from storage.jobs import has_queue


@click.command()
@click.option("--crawls", type=click.IntRange(1, 32), default=None,
              help="Jobs under way at once (default: network.max_crawls).")  # fmt: skip
@click.option("--grace", type=click.FloatRange(0, 3600), default=60, show_default=True,
              metavar="SECONDS", help="How long crawls may go on after SIGTERM.")  # fmt: skip
@click.option("--silence", type=click.FloatRange(6, 3600), default=90, show_default=True,
              metavar="SECONDS", help="After this, a silent worker counts as dead.")  # fmt: skip
@click.pass_obj
def worker(folder: str, *, crawls: int | None, grace: float, silence: float) -> None:
    """Take crawls and rescans from the job queue, on any machine, until told to stop.

    SIGTERM: nothing more is taken; what is under way ends within the grace period or is handed
    back to the queue. All workers of an installation are given the same --silence.
    """
    from crawler.worker import Worker  # noqa: PLC0415 (Procrastinate is needed here only)

    watched = WatchedWorkspace(read_settings(folder).folder, os.environ)
    workspace = watched.workspace
    settings = workspace.ready()
    write_logs(settings.logs, secrets_of(settings))
    if settings.workers != "procrastinate":
        raise ConfigError(("adwatch.yml: there is no job queue; write workers: procrastinate",))
    plan = WorkerPlan(crawls or settings.network.max_crawls, silence, grace)
    with (
        open_workspace_database(workspace) as database,
        reader_parents(workspace.folder) as readers,
    ):
        if not has_queue(database):
            raise StorageError("the job queue has no tables yet; run `adwatch db upgrade`")
        processes = max(1, (os.cpu_count() or 1) // plan.crawls)
        site = JobSite(watched, os.environ, database, readers, processes)
        storage = settings.storage_url(workspace.folder)
        asyncio.run(Worker(site, storage, plan).run())
