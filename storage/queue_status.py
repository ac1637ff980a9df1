"""How the outbox stands, for people: by channel and state, the oldest, the last errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update

from storage.database import Database
from storage.outbox import FAILED_STATES, GIVE_UP_AFTER, OPEN_STATES, DeliveryState
from storage.tables import delivery, message


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery with the message it brings."""

    id: int
    key: str
    kind: str
    channel: str
    audience: str
    recipient: str
    state: DeliveryState
    attempts: int
    code: str
    detail: str
    created_at: datetime
    due_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelQueue:
    """One channel's deliveries by state; `oldest_at` is of those that still wait."""

    channel: str
    counts: dict[DeliveryState, int]
    oldest_at: datetime | None
    last_sent_at: datetime | None


def channel_queues(db: Database) -> tuple[ChannelQueue, ...]:
    """Every channel that ever had something to send."""
    query = select(
        delivery.c.channel,
        delivery.c.state,
        func.count().label("number"),
        func.min(delivery.c.created_at).label("oldest_at"),
        func.max(delivery.c.changed_at).label("newest_at"),
    ).group_by(delivery.c.channel, delivery.c.state)
    found: dict[str, dict[str, Row[Any]]] = {}
    with db.reading() as connection:
        for row in connection.execute(query):
            found.setdefault(row.channel, {})[row.state] = row
    return tuple(
        ChannelQueue(
            channel,
            {DeliveryState(state): row.number for state, row in sorted(rows.items())},
            min((rows[state].oldest_at for state in OPEN_STATES if state in rows), default=None),
            rows["sent"].newest_at if "sent" in rows else None,
        )
        for channel, rows in sorted(found.items())
    )


def count_unrouted(db: Database) -> int:
    """How many findings' messages wait for a sender to decide who hears them."""
    query = select(func.count()).select_from(message).where(message.c.routed_at.is_(None))
    with db.reading() as connection:
        return connection.execute(query).scalar_one()


def troubled_deliveries(db: Database, limit: int = 20) -> tuple[DeliveryRow, ...]:
    """Deliveries that failed at least once and are not through, the newest trouble first."""
    which = delivery.c.state.in_(FAILED_STATES) | (
        delivery.c.state.in_(OPEN_STATES) & ((delivery.c.detail != "") | (delivery.c.code != ""))
    )
    query = _select().where(which).order_by(delivery.c.changed_at.desc(), delivery.c.id.desc())
    with db.reading() as connection:
        return tuple(_row(row) for row in connection.execute(query.limit(limit)))


def deliveries_of(db: Database, key: str) -> tuple[DeliveryRow, ...]:
    """Every delivery of the message with that key."""
    query = _select().where(message.c.key == key).order_by(delivery.c.id)
    with db.reading() as connection:
        return tuple(_row(row) for row in connection.execute(query))


def try_again(
    db: Database,
    now: datetime,
    *,
    delivery_ids: Sequence[int] | None = None,
    key: str | None = None,
    give_up_after: timedelta = GIVE_UP_AFTER,
) -> tuple[int, ...]:
    """Make failed deliveries, and those that wait for their next try, due at once; their ids.

    Without `delivery_ids` and `key`, all that were refused or given up.
    """
    named = delivery_ids is not None or key is not None
    which = [delivery.c.state.in_((*FAILED_STATES, OPEN_STATES[0]) if named else FAILED_STATES)]
    if delivery_ids is not None:
        which.append(delivery.c.id.in_(delivery_ids))
    if key is not None:
        which.append(delivery.c.message_id.in_(select(message.c.id).where(message.c.key == key)))
    anew = {
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "faults": 0,
        "due_at": now,
        "expires_at": now + give_up_after,
        "changed_at": now,
    }
    with db.writing() as connection:
        changed = update(delivery).where(*which).values(anew).returning(delivery.c.id)
        return tuple(sorted(connection.execute(changed).scalars()))


def _select() -> Any:
    return select(delivery, message.c.key, message.c.kind).join(
        message, message.c.id == delivery.c.message_id
    )


def _row(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        key=row.key,
        kind=row.kind,
        channel=row.channel,
        audience=row.audience,
        recipient=row.recipient,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        code=row.code,
        detail=row.detail,
        created_at=row.created_at,
        due_at=row.due_at,
        changed_at=row.changed_at,
    )
