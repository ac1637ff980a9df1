"""Hosts that are being crawled: a run holds each of its own, whichever service started it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.errors import BusyHostError
from core.ledger import RunState
from storage.database import Database
from storage.tables import host_hold, run
from storage.upsert import add_if_new


@dataclass(frozen=True, slots=True)
class RunningRun:
    """A run that counts as running; `place` is where, None for one that holds no host."""

    id: int
    target_id: str
    beat_at: datetime
    place: str | None


def hold_hosts(connection: Connection, run_id: int, hosts: Iterable[str], place: str) -> None:
    """Take the hosts for the run, in one order for all; BusyHostError where one is held."""
    for host in sorted(hosts):
        row = add_if_new(connection.dialect.name, host_hold).values(
            host=host, run_id=run_id, place=place
        )
        if connection.execute(row.returning(host_hold.c.host)).first() is None:
            raise BusyHostError(f"{host}: another crawl of this host is under way")


def release_hosts(connection: Connection, run_ids: Sequence[int]) -> None:
    """Let go of what these runs hold."""
    connection.execute(host_hold.delete().where(host_hold.c.run_id.in_(run_ids)))


def running_runs(db: Database) -> tuple[RunningRun, ...]:
    """What counts as running, on all machines."""
    query = (
        select(run.c.id, run.c.target_id, run.c.beat_at, func.min(host_hold.c.place).label("place"))
        .outerjoin(host_hold, host_hold.c.run_id == run.c.id)
        .where(run.c.state == RunState.RUNNING.value)
        .group_by(run.c.id, run.c.target_id, run.c.beat_at)
        .order_by(run.c.id)
    )
    with db.reading() as connection:
        rows = connection.execute(query).all()
    return tuple(RunningRun(row.id, row.target_id, row.beat_at, row.place) for row in rows)
