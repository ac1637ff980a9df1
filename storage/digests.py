"""Digests as they were frozen, and the record of each attempt to deliver one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from storage.database import Database
from storage.tables import delivery, digest, digest_item
from storage.upsert import add_if_new


class DeliveryState(StrEnum):
    """How an attempt stands. One that stays pending died between the row and the mark."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DigestRow:
    """What went into one day's digest for one audience."""

    id: int
    day: date
    audience: str
    subject: str
    created_at: datetime
    finding_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One attempt to bring a digest to one recipient through one channel."""

    id: int
    digest_id: int
    channel: str
    recipient: str
    state: DeliveryState
    code: str
    detail: str
    started_at: datetime
    ended_at: datetime | None


def freeze_digest(  # noqa: PLR0917 (the record's fields in their order)
    db: Database,
    day: date,
    audience: str,
    finding_ids: Sequence[int],
    subject: str,
    now: datetime,
) -> DigestRow:
    """Write down what a day's digest holds; a second call returns what was frozen first."""
    with db.writing() as connection:
        added = connection.execute(
            add_if_new(db.dialect, digest)
            .values(day=day.isoformat(), audience=audience, subject=subject, created_at=now)
            .returning(digest.c.id)
        ).scalar_one_or_none()
        items = [
            {"digest_id": added, "position": position, "finding_id": finding_id}
            for position, finding_id in enumerate(finding_ids)
        ]
        if added is not None and items:
            connection.execute(digest_item.insert(), items)
        frozen = _digest(connection, day, audience)
    if frozen is None:
        raise AssertionError("a digest that was just written or conflicted is there")
    return frozen


def find_digest(db: Database, day: date, audience: str) -> DigestRow | None:
    """The digest of that day for that audience, where there is one."""
    with db.reading() as connection:
        return _digest(connection, day, audience)


def record_delivery(  # noqa: PLR0917 (the record's fields in their order)
    db: Database,
    digest_id: int,
    channel: str,
    recipient: str,
    state: DeliveryState,
    code: str,
    detail: str,
    now: datetime,
) -> int:
    """Open an attempt (`pending`) before the message, or mark the open one after it. Its id."""
    with db.writing() as connection:
        pending = connection.execute(
            select(delivery.c.id)
            .where(
                delivery.c.digest_id == digest_id,
                delivery.c.channel == channel,
                delivery.c.recipient == recipient,
                delivery.c.state == DeliveryState.PENDING.value,
            )
            .order_by(delivery.c.id.desc())
            .limit(1)
        ).scalar_one_or_none()
        mark = {
            "state": state.value,
            "code": code,
            "detail": detail,
            "ended_at": None if state is DeliveryState.PENDING else now,
        }
        if pending is not None and state is not DeliveryState.PENDING:
            connection.execute(update(delivery).where(delivery.c.id == pending).values(mark))
            return int(pending)
        attempt = {"digest_id": digest_id, "channel": channel, "recipient": recipient}
        added = connection.execute(
            delivery.insert().values(started_at=now, **attempt, **mark).returning(delivery.c.id)
        )
        return int(added.scalar_one())


def deliveries(db: Database, digest_id: int) -> tuple[DeliveryRow, ...]:
    """All attempts for a digest, oldest first."""
    query = select(delivery).where(delivery.c.digest_id == digest_id).order_by(delivery.c.id)
    with db.reading() as connection:
        return tuple(_delivery(row) for row in connection.execute(query))


def _digest(connection: Connection, day: date, audience: str) -> DigestRow | None:
    row = connection.execute(
        select(digest).where(digest.c.day == day.isoformat(), digest.c.audience == audience)
    ).first()
    if row is None:
        return None
    items = (
        select(digest_item.c.finding_id)
        .where(digest_item.c.digest_id == row.id)
        .order_by(digest_item.c.position)
    )
    return DigestRow(
        id=row.id,
        day=date.fromisoformat(row.day),
        audience=row.audience,
        subject=row.subject,
        created_at=row.created_at,
        finding_ids=tuple(connection.execute(items).scalars()),
    )


def _delivery(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        digest_id=row.digest_id,
        channel=row.channel,
        recipient=row.recipient,
        state=DeliveryState(row.state),
        code=row.code,
        detail=row.detail,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
