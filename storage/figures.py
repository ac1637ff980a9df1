"""What the service shows of itself: counters, and counts that an index answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from core.ledger import RunState
from storage.database import Database
from storage.findings import count_by_standing
from storage.marks import ServiceMark, TargetMark, read_service_marks, read_target_marks
from storage.outbox import FAILED_STATES, OPEN_STATES
from storage.tables import chain_head, delivery, message, run
from storage.tallies import Key, Tally, read_tallies


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a channel; `first_expiry` is when the oldest will be given up."""

    depth: int
    first_expiry: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is shown, of one moment. `failed` and `findings` count by pairs of words."""

    tallies: Mapping[Tally, Mapping[Key, int]]
    targets: Mapping[str, TargetMark]
    services: tuple[ServiceMark, ...]
    findings: Mapping[tuple[str, str], int]
    queues: Mapping[str, Queue]
    failed: Mapping[tuple[str, str], int]
    running: int
    unrouted: int
    evidence_bytes: int


def read_figures(db: Database) -> Figures:
    """All figures in one consistent view."""
    with db.reading() as connection:
        return Figures(
            tallies=read_tallies(connection),
            targets=read_target_marks(connection),
            services=read_service_marks(connection),
            findings=count_by_standing(connection),
            queues=_queues(connection),
            failed={(row.channel, row.state): row.number for row in connection.execute(FAILED)},
            running=connection.execute(RUNNING).scalar_one(),
            unrouted=connection.execute(UNROUTED).scalar_one(),
            evidence_bytes=connection.execute(EVIDENCE_BYTES).scalar_one(),
        )


def read_queues(db: Database) -> Mapping[str, Queue]:
    """What waits, by channel."""
    with db.reading() as connection:
        return _queues(connection)


def _queues(connection: Connection) -> Mapping[str, Queue]:
    return {row.channel: Queue(row.number, row.first_expiry) for row in connection.execute(WAITING)}


WAITING: Select[Any] = (
    select(
        delivery.c.channel,
        func.count().label("number"),
        func.min(delivery.c.expires_at).label("first_expiry"),
    )
    .where(delivery.c.state.in_(OPEN_STATES))
    .group_by(delivery.c.channel)
)
FAILED: Select[Any] = (
    select(delivery.c.channel, delivery.c.state, func.count().label("number"))
    .where(delivery.c.state.in_(FAILED_STATES))
    .group_by(delivery.c.channel, delivery.c.state)
)
RUNNING = select(func.count()).select_from(run).where(run.c.state == RunState.RUNNING.value)
UNROUTED = select(func.count()).select_from(message).where(message.c.routed_at.is_(None))
EVIDENCE_BYTES = select(chain_head.c.stored_bytes)
