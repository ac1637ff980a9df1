"""`adwatch rescan`."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import click

from alerts.digest import heading
from classifiers.rulebook import load_rulebook
from core.ledger import Finding, Turn
from core.patterns import pattern_name
from crawler.cli import EXIT_PARTIAL
from crawler.opening import is_terminal, open_workspace_database, read_workspace
from crawler.rescan import run_rescan
from crawler.rescan_progress import RescanProgress
from crawler.validation import did_you_mean
from crawler.workspace import Workspace
from storage.database import Database
from storage.findings import get_findings
from storage.rescans import Rescan, RescanReport, Scope, begin_rescan, end_rescan, stored_targets

SAID = {
    Turn.NEW: "new: suspect now, not before",
    Turn.RAISED: "raised to high",
    Turn.LIFTED: "lifted: no longer suspect",
}


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY",
              help="Only what was seen on this day (as 2026-11-22) or later.")  # fmt: skip
@click.option("--target", "targets", multiple=True, metavar="ID",
              help="Only what was seen at this target; may be given again.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(0, 256), default=0, show_default=True,
              help="Processes that judge; 0 for one a core.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def rescan(
    folder: str, *, since: datetime | None, targets: tuple[str, ...], jobs: int, as_json: bool
) -> int:
    """Judge what is stored by today's rules; list the findings that are new, raised or lifted.

    A rescan that was cut short goes on where it stopped. Decided findings stay as they are, and
    nobody is alerted at once: what is new stands in the next digest. Exit code 4 if some
    observation could not be judged, 5 if the same rescan is under way.
    """
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database, _ended_like_ctrl_c():
        scope = _scope(workspace, database, since, targets)
        task = begin_rescan(database, load_rulebook().digest, scope, datetime.now(UTC))
        if task.resumed:
            click.echo(f"going on with rescan {task.id}", err=True)
        media = {target.id: target.labels.medium for target in workspace.targets}
        with RescanProgress(task.left, terminal=is_terminal()) as progress:
            try:
                if workspace.ready().workers == "procrastinate":
                    _share(workspace, database, task, progress)
                else:
                    run_rescan(database, task, media, jobs or os.cpu_count() or 1, progress.tell)
            except KeyboardInterrupt:
                click.echo("stopped; the same command goes on from here", err=True)
                raise
        report = end_rescan(database, task, datetime.now(UTC))
        turned = {turn: get_findings(database, ids) for turn, ids in report.turned.items()}
    if as_json:
        click.echo(json.dumps(_document(report, turned), ensure_ascii=False))
    else:
        _tell(report, turned)
    return EXIT_PARTIAL if report.failed else 0


def _share(
    workspace: Workspace, database: Database, task: Rescan, progress: RescanProgress
) -> None:
    from crawler.shared_rescan import share_rescan  # noqa: PLC0415 (Procrastinate is optional)

    share_rescan(database, workspace.ready().storage_url(workspace.folder), task, progress)


def _scope(
    workspace: Workspace, database: Database, since: datetime | None, targets: tuple[str, ...]
) -> Scope:
    known = {target.id for target in workspace.targets} | stored_targets(database)
    for name in targets:
        if name not in known:
            hint = did_you_mean(name, sorted(known))
            raise click.UsageError(f"no target {name!r}, neither configured nor stored{hint}")
    zone = ZoneInfo(workspace.ready().timezone)
    return Scope(since.replace(tzinfo=zone).astimezone(UTC) if since else None, targets)


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does: between two units of work."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _document(report: RescanReport, turned: dict[Turn, tuple[Finding, ...]]) -> dict[str, Any]:
    return {
        "rescan": report.id,
        "rulebook": report.rulebook,
        "observations": report.judged,
        "failed": report.failed,
        **{turn.value: [_finding_json(item) for item in found] for turn, found in turned.items()},
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "level": finding.level.word,
        "score": finding.score,
        "state": finding.state.value,
        "title": finding.title,
        "patterns": list(finding.patterns),
        "urls": [place.url for place in finding.places],
    }


def _tell(report: RescanReport, turned: dict[Turn, tuple[Finding, ...]]) -> None:
    for turn, found in turned.items():
        if found:
            click.echo(f"{SAID[turn]} ({len(found)})")
        for finding in found:
            names = "、".join(pattern_name(pattern) for pattern in finding.patterns[:3])
            click.echo(
                f"{finding.id:>6}  {finding.level.word:<6} {finding.score:>3.0f}  "
                f"{finding.state.value:<9} {finding.place_count:>3} places  "
                f"{heading(finding)[:40]}  [{names}]"
            )
    counts = ", ".join(f"{len(found)} {turn.value}" for turn, found in turned.items())
    click.echo(f"{report.judged} observations judged, {report.failed} failed: {counts}")
