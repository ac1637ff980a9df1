"""What the operator hears: faults of the service, and a target's state, once when it is raised."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from alerts.health_wording import health_name
from alerts.message import Message, operator_message
from alerts.outlets import Outlets
from alerts.packing import pack_message
from alerts.policy import due_at
from core.target import Target
from crawler.health import RUNS, Episode, episode
from crawler.outlets import build_outlets
from crawler.workspace import Workspace
from storage.database import Database
from storage.marks import mark_raised
from storage.outbox import Address, MessageKind, Outgoing, enlist, last_key
from storage.runs import last_runs

ENDED = ":ended"
log = logging.getLogger("adwatch.service")


def enlist_for_operator(
    database: Database, outlets: Outlets, message: Message, channels: Sequence[str] = ()
) -> None:
    """Put a message into the outbox for `channels`, or for every operator channel."""
    now = datetime.now(UTC)
    addresses = operator_addresses(outlets, channels or outlets.routes.operator, now)
    outgoing = Outgoing(message.key, MessageKind.OPERATOR, "operator", pack_message(message))
    if addresses:
        enlist(database, outgoing, addresses, now, outlets.give_up_after)


def operator_addresses(outlets: Outlets, channels: Sequence[str], now: datetime) -> list[Address]:
    """Who hears of a fault through these channels, not before the quiet hours end."""
    awake = due_at(outlets.quiet, now, outlets.surroundings.zone)
    return [
        Address(name, recipient, "operator", awake)
        for name in channels
        for recipient in outlets.channels[name].recipients
    ]


def tell_health(database: Database, outlets: Outlets, target: Target) -> None:
    """Tell a state once when it is raised, and once when it has ended.

    What was told is known by the outbox, whose messages stay, so that a service that was killed
    between a crawl and its message tells it after the next one.
    """
    prefix = f"health:{target.id}:"
    told = last_key(database, prefix)
    found = episode(target, last_runs(database, target.id, RUNS))
    is_raised = found is not None and found.ended is None
    mark_raised(database, target.id, found.health.value if found and is_raised else None)
    if found is None or found.ended is not None:
        if told is not None and not told.endswith(ENDED):
            log.info("%s is well again", target.id)
            message = operator_message(f"{target.id}: well again", (f"{told} has ended",))
            _tell(database, outlets, message, told + ENDED)
        return
    if told is None or not told.endswith(f":{found.health.value}"):
        key = f"{prefix}{found.raised_by or 'before'}:{found.health.value}"
        _tell(database, outlets, _raised_message(target, found), key)


def tell_healths(database: Database, workspace: Workspace, targets: Sequence[Target]) -> None:
    """The same after a crawl that a person or a timer started."""
    if workspace.ready().alerts.routes.operator:
        outlets = build_outlets(workspace)
        for target in targets:
            tell_health(database, outlets, target)


def _raised_message(target: Target, found: Episode) -> Message:
    lines = (
        found.detail,
        f"{target.title}: {health_name(found.health, 'zh')}",
        f"two runs in a row, since {found.since:%Y-%m-%d %H:%M} UTC; told again only when it ends",
    )
    return operator_message(f"{target.id}: {found.health.value}", lines)


def _tell(database: Database, outlets: Outlets, message: Message, key: str) -> None:
    log.warning("%s: %s", message.subject, message.text.replace("\n", " "))
    enlist_for_operator(database, outlets, replace(message, key=key))
