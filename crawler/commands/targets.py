"""`adwatch targets`."""

import json

import click

from core.target import Target
from crawler.health import judge_target
from crawler.opening import open_workspace_database, read_workspace
from storage.runs import last_runs


@click.group()
def targets() -> None:
    """Work with the configured targets."""


@targets.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def list_targets(folder: str, *, as_json: bool) -> None:
    """List the targets with their schedule and the health of their last run."""
    workspace = read_workspace(folder)
    default = workspace.ready().schedule.every
    with open_workspace_database(workspace) as database:
        rows = [
            (target, judge_target(target, last_runs(database, target.id, 8)))
            for target in workspace.targets
        ]
    if as_json:
        document = [
            {
                "id": target.id,
                "title": target.title,
                "spider": target.spider,
                "enabled": target.enabled,
                "schedule": schedule_text(target, default),
                "health": health.health.value,
                "detail": health.detail,
                "last_run": health.run.started_at.isoformat() if health.run else None,
            }
            for target, health in rows
        ]
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    for target, health in rows:
        state = "" if target.enabled else " (disabled)"
        click.echo(
            f"{target.id:<24} {target.spider:<8} {schedule_text(target, default):<18} "
            f"{health.health.value:<10} {health.detail}{state}"
        )


def schedule_text(target: Target, default: str) -> str:
    """When a target is crawled, in the words of its file."""
    return f"cron {target.cron}" if target.cron else f"every {target.every or default}"
