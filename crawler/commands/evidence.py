"""`adwatch evidence` and `adwatch db`."""

import json
from pathlib import Path

import click

from crawler.cli import EXIT_FAILED_CHECK
from crawler.opening import evidence_store, open_workspace_database, read_workspace
from crawler.workspace import Workspace
from storage.audit import verify_evidence
from storage.database import schema_status, upgrade
from storage.export import export_evidence
from storage.jobs import has_queue


@click.group()
def evidence() -> None:
    """Verify and export evidence."""


@evidence.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def verify(folder: str, *, as_json: bool) -> int:
    """Check every file against its hash and every record against the chain; exit 1 on a fault."""
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database:
        report = verify_evidence(database, evidence_store(workspace))
    if as_json:
        document = {
            "records": report.records,
            "files": report.files,
            "unreferenced": report.unreferenced,
            "removed": report.removed,
            "faults": list(report.faults),
            "more_faults": report.more_faults,
            "head": {"seq": report.head.seq, "record_hash": report.head.record_hash},
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for fault in report.faults:
            click.echo(fault)
        click.echo(
            f"{report.records} records and {report.files} files checked, "
            f"{len(report.faults) + report.more_faults} faults, "
            f"{report.unreferenced} files without a record, {report.removed} removed by retention",
            err=True,
        )
    return EXIT_FAILED_CHECK if report.faults else 0


@evidence.command()
@click.argument("records", nargs=-1, type=int, required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="The zip file to write.")  # fmt: skip
@click.pass_obj
def export(folder: str, records: tuple[int, ...], out: Path) -> None:
    """Write the evidence of RECORDS (their numbers) into one zip, with how to verify it."""
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database:
        export_evidence(database, evidence_store(workspace), records, out)
    click.echo(f"{out}: written", err=True)


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
@click.pass_obj
def upgrade_command(folder: str) -> None:
    """Bring the database to this version's schema; makes it where there is none.

    With `workers: procrastinate` the tables of the job queue as well.
    """
    workspace = read_workspace(folder)
    url = workspace.ready().storage_url(workspace.folder)
    upgrade(url)
    click.echo(f"schema {schema_status(url).current}", err=True)
    if workspace.ready().workers == "procrastinate":
        from crawler.worker import prepare_queue  # noqa: PLC0415 (many machines only)

        prepare_queue(url)
        click.echo("job queue ready", err=True)


@db.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def status(folder: str, *, as_json: bool) -> int:
    """Say which schema the database has and which one this version wants."""
    workspace = read_workspace(folder)
    found = schema_status(workspace.ready().storage_url(workspace.folder))
    queue = _queue_state(workspace, is_current=found.is_current)
    if as_json:
        click.echo(json.dumps({"current": found.current, "head": found.head, "queue": queue}))
    else:
        click.echo(f"current {found.current or 'none'}, wanted {found.head}; job queue: {queue}")
    return 0 if found.is_current and queue != "missing" else EXIT_FAILED_CHECK


def _queue_state(workspace: Workspace, *, is_current: bool) -> str:
    if workspace.ready().workers == "local":
        return "not used"
    if not is_current:
        return "missing"
    with open_workspace_database(workspace) as database:
        return "ready" if has_queue(database) else "missing"
