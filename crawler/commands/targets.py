"""`adwatch targets`."""

import json

import click

from alerts.health_wording import standing_words
from core.target import Target
from crawler.commands.target_files import add, suggest
from crawler.commands.target_looks import preview, test
from crawler.opening import open_workspace_database, read_workspace
from crawler.standing import health_of


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
        rows = [(target, health_of(database, target)) for target in workspace.targets]
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
                "raised": health.raised,
                "since": health.since.isoformat() if health.since else None,
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
            f"{health.health.value:<10} {health.detail}{standing_words(health)}{state}"
        )


for command in (add, suggest, preview, test):
    targets.add_command(command)


def schedule_text(target: Target, default: str) -> str:
    """When a target is crawled, in the words of its file."""
    return f"cron {target.cron}" if target.cron else f"every {target.every or default}"
