"""The outbox: what is to be said, written with what it tells of, and who is to hear it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select, update

from core.records import Level
from storage.codec import load_detail
from storage.database import Database
from storage.tables import delivery, finding, message, page, place
from storage.upsert import add_if_new
from storage.work import Work

GIVE_UP_AFTER = timedelta(days=3)
ALL = "all"
_BATCH = 200
_ADD_MESSAGE = {dialect: add_if_new(dialect, message) for dialect in ("sqlite", "postgresql")}
_ADD_DELIVERY = {dialect: add_if_new(dialect, delivery) for dialect in ("sqlite", "postgresql")}


class MessageKind(StrEnum):
    """What a message is about."""

    FINDING = "finding"
    SUMMARY = "summary"
    DIGEST = "digest"
    OPERATOR = "operator_alert"
    DELIVERY_FAULT = "delivery_fault"


class DeliveryState(StrEnum):
    """How a delivery stands. Only `sent` was confirmed by the channel; nothing is ever removed.

    `folded` was said by a summary; `refused` will not be taken however often it is sent; `dead`
    was given up.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FOLDED = "folded"
    REFUSED = "refused"
    DEAD = "dead"


OPEN_STATES = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)
FAILED_STATES = (DeliveryState.REFUSED.value, DeliveryState.DEAD.value)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be put into the outbox. `content` is what `alerts` packed."""

    key: str
    kind: MessageKind
    audience: str
    content: bytes
    digest_id: int | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Who is to hear a message, through what, and from when on."""

    channel: str
    recipient: str
    audience: str = ALL
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unrouted:
    """A finding's message of which nobody has decided yet who hears it, and what decides it."""

    message_id: int
    finding_id: int
    level: Level
    patterns: tuple[str, ...]
    target_ids: tuple[str, ...]


def tell_of_finding(work: Work, finding_id: int, occasion: str, moment: datetime) -> None:
    """Have a finding told at once; written when the unit of work that found it is settled.

    `occasion` is new, risen or reopened. The same finding in the same state is told once.
    """
    stamp = "" if occasion == "new" else f"-{moment:%Y%m%dT%H%M%S%f}"
    values = {
        "key": f"finding-{finding_id}-{occasion}{stamp}",
        "kind": MessageKind.FINDING.value,
        "audience": ALL,
        "finding_id": finding_id,
        "created_at": moment,
    }
    work.put_off(_ADD_MESSAGE[work.connection.dialect.name], values)


def enlist(
    db: Database,
    outgoing: Outgoing,
    addresses: Iterable[Address],
    now: datetime,
    give_up_after: timedelta = GIVE_UP_AFTER,
) -> int:
    """Put a message into the outbox; its id. A key that is there stays as it was first written.

    Inside `writing_jointly` it is one unit of work with what else is written there.
    """
    with db.writing() as connection:
        return enlist_in(connection, outgoing, addresses, now, give_up_after)


def enlist_in(
    connection: Connection,
    outgoing: Outgoing,
    addresses: Iterable[Address],
    now: datetime,
    give_up_after: timedelta = GIVE_UP_AFTER,
) -> int:
    """`enlist` in a transaction that is already open."""
    values = {
        "key": outgoing.key,
        "kind": outgoing.kind.value,
        "audience": outgoing.audience,
        "digest_id": outgoing.digest_id,
        "content": outgoing.content,
        "created_at": now,
        "routed_at": now,
    }
    connection.execute(_ADD_MESSAGE[connection.dialect.name], values)
    known = select(message.c.id, message.c.content).where(message.c.key == outgoing.key)
    row = connection.execute(known).one()
    if row.content is None:  # taken over from before there was an outbox
        filled = update(message).where(message.c.id == row.id).values(content=outgoing.content)
        connection.execute(filled)
    _address(connection, [(row.id, address) for address in addresses], now, give_up_after)
    return int(row.id)


def unrouted(db: Database, limit: int) -> tuple[Unrouted, ...]:
    """Findings' messages that wait for a decision, oldest first."""
    query = (
        select(message.c.id, finding.c.id.label("finding_id"), finding.c.level, finding.c.detail)
        .join(finding, finding.c.id == message.c.finding_id)
        .where(message.c.routed_at.is_(None))
        .order_by(message.c.id)
        .limit(limit)
    )
    with db.reading() as connection:
        rows = connection.execute(query).all()
        targets = _targets(connection, [row.finding_id for row in rows])
    return tuple(
        Unrouted(
            row.id,
            row.finding_id,
            Level(row.level),
            load_detail(row.detail).patterns,
            targets.get(row.finding_id, ()),
        )
        for row in rows
    )


def route(
    db: Database,
    decisions: Mapping[int, Sequence[Address]],
    now: datetime,
    give_up_after: timedelta = GIVE_UP_AFTER,
) -> None:
    """Write who hears each message, by its id, and that this is decided."""
    pairs = [(number, address) for number, heard in decisions.items() for address in heard]
    ids = list(decisions)
    with db.writing() as connection:
        for at in range(0, len(ids), _BATCH):
            some = message.c.id.in_(ids[at : at + _BATCH]) & message.c.routed_at.is_(None)
            connection.execute(update(message).where(some).values(routed_at=now))
        _address(connection, pairs, now, give_up_after)


def message_id(db: Database, key: str) -> int | None:
    """The id of the message with that key, if it was ever put into the outbox."""
    query = select(message.c.id).where(message.c.key == key)
    with db.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def last_key(db: Database, prefix: str) -> str | None:
    """The key of the newest message whose key begins so."""
    begins = message.c.key.startswith(prefix, autoescape=True)
    query = select(message.c.key).where(begins).order_by(message.c.id.desc()).limit(1)
    with db.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def set_content(db: Database, message_id: int, content: bytes) -> None:
    """Keep a message as it goes out, so that it is the same one whenever it is sent again."""
    first = (message.c.id == message_id) & message.c.content.is_(None)
    with db.writing() as connection:
        connection.execute(update(message).where(first).values(content=content))


def _address(
    connection: Connection,
    pairs: Sequence[tuple[int, Address]],
    now: datetime,
    give_up_after: timedelta,
) -> None:
    rows: list[dict[str, Any]] = []
    for message_id, address in pairs:
        due_at = max(address.due_at or now, now)
        rows.append(
            {
                "message_id": message_id,
                "channel": address.channel,
                "audience": address.audience,
                "recipient": address.recipient,
                "state": DeliveryState.WAITING.value,
                "attempts": 0,
                "faults": 0,
                "parts": 0,
                "due_at": due_at,
                "expires_at": due_at + give_up_after,
                "code": "",
                "detail": "",
                "created_at": now,
                "changed_at": now,
            }
        )
    if rows:
        connection.execute(_ADD_DELIVERY[connection.dialect.name], rows)


def _targets(connection: Connection, finding_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for at in range(0, len(finding_ids), _BATCH):
        query = (
            select(place.c.finding_id, page.c.target_id)
            .join(page, page.c.id == place.c.page_id)
            .where(place.c.finding_id.in_(finding_ids[at : at + _BATCH]))
            .distinct()
        )
        for row in connection.execute(query):
            found.setdefault(row.finding_id, []).append(row.target_id)
    return {number: tuple(sorted(targets)) for number, targets in found.items()}
