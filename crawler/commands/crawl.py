"""`adwatch crawl` and `adwatch serve`."""

import json
import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType

import click

from core.ledger import Health, RunRecord, TargetHealth
from core.target import Target
from crawler.cli import EXIT_INTERRUPTED, EXIT_PARTIAL
from crawler.config import LogFormat
from crawler.crawls import crawl_targets, manual_slot
from crawler.opening import is_terminal, open_site, read_workspace
from crawler.operator_alerts import tell_healths
from crawler.progress import CrawlProgress
from crawler.standing import health_of
from crawler.validation import did_you_mean
from crawler.workspace import Workspace


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All enabled targets.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def crawl(folder: str, ids: tuple[str, ...], *, every: bool, as_json: bool) -> int:
    """Crawl targets now: the ones named by IDS, or --all enabled ones.

    Exit code 4 if some target failed or some target file is faulty, 5 if some target was being
    crawled by another command; the others are crawled all the same.
    """
    workspace = read_workspace(folder)
    chosen = choose_targets(workspace, ids, every=every)
    stop = Event()
    previous = signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        with open_site(workspace) as site:
            terminal = is_terminal()
            with CrawlProgress(len(chosen), terminal=terminal) as progress:
                slot = manual_slot(datetime.now(UTC))
                try:
                    crawled = crawl_targets(site, chosen, slot, progress.tell, stop)
                except KeyboardInterrupt:
                    stop.set()
                    raise
            healths = [health_of(site.database, target) for target in chosen]
            tell_healths(site.database, workspace, chosen)
    finally:
        signal.signal(signal.SIGTERM, previous)
    _report(crawled.runs, healths, as_json=as_json)
    crawled.complain()
    if stop.is_set():
        return EXIT_INTERRUPTED
    bad = [h for h in healths if h.health is not Health.OK]
    return EXIT_PARTIAL if bad or workspace.faults else 0


def choose_targets(
    workspace: Workspace, ids: tuple[str, ...], *, every: bool
) -> tuple[Target, ...]:
    """The targets that the command line asks for; a usage error names what is not there."""
    if every:
        return tuple(target for target in workspace.targets if target.enabled)
    if not ids:
        raise click.UsageError("name the targets to crawl, or give --all")
    known = {target.id: target for target in workspace.targets}
    for name in ids:
        if name not in known:
            raise click.UsageError(f"no valid target {name!r}{did_you_mean(name, known)}")
    return tuple(known[name] for name in ids)


def _report(runs: Sequence[RunRecord], healths: Sequence[TargetHealth], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_as_json(health) for health in healths], ensure_ascii=False))
        return
    for health in healths:
        run = health.run
        counts = ""
        if run is not None:
            report = run.report
            counts = (
                f"{report.pages:>5} pages {report.new:>5} new {report.changed:>4} changed "
                f"{report.unchanged:>5} unchanged {report.suspect:>4} suspect  "
            )
        click.echo(f"{health.target_id:<24} {health.health.value:<9} {counts}{health.detail}")
    pages = sum(run.report.pages for run in runs)
    click.echo(f"{len(runs)} runs, {pages} pages", err=True)


def _as_json(health: TargetHealth) -> dict[str, object]:
    run = health.run
    if run is None:
        return {"id": health.target_id, "health": health.health.value, "detail": health.detail}
    report = run.report
    return {
        "id": health.target_id,
        "health": health.health.value,
        "detail": health.detail,
        "run": run.id,
        "pages": report.pages,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "suspect": report.suspect,
        "drops": report.drops,
        "pictures": report.pictures,
        "states": report.states,
        "statuses": report.statuses,
        "errors": report.errors,
        "failed_starts": report.failed_starts,
        "reason": report.reason,
        "yields": report.yields,
        "raised": health.raised,
    }


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option("--log-format", type=click.Choice(["text", "json"]), help="Instead of logs: ….")
@click.pass_obj
def serve(folder: str, *, once: bool, log_format: LogFormat | None) -> int:
    """Run the schedule: crawl what is due, send the digest, alert the operator to faults.

    The configuration is read again at every change; a faulty target file is reported and alerted,
    and never stops the others. SIGHUP asks for that too. Exit code 5 if a service runs in this
    folder already.
    """
    from crawler.schedule import Service  # noqa: PLC0415 (APScheduler is needed here only)

    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    service = Service(Path(folder), os.environ, stop)
    handlers = {
        signal.SIGTERM: end,
        signal.SIGINT: end,
        signal.SIGHUP: lambda *_: service.reload(),
    }
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        return service.run(once=once, log_format=log_format)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
