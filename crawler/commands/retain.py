"""`adwatch retain`."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from crawler.opening import open_workspace_database, read_settings
from crawler.retaining import retain_by_settings
from storage.retention import compact as give_space_back


@click.command()
@click.option("--dry-run", is_flag=True, help="Count only; remove nothing.")
@click.option("--compact", is_flag=True,
              help="Then give the database's free space back to the disk.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def retain(folder: str, *, dry_run: bool, compact: bool, as_json: bool) -> int:
    """Remove what `retention:` does not keep and no finding needs; `serve` does it daily.

    Records of evidence stay, with their chain: only bytes go, and a record signs for them. Exit
    code 5 while a backup is under way.
    """
    workspace = read_settings(folder)
    with open_workspace_database(workspace) as database:
        done = retain_by_settings(workspace, database, datetime.now(UTC), dry_run=dry_run)
        if compact and not dry_run:
            give_space_back(database)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **asdict(done)}))
    else:
        word = "would be removed" if dry_run else "removed"
        click.echo(f"{done.observations} observations and {done.files} evidence files {word}")
    return 0
