"""`adwatch digest` and `adwatch alerts`."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from alerts.channels import build_channel
from alerts.deliver import deliver
from alerts.message import operator_message
from alerts.results import Delivery
from crawler.cli import EXIT_PARTIAL
from crawler.digests import send, write_day
from crawler.opening import evidence_store, open_workspace_database, read_workspace
from crawler.validation import did_you_mean


@click.command()
@click.option("--date", "day", help="The day, as 2026-11-22, today or yesterday (default: today).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder to write to (default: the digests folder of the settings).")  # fmt: skip
@click.option("--send", "sending", is_flag=True, help="Mail it through the digest route.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def digest(folder: str, *, day: str | None, out: Path | None, sending: bool, as_json: bool) -> int:
    """Write a day's digest as HTML, text and xlsx; the text goes to stdout."""
    workspace = read_workspace(folder)
    settings = workspace.ready()
    wanted = parse_day(day, settings.timezone)
    if sending and not settings.alerts.routes.digest:
        raise click.UsageError("--send needs channels under alerts.routes.digest in adwatch.yml")
    with open_workspace_database(workspace) as database:
        written = write_day(
            workspace,
            database,
            evidence_store(workspace),
            wanted,
            out or workspace.folder / settings.digests,
        )
        if sending:
            written = send(workspace, database, written)
    files = written.files
    if as_json:
        document = {
            "date": wanted.isoformat(),
            "subject": written.digest.subject,
            "findings": list(written.digest.finding_ids),
            "html": str(files.html),
            "text": str(files.text),
            "xlsx": str(files.xlsx),
            "deliveries": [_delivery_json(delivery) for delivery in written.deliveries],
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        click.echo(files.text.read_text(encoding="utf-8"))
        for path in (files.html, files.text, files.xlsx):
            click.echo(f"written: {path}", err=True)
        _tell(written.deliveries)
    return EXIT_PARTIAL if any(not one.ok for one in written.deliveries) else 0


def parse_day(text: str | None, zone: str) -> date:
    """A day as people say it; a usage error says what is allowed."""
    today = datetime.now(ZoneInfo(zone)).date()
    if text in {None, "today"}:
        return today
    if text == "yesterday":
        return today - timedelta(days=1)
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise click.UsageError(
            f"--date {text!r} is not a day like 2026-11-22, today or yesterday"
        ) from None


def _delivery_json(delivery: Delivery) -> dict[str, object]:
    return {
        "channel": delivery.channel,
        "recipient": delivery.recipient,
        "ok": delivery.ok,
        "code": delivery.code,
        "detail": delivery.detail,
    }


def _tell(deliveries: tuple[Delivery, ...]) -> None:
    for one in deliveries:
        word = "sent" if one.ok else "REFUSED"
        click.echo(f"{word}: {one.channel} {one.recipient} {one.code} {one.detail}", err=True)


@click.group()
def alerts() -> None:
    """Try the alert channels."""


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
    results = deliver(
        message, [build_channel(channel, known[channel], Path(folder))], lambda _delivery: None
    )
    _tell(results)
    return EXIT_PARTIAL if any(not one.ok for one in results) else 0
