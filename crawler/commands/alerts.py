"""`adwatch alerts`: try a channel, look at the outbox, send it again."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from alerts.channels import build_channel
from alerts.deliver import deliver
from alerts.message import operator_message
from alerts.sender import Sender
from crawler.cli import EXIT_PARTIAL
from crawler.commands.digest import tell
from crawler.opening import open_workspace_database, read_workspace
from crawler.outlets import build_outlets
from crawler.validation import did_you_mean
from storage.database import Database
from storage.outbox import DeliveryState
from storage.pace import held_channels
from storage.queue_status import (
    ChannelQueue,
    DeliveryRow,
    channel_queues,
    count_unrouted,
    troubled_deliveries,
    try_again,
)

_FAILED = (DeliveryState.REFUSED, DeliveryState.DEAD)


@click.group()
def alerts() -> None:
    """Try the channels, look after the outbox."""


@alerts.command("test")
@click.argument("channel")
@click.pass_obj
def test_channel(folder: str, channel: str) -> int:
    """Send a test message through CHANNEL and print what came back."""
    settings = read_workspace(folder).ready()
    known = settings.alerts.channels
    if channel not in known:
        hint = did_you_mean(channel, known)
        raise click.UsageError(
            f"no channel {channel!r} under alerts.channels: {', '.join(known) or 'none'}{hint}"
        )
    message = operator_message("adwatch 测试消息 / test message", ("这是一条测试消息。",))
    results = deliver(message, [build_channel(channel, known[channel], Path(folder))])
    tell(results)
    return EXIT_PARTIAL if any(not one.ok for one in results) else 0


@alerts.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def status(folder: str, *, as_json: bool) -> int:
    """Show the outbox: each channel's deliveries by state, the oldest, the last errors."""
    workspace = read_workspace(folder)
    configured = workspace.ready().alerts.channels
    with open_workspace_database(workspace) as database:
        now = datetime.now(UTC)
        queues = {queue.channel: queue for queue in channel_queues(database)}
        held = held_channels(database, now)
        unrouted = count_unrouted(database)
        troubled = troubled_deliveries(database)
    names = [*configured, *(name for name in queues if name not in configured)]
    if as_json:
        document = {
            "unrouted": unrouted,
            "channels": {
                name: _queue_json(queues.get(name), held.get(name), now)
                | {"configured": name in configured}
                for name in names
            },
            "troubled": [_row_json(row) for row in troubled],
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return 0
    zone = ZoneInfo(workspace.ready().timezone)
    states = list(DeliveryState)
    click.echo(f"{'channel':<20}" + "".join(f"{state.value:>9}" for state in states) + "  oldest")
    for name in names:
        queue = queues.get(name)
        counts = "".join(f"{queue.counts.get(s, 0) if queue else 0:>9}" for s in states)
        notes = "" if name in configured else "  not configured any more"
        if name in held:
            notes += f"  left alone until {held[name].astimezone(zone):%m-%d %H:%M:%S}"
        click.echo(f"{name:<20}{counts}  {_age(queue, now)}{notes}")
    if unrouted:
        click.echo(f"{unrouted} findings wait for `adwatch serve` or `adwatch alerts send`")
    for row in troubled:
        when = f"{row.changed_at.astimezone(zone):%m-%d %H:%M}"
        click.echo(
            f"#{row.id} {when} {row.channel} {row.recipient} {row.state.value} after "
            f"{row.attempts} tries: {row.key}: {row.code} {' '.join(row.detail.split())[:160]}"
        )
    return 0


@alerts.command()
@click.argument("numbers", nargs=-1, type=int, metavar="[NUMBERS]...")
@click.option("--dead", is_flag=True, help="All that were refused or given up.")
@click.pass_obj
def retry(folder: str, numbers: tuple[int, ...], *, dead: bool) -> int:
    """Make the deliveries NUMBERS (from `status`) due again, or all with --dead."""
    if bool(numbers) == dead:
        raise click.UsageError("name deliveries by their number, or give --dead")
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database:
        give_up_after = build_outlets(workspace).give_up_after
        due = try_again(
            database, datetime.now(UTC), delivery_ids=None if dead else numbers,
            give_up_after=give_up_after,
        )  # fmt: skip
    missed = sorted(set(numbers) - set(due))
    if missed:
        click.echo(f"not waiting, refused or given up: {', '.join(map(str, missed))}", err=True)
    click.echo(f"{len(due)} deliveries are due again; `adwatch serve` sends them", err=True)
    return EXIT_PARTIAL if missed else 0


@alerts.command()
@click.pass_obj
def send(folder: str) -> int:
    """Send what is due now and end: for installations that crawl without `adwatch serve`."""
    workspace = read_workspace(folder)
    with open_workspace_database(workspace) as database:
        outlets = build_outlets(workspace)
        count = Sender(database, partial(lambda one: one, outlets)).send_due()
        waiting = _waiting(database)
    click.echo(f"{count} messages sent, {waiting} deliveries wait or failed", err=True)
    return EXIT_PARTIAL if waiting else 0


def _waiting(database: Database) -> int:
    left = (DeliveryState.WAITING, DeliveryState.SENDING, *_FAILED)
    return sum(queue.counts.get(state, 0) for queue in channel_queues(database) for state in left)


def _age(queue: ChannelQueue | None, now: datetime) -> str:
    if queue is None or queue.oldest_at is None:
        return "-"
    seconds = int((now - queue.oldest_at).total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds % 60} s"


def _queue_json(
    queue: ChannelQueue | None, held_until: datetime | None, now: datetime
) -> dict[str, object]:
    counts = queue.counts if queue else {}
    oldest = queue.oldest_at if queue else None
    sent_at = queue.last_sent_at if queue else None
    return {
        "states": {state.value: counts.get(state, 0) for state in DeliveryState},
        "oldest_age_s": None if oldest is None else int((now - oldest).total_seconds()),
        "last_sent_at": sent_at.isoformat() if sent_at else None,
        "held_until": held_until.isoformat() if held_until else None,
    }


def _row_json(row: DeliveryRow) -> dict[str, object]:
    return {
        "id": row.id,
        "key": row.key,
        "kind": row.kind,
        "channel": row.channel,
        "audience": row.audience,
        "recipient": row.recipient,
        "state": row.state.value,
        "attempts": row.attempts,
        "code": row.code,
        "detail": row.detail,
        "created_at": row.created_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "changed_at": row.changed_at.isoformat(),
    }
