"""`adwatch digest`."""

import json
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from alerts.outlets import Outlets
from alerts.results import Delivery
from alerts.route_config import ALL
from alerts.sender import Sender
from crawler.cli import EXIT_PARTIAL
from crawler.config import Settings
from crawler.digests import audiences, choices_for, send_now, write_day
from crawler.opening import evidence_store, open_workspace_database, read_workspace
from crawler.outlets import build_outlets
from crawler.validation import did_you_mean


@click.command()
@click.option("--date", "day", help="The day, as 2026-11-22, today or yesterday (default: today).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder to write to (default: the digests folder of the settings).")  # fmt: skip
@click.option("--audience", help="The digest of this audience (default: of everybody).")
@click.option("--send", "sending", is_flag=True, help="Send it through the digest routes.")
@click.option("--again", is_flag=True, help="With --send: also to those who have it already.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def digest(
    folder: str, *, day: str | None, out: Path | None, audience: str | None, sending: bool,
    again: bool, as_json: bool,
) -> int:  # fmt: skip
    """Write a day's digest as HTML, text and xlsx; the text goes to stdout.

    --send sends it, and the digest of every other audience, to those whose channel has not
    confirmed it yet; what fails stays in the outbox and is tried again.
    """
    workspace = read_workspace(folder)
    settings = workspace.ready()
    wanted = parse_day(day, settings.timezone)
    _check(settings, audience, sending=sending, again=again)
    chosen = (audience,) if audience else (audiences(settings) if sending else (ALL,))
    with open_workspace_database(workspace) as database:
        sender = Sender(database, partial(_same, build_outlets(workspace)))
        written = []
        for one in chosen:
            sends = sending and bool(choices_for(settings, one))
            made = write_day(
                workspace, database, evidence_store(workspace), wanted,
                out or workspace.folder / settings.digests, one, sending=sends, again=again,
                draft=not sending,
            )  # fmt: skip
            written.append(send_now(database, sender, made) if sends else made)
    deliveries = tuple(delivery for one in written for delivery in one.deliveries)
    first = written[0]
    files = first.files
    if as_json:
        document = {
            "date": wanted.isoformat(),
            "subject": first.digest.subject,
            "findings": list(first.digest.finding_ids),
            "html": str(files.html),
            "text": str(files.text),
            "xlsx": str(files.xlsx),
            "deliveries": [delivery_json(delivery) for delivery in deliveries],
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        click.echo(files.text.read_text(encoding="utf-8"))
        for path in (files.html, files.text, files.xlsx):
            click.echo(f"written: {path}", err=True)
    tell(deliveries)
    return EXIT_PARTIAL if any(not one.ok for one in deliveries) else 0


def _same(outlets: Outlets) -> Outlets:
    return outlets


def _check(settings: Settings, audience: str | None, *, sending: bool, again: bool) -> None:
    if sending and not settings.alerts.routes.digest:
        raise click.UsageError("--send needs channels under alerts.routes.digest in adwatch.yml")
    if again and not sending:
        raise click.UsageError("--again says how to --send")
    known = audiences(settings)
    if audience is not None and audience not in known:
        hint = did_you_mean(audience, known)
        raise click.UsageError(f"no digest route has the audience {audience!r}{hint}")


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


def delivery_json(delivery: Delivery) -> dict[str, object]:
    """A delivery as `--json` says it."""
    return {
        "channel": delivery.channel,
        "recipient": delivery.recipient,
        "ok": delivery.ok,
        "state": delivery.state,
        "code": delivery.code,
        "detail": delivery.detail,
    }


_SAID = {"sent": "sent", "already": "already sent, left out (--again sends it once more)",
         "waiting": "NOT YET, tried again by `adwatch serve`", "sending": "being sent elsewhere",
         "dead": "GIVEN UP", "refused": "REFUSED", "failed": "REFUSED"}  # fmt: skip


def tell(deliveries: tuple[Delivery, ...]) -> None:
    """One line a delivery on stderr, with the channel's own code and words."""
    for one in deliveries:
        said = _SAID[one.state]
        click.echo(f"{said}: {one.channel} {one.recipient} {one.code} {one.detail}", err=True)
