"""`adwatch backup` and `adwatch restore`."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.backups import back_up
from crawler.cli import EXIT_PARTIAL
from crawler.opening import is_terminal, open_workspace_database, read_settings
from crawler.restoring import restore as restore_backup

LINE_EVERY_S = 30.0


class _Steps:
    """Says how far it has come: on a terminal at once, else a line every 30 s."""

    def __init__(self) -> None:
        self._every_s = 0.2 if is_terminal() else LINE_EVERY_S
        self._end = "\r" if is_terminal() else "\n"
        self._next = time.monotonic() + self._every_s

    def tell(self, what: str, done: int, of: int) -> None:
        """One step of `what` was done."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._every_s
        click.echo(f"{what}: {done} of {of}{self._end}", err=True, nl=False)


@click.command()
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def backup(folder: str, dest: Path, *, as_json: bool) -> int:
    """Copy database, evidence and configuration to DEST while everything goes on.

    Evidence files that DEST has already are not copied again. Exit code 4 where evidence was
    missing or changed (the rest is a whole backup), 5 if another backup to DEST is under way.
    """
    workspace = read_settings(folder)
    with open_workspace_database(workspace) as database:
        made = back_up(workspace, database, dest.resolve(), datetime.now(UTC), _Steps().tell)
    if as_json:
        document = {
            "backup": str(made.folder),
            "files": made.files,
            "copied": made.copied,
            "damaged": list(made.damaged),
            "schema": made.database.revision,
            "head": {"seq": made.database.head.seq, "record_hash": made.database.head.record_hash},
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for digest in made.damaged:
            click.echo(f"evidence {digest} is missing or changed")
        click.echo(f"{made.folder}: {made.files} evidence files, {made.copied} of them new")
    return EXIT_PARTIAL if made.damaged else 0


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("into", type=click.Path(path_type=Path))
@click.option("--at", metavar="NAME", help="Which backup, as 20261122T014000Z; else the newest.")
@click.option("--storage", metavar="URL", envvar="ADWATCH_RESTORE_STORAGE", show_envvar=True,
              help="An empty PostgreSQL database, for a backup of one.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def restore(source: Path, into: Path, *, at: str | None, storage: str | None, as_json: bool) -> int:
    """Make the folder INTO from a backup in SOURCE, and check every hash of it.

    INTO must not exist or be empty. Exit code 1 where something does not hold; then there is no
    INTO. Exit code 4 where evidence was missing or changed already when the backup was made.
    """
    done = restore_backup(source.resolve(), into.resolve(), storage, at, _Steps().tell)
    if as_json:
        document = {
            "backup": done.backup.name,
            "records": done.report.records,
            "files": done.files,
            "damaged": list(done.damaged),
            "head": {"seq": done.report.head.seq, "record_hash": done.report.head.record_hash},
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for digest in done.damaged:
            click.echo(f"evidence {digest} was missing or changed when the backup was made")
        click.echo(
            f"{into}: backup {done.backup.name}, {done.report.records} records and {done.files}"
            f" files, all of them checked{os.linesep}Next: adwatch --config {into} doctor"
        )
    return EXIT_PARTIAL if done.damaged else 0
