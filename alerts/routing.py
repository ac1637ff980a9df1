"""From findings to deliveries: who hears of each, and when many at once become one summary."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from alerts.finding_message import summary_message
from alerts.outlets import Outlets
from alerts.packing import pack_message
from alerts.policy import Subject, due_at, hearers
from storage.bursts import (
    Burst,
    count_due,
    count_recent,
    fold_burst,
    last_summary,
    postpone_findings,
)
from storage.database import Database
from storage.findings import get_findings
from storage.outbox import Address, MessageKind, Outgoing, route, unrouted

ROUTED_TOGETHER = 500
BURST_SPAN = timedelta(seconds=60)
log = logging.getLogger("adwatch.alerts")


def route_new(database: Database, outlets: Outlets, clock: Callable[[], datetime]) -> int:
    """Decide who hears of what was found since the last look; how many messages."""
    count = 0
    while found := unrouted(database, ROUTED_TOGETHER):
        now = clock()
        decisions = {
            one.message_id: addresses(
                outlets, Subject(one.level, one.patterns, one.target_ids), now
            )
            for one in found
        }
        route(database, decisions, now, outlets.give_up_after)
        count += len(found)
    return count


def addresses(outlets: Outlets, subject: Subject, now: datetime) -> list[Address]:
    """Everybody who hears of a finding, after the quiet hours where they hold."""
    awake = due_at(outlets.quiet, now, outlets.surroundings.zone)
    return [
        Address(heard.channel, recipient, heard.audience, now if heard.in_quiet_hours else awake)
        for heard in hearers(outlets.routes.at_once, subject, outlets.regions)
        for recipient in outlets.channels[heard.channel].recipients
    ]


def fold_at_once(database: Database, outlets: Outlets, channel: str, now: datetime) -> None:
    """Too many at once become a summary; what comes in the minute after waits for its end."""
    due = count_due(database, channel, now)
    if not due:
        return
    summary_at = last_summary(database, channel)
    if summary_at is not None and summary_at > now - BURST_SPAN:
        postpone_findings(database, channel, summary_at + BURST_SPAN, now)
        return
    recent = count_recent(database, channel, now - BURST_SPAN)
    if sum(due.values()) + recent <= outlets.burst:
        return

    def write(burst: Burst) -> Outgoing:
        worst = get_findings(database, burst.worst_ids)
        key = f"summary-{burst.channel}-{burst.audience}-{now:%Y%m%dT%H%M%S%f}"
        message = summary_message(burst, worst, key, outlets.surroundings)
        return Outgoing(key, MessageKind.SUMMARY, burst.audience, pack_message(message))

    for audience in due:
        count = fold_burst(database, channel, audience, write, now, outlets.give_up_after)
        log.info("%s: %d messages became one summary", channel, count)
