"""Taking a message from the queue for a while, and marking what became of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select, update

from storage.database import Database
from storage.outbox import Address, DeliveryState, MessageKind, Outgoing, enlist_in
from storage.pace import lock_channel
from storage.tables import attempt, delivery, message
from storage.tallies import Tally, bounded_part, count, short_word
from storage.troubles import note_trouble

_WAITING, _SENDING = DeliveryState.WAITING.value, DeliveryState.SENDING.value


@dataclass(frozen=True, slots=True)
class Leased:
    """One recipient's delivery while it is in our hands."""

    id: int
    recipient: str
    attempts: int
    faults: int
    parts: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """A message for one channel, taken until `until`; nobody else sends it meanwhile."""

    token: str
    until: datetime
    attempt_id: int
    message_id: int
    key: str
    kind: MessageKind
    audience: str
    finding_id: int | None
    content: bytes | None
    channel: str
    deliveries: tuple[Leased, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one delivery; `due_at` is when it is tried again, where it is."""

    delivery_id: int
    state: DeliveryState
    code: str = ""
    detail: str = ""
    due_at: datetime | None = None
    is_fault: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of a delivery that failed, and how, through other channels."""

    outgoing: Outgoing
    addresses: tuple[Address, ...]
    give_up_after: timedelta
    state: DeliveryState


def due_channels(db: Database, now: datetime) -> tuple[str, ...]:
    """The channels that have something to send now."""
    query = select(delivery.c.channel).where(_due(now)).distinct()
    with db.reading() as connection:
        return tuple(sorted(connection.execute(query).scalars()))


def lease(
    db: Database, channel: str, now: datetime, lasts: timedelta, message_id: int | None = None
) -> Lease | None:
    """Take the channel's next due message, or the named one; None where nothing is due.

    A lease that ran out is taken up again and counted as a fault: its holder died or hangs.
    """
    which = and_(delivery.c.channel == channel, _due(now))
    if message_id is not None:
        which = and_(which, delivery.c.message_id == message_id)
    token, until = uuid4().hex, now + lasts
    with db.writing() as connection:
        lock_channel(connection, channel)
        first = _first_due(connection, which)
        if first is None:
            return None
        number, audience = first
        which = and_(which, delivery.c.message_id == number, delivery.c.audience == audience)
        taken = _take(connection, which, token, until, now)
        row = connection.execute(select(message).where(message.c.id == number)).one()
        opened = attempt.insert().values(
            message_id=row.id, channel=channel, started_at=now, code="", detail=""
        )
        attempt_id = connection.execute(opened.returning(attempt.c.id)).scalar_one()
    return Lease(
        token=token,
        until=until,
        attempt_id=int(attempt_id),
        message_id=row.id,
        key=row.key,
        kind=MessageKind(row.kind),
        audience=audience,
        finding_id=row.finding_id,
        content=row.content,
        channel=channel,
        deliveries=taken,
    )


def _first_due(connection: Connection, which: ColumnElement[bool]) -> tuple[int, str] | None:
    """The message, and the audience, whose delivery has been due longest."""
    row = connection.execute(
        select(delivery.c.message_id, delivery.c.audience)
        .where(which)
        .order_by(delivery.c.due_at, delivery.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    return None if row is None else (row.message_id, row.audience)


def _take(
    connection: Connection, which: ColumnElement[bool], token: str, until: datetime, now: datetime
) -> tuple[Leased, ...]:
    """The deliveries, marked as being sent; one that already was had a holder that died."""
    lost = case((delivery.c.state == _SENDING, 1), else_=0)
    taken = connection.execute(
        update(delivery)
        .where(which)
        .values(
            state=_SENDING,
            attempts=delivery.c.attempts + 1,
            faults=delivery.c.faults + lost,
            lease=token,
            leased_until=until,
            changed_at=now,
        )
        .returning(*delivery.c)
    )
    return tuple(
        Leased(one.id, one.recipient, one.attempts, one.faults, one.parts, one.expires_at)
        for one in sorted(taken, key=lambda one: one.id)
    )


def confirm_part(
    db: Database, held: Lease, recipients: Sequence[str], parts: int, until: datetime
) -> None:
    """Write at once that these have got another piece, and keep the lease a while longer."""
    mine = (delivery.c.lease == held.token) & (delivery.c.state == _SENDING)
    theirs = delivery.c.recipient.in_(recipients)
    with db.writing() as connection:
        connection.execute(update(delivery).where(mine).values(leased_until=until))
        connection.execute(update(delivery).where(mine, theirs).values(parts=parts))


def mark(
    db: Database,
    held: Lease,
    marks: Sequence[Mark],
    now: datetime,
    report: Report | None = None,
) -> None:
    """Write what became of the deliveries, close the attempt and enlist `report`, all or nothing.

    What the channel confirmed is confirmed, also where the lease was lost meanwhile; anything
    else is then for the new holder to say. `report` is told where nobody knows of the trouble yet.
    """
    with db.writing() as connection:
        # First, as whoever takes a lease does it, so that neither waits for the other in a circle.
        told = report is not None and note_trouble(connection, held.channel, report.state, now)
        for one in marks:
            _mark(connection, held, one, now)
        worst = next((one for one in marks if one.state is not DeliveryState.SENT), marks[0])
        closed = {"ended_at": now, "code": worst.code, "detail": worst.detail}
        connection.execute(update(attempt).where(attempt.c.id == held.attempt_id).values(closed))
        _count(connection, held.channel, marks)
        if report is not None and told:
            enlist_in(connection, report.outgoing, report.addresses, now, report.give_up_after)


def _count(connection: Connection, channel: str, marks: Sequence[Mark]) -> None:
    amounts: Counter[tuple[str, str]] = Counter()
    for one in marks:
        part = f"{one.state.value}:{short_word(one.code)}"
        amounts[channel, bounded_part(connection, Tally.DELIVERIES, channel, part)] += 1
    count(connection, Tally.DELIVERIES, amounts)


def _mark(connection: Connection, held: Lease, one: Mark, now: datetime) -> None:
    mine = delivery.c.lease == held.token
    if one.state is DeliveryState.SENT:
        mine = delivery.c.state != DeliveryState.SENT.value
    values = {
        "state": one.state.value,
        "code": one.code,
        "detail": one.detail,
        "lease": None,
        "leased_until": None,
        "changed_at": now,
        "faults": delivery.c.faults + int(one.is_fault),
        "due_at": delivery.c.due_at if one.due_at is None else one.due_at,
    }
    connection.execute(
        update(delivery).where(and_(delivery.c.id == one.delivery_id, mine)).values(values)
    )


def give_back(db: Database, held: Lease, due_at: datetime, now: datetime) -> None:
    """Lay the message back untried: it was not its turn. The try is not counted."""
    mine = (delivery.c.lease == held.token) & (delivery.c.state == _SENDING)
    with db.writing() as connection:
        connection.execute(
            update(delivery)
            .where(mine)
            .values(
                state=_WAITING,
                attempts=delivery.c.attempts - 1,
                due_at=due_at,
                lease=None,
                leased_until=None,
                changed_at=now,
            )
        )
        connection.execute(attempt.delete().where(attempt.c.id == held.attempt_id))


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(delivery.c.state == _WAITING, delivery.c.due_at <= now),
        and_(delivery.c.state == _SENDING, delivery.c.leased_until <= now),
    )
