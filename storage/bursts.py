"""Many messages at once become one: which ones wait, and folding them into a summary."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, distinct, func, select, update

from core.records import Level
from storage.database import Database
from storage.outbox import Address, DeliveryState, MessageKind, Outgoing, enlist_in
from storage.pace import lock_channel
from storage.tables import attempt, delivery, finding, message

WORST_SHOWN = 10
_WAITING = DeliveryState.WAITING.value


@dataclass(frozen=True, slots=True)
class Burst:
    """What a summary tells: how many findings by level, the worst, and all their numbers."""

    channel: str
    audience: str
    first_at: datetime
    last_at: datetime
    levels: tuple[tuple[Level, int], ...]
    worst_ids: tuple[int, ...]
    finding_ids: tuple[int, ...]


def count_recent(db: Database, channel: str, since: datetime) -> int:
    """How many messages about findings, summaries too, were begun to be sent since."""
    query = (
        select(func.count(distinct(attempt.c.message_id)))
        .join(message, message.c.id == attempt.c.message_id)
        .where(
            attempt.c.channel == channel,
            attempt.c.started_at >= since,
            message.c.kind.in_((MessageKind.FINDING.value, MessageKind.SUMMARY.value)),
        )
    )
    with db.reading() as connection:
        return connection.execute(query).scalar_one()


def last_summary(db: Database, channel: str) -> datetime | None:
    """When the channel's newest summary was made."""
    query = (
        select(func.max(message.c.created_at))
        .join(delivery, delivery.c.message_id == message.c.id)
        .where(delivery.c.channel == channel, message.c.kind == MessageKind.SUMMARY.value)
    )
    with db.reading() as connection:
        found: datetime | None = connection.execute(query).scalar_one()
    return found


def postpone_findings(db: Database, channel: str, until: datetime, now: datetime) -> int:
    """Let what is due about findings wait until then; how many deliveries."""
    mine = select(delivery.c.id).where(_foldable(channel, now))
    with db.writing() as connection:
        lock_channel(connection, channel)
        later = update(delivery).where(delivery.c.id.in_(mine)).values(due_at=until)
        return connection.execute(later).rowcount


def count_due(db: Database, channel: str, now: datetime) -> dict[str, int]:
    """How many messages about findings are due, none of them tried yet, by audience."""
    query = (
        select(delivery.c.audience, func.count(distinct(delivery.c.message_id)))
        .join(message, message.c.id == delivery.c.message_id)
        .where(_foldable(channel, now))
        .group_by(delivery.c.audience)
    )
    with db.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def fold_burst(  # noqa: PLR0917 (what a summary needs)
    db: Database,
    channel: str,
    audience: str,
    write: Callable[[Burst], Outgoing],
    now: datetime,
    give_up_after: timedelta,
) -> int:
    """Let one summary stand for all that is due; how many messages it stands for.

    `write` makes the summary of the burst, in the same unit of work.
    """
    which = and_(_foldable(channel, now), delivery.c.audience == audience)
    with db.writing() as connection:
        lock_channel(connection, channel)
        found = _burst(connection, channel, audience, which)
        if found is None:
            return 0
        burst, recipients, last_id = found
        addresses = [Address(channel, one, audience) for one in recipients]
        summary_id = enlist_in(connection, write(burst), addresses, now, give_up_after)
        those = select(message.c.id).where(message.c.kind == MessageKind.FINDING.value)
        connection.execute(
            update(delivery)
            .where(
                delivery.c.channel == channel,
                delivery.c.audience == audience,
                delivery.c.state == _WAITING,
                delivery.c.attempts == 0,
                delivery.c.due_at <= now,
                delivery.c.id <= last_id,
                delivery.c.message_id.in_(those),
            )
            .values(state=DeliveryState.FOLDED.value, summary_id=summary_id, changed_at=now)
        )
    return len(burst.finding_ids)


def _burst(
    connection: Connection, channel: str, audience: str, which: ColumnElement[bool]
) -> tuple[Burst, tuple[str, ...], int] | None:
    rows = connection.execute(
        select(
            delivery.c.id, delivery.c.recipient, delivery.c.created_at,
            finding.c.id.label("finding_id"), finding.c.level,
        )
        .join(message, message.c.id == delivery.c.message_id)
        .join(finding, finding.c.id == message.c.finding_id)
        .where(which)
        .order_by(finding.c.level.desc(), finding.c.score.desc(), finding.c.id)
    ).all()  # fmt: skip
    if not rows:
        return None
    levels: dict[int, Level] = {row.finding_id: Level(row.level) for row in rows}
    counted = [(level, list(levels.values()).count(level)) for level in (Level.HIGH, Level.MEDIUM)]
    moments = [row.created_at for row in rows]
    ids = tuple(levels)
    burst = Burst(
        channel=channel,
        audience=audience,
        first_at=min(moments),
        last_at=max(moments),
        levels=tuple((level, count) for level, count in counted if count),
        worst_ids=ids[:WORST_SHOWN],
        finding_ids=ids,
    )
    recipients = tuple(dict.fromkeys(row.recipient for row in rows))
    return burst, recipients, max(row.id for row in rows)


def _foldable(channel: str, now: datetime) -> ColumnElement[bool]:
    """Due for the first time: what was tried already may have arrived and is not said anew."""
    return and_(
        delivery.c.channel == channel,
        delivery.c.state == _WAITING,
        delivery.c.attempts == 0,
        delivery.c.due_at <= now,
        delivery.c.message_id == message.c.id,
        message.c.kind == MessageKind.FINDING.value,
    )
