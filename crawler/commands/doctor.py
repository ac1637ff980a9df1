"""`adwatch doctor`."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from crawler.checks import run_checks
from crawler.cli import EXIT_FAILED_CHECK
from crawler.workspace import load_workspace

COLOURS = {"OK": "green", "WARN": "yellow", "FAIL": "red"}


@click.command()
@click.option("--mail", is_flag=True, help="Also connect to the mail servers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def doctor(folder: str, *, mail: bool, as_json: bool) -> int:
    """Check this installation; each line is OK, WARN or FAIL, with the fix. Exit 1 on a FAIL."""
    workspace = load_workspace(Path(folder), os.environ)
    checks = []
    for check in run_checks(workspace, mail=mail):
        checks.append(check)
        if not as_json:
            colour = COLOURS[check.verdict] if not os.environ.get("NO_COLOR") else None
            click.echo(click.style(f"{check.verdict:<5}", fg=colour), nl=False)
            click.echo(f"{check.name:<13} {check.detail}")
            if check.fix:
                click.echo(f"     {'':<13} fix: {check.fix}")
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    return EXIT_FAILED_CHECK if any(check.verdict == "FAIL" for check in checks) else 0
