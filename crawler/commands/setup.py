"""`adwatch init`, `check` and `config schema`."""

import json
import os
import sys
from pathlib import Path

import click

from crawler.cli import EXIT_CONFIG
from crawler.workspace import SETTINGS_FILE, TARGETS_FOLDER, load_workspace


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> int:
    """Write a commented start into FOLDER: adwatch.yml and targets/example.yml.

    Files that exist are left as they are.
    """
    from crawler.starter import EXAMPLE_TARGET, SETTINGS  # noqa: PLC0415 (long texts)

    wanted = {
        folder / SETTINGS_FILE: SETTINGS,
        folder / TARGETS_FOLDER / "example.yml": EXAMPLE_TARGET,
    }
    for path, text in wanted.items():
        if path.exists():
            click.echo(f"{path}: exists, left as it is", err=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(f"{path}: written", err=True)
    click.echo(f"Next: adwatch --config {folder} check", err=True)
    return 0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def check(folder: str, *, as_json: bool) -> int:
    """Report every fault of the configuration as file:line:col, what is wrong, what is allowed."""
    workspace = load_workspace(Path(folder), os.environ)
    faults = sorted(workspace.faults)
    if as_json:
        document = {
            "targets": len(workspace.targets),
            "faults": [
                {"file": f.file, "line": f.line, "column": f.column, "where": f.where,
                 "what": f.what}
                for f in faults
            ],
        }  # fmt: skip
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for fault in faults:
            click.echo(str(fault))
        count = f"{len(workspace.targets)} targets are valid"
        click.echo(f"{count}, {len(faults)} faults" if faults else f"{count}", err=True)
    return EXIT_CONFIG if faults else 0


@click.group()
def config() -> None:
    """Describe the configuration."""


@config.command()
@click.argument("part", type=click.Choice(["target", "settings"]), default="target")
def schema(part: str) -> None:
    """Print the JSON Schema of a target file (or of adwatch.yml) for editors."""
    from crawler.schema import settings_schema, target_schema  # noqa: PLC0415 (only here)

    document = target_schema() if part == "target" else settings_schema()
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
