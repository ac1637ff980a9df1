"""Digests as they were frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from storage.database import Database
from storage.tables import digest, digest_item
from storage.upsert import add_if_new


@dataclass(frozen=True, slots=True)
class DigestRow:
    """What went into one day's digest for one audience."""

    id: int
    day: date
    audience: str
    subject: str
    created_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    finding_ids: tuple[int, ...]


def freeze_digest(  # noqa: PLR0917 (the record's fields in their order)
    db: Database,
    day: date,
    audience: str,
    finding_ids: Sequence[int],
    subject: str,
    now: datetime,
    covers: tuple[datetime, datetime] | None = None,
) -> DigestRow:
    """Write down what a day's digest holds; a second call returns what was frozen first.

    `covers` is the stretch of time it tells of, its end excluded.
    """
    starts_at, ends_at = covers or (None, None)
    with db.writing() as connection:
        added = connection.execute(
            add_if_new(db.dialect, digest)
            .values(
                day=day.isoformat(),
                audience=audience,
                subject=subject,
                created_at=now,
                starts_at=starts_at,
                ends_at=ends_at,
            )
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


def newest_digest(db: Database, audience: str, before: date | None = None) -> DigestRow | None:
    """The audience's digest of the latest day, or of the latest before that one."""
    query = select(digest.c.day).where(digest.c.audience == audience)
    if before is not None:
        query = query.where(digest.c.day < before.isoformat())
    with db.reading() as connection:
        day = connection.execute(query.order_by(digest.c.day.desc()).limit(1)).scalar_one_or_none()
        return None if day is None else _digest(connection, date.fromisoformat(day), audience)


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
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        finding_ids=tuple(connection.execute(items).scalars()),
    )
