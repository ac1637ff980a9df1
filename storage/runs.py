"""Runs: one crawl of one target for one schedule slot, won by whoever inserts the row."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select, update

from core.ledger import RunRecord, RunReport, RunState
from storage.codec import dump_report, load_report
from storage.database import Database
from storage.holds import hold_hosts, release_hosts
from storage.marks import mark_start, mark_success
from storage.tables import host_hold, observation, page, run
from storage.tallies import Tally, count
from storage.upsert import add_if_new

# How the slot of a crawl begins that a person asked for.
MANUAL = "manual-"


def start_run(  # noqa: PLR0917 (the record's fields in their order)
    db: Database,
    target_id: str,
    slot: str,
    now: datetime,
    hosts: Collection[str] = (),
    place: str = "",
) -> int | None:
    """The id of the new run, which holds `hosts` until it ends; None where the slot is taken.

    BusyHostError, and no run, where another run holds one of them.
    """
    with db.writing() as connection:
        inserted = connection.execute(
            add_if_new(db.dialect, run)
            .values(
                target_id=target_id,
                slot=slot,
                state=RunState.RUNNING.value,
                started_at=now,
                beat_at=now,
                report=dump_report(RunReport()),
            )
            .returning(run.c.id)
        )
        run_id = inserted.scalar_one_or_none()
        if run_id is not None:
            hold_hosts(connection, run_id, hosts, place)
            mark_start(connection, target_id, now)
        return run_id


def beat(db: Database, run_id: int, now: datetime) -> None:
    """Tell that the run is alive."""
    with db.writing() as connection:
        connection.execute(update(run).where(run.c.id == run_id).values(beat_at=now))


def finish_run(
    db: Database, run_id: int, state: RunState, report: RunReport, now: datetime
) -> None:
    """Write how the run ended."""
    with db.writing() as connection:
        ended = connection.execute(
            update(run)
            .where(run.c.id == run_id)
            .values(state=state.value, report=dump_report(report), ended_at=now, beat_at=now)
            .returning(run.c.target_id)
        ).scalar_one_or_none()
        release_hosts(connection, (run_id,))
        if ended is not None:
            _count_run(connection, ended, state, report, now)


def _count_run(
    connection: Connection, target_id: str, state: RunState, report: RunReport, now: datetime
) -> None:
    pages = {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "suspect": report.suspect,
        "dropped": sum(report.drops.values()),
    }
    if state is RunState.FINISHED:
        mark_success(connection, target_id, now)
    count(connection, Tally.PAGES, {(name, ""): number for name, number in pages.items()})
    count(connection, Tally.RUNS, {(state.value, ""): 1})


def lose_runs(db: Database, run_ids: Sequence[int], now: datetime) -> tuple[RunRecord, ...]:
    """Mark those of the runs that still count as running as lost; the ones that did."""
    return _lose(db, run.c.id.in_(run_ids), now)


def lose_runs_of_target(
    db: Database, target_id: str, place: str, now: datetime
) -> tuple[RunRecord, ...]:
    """Mark a target's running runs of this place as lost, for whoever holds its lock here."""
    elsewhere = exists().where(host_hold.c.run_id == run.c.id, host_hold.c.place != place)
    return _lose(db, (run.c.target_id == target_id) & ~elsewhere, now)


def _lose(db: Database, which: ColumnElement[bool], now: datetime) -> tuple[RunRecord, ...]:
    with db.writing() as connection:
        lost = connection.execute(
            update(run)
            .where(run.c.state == RunState.RUNNING.value, which)
            .values(state=RunState.LOST.value, ended_at=now)
            .returning(*run.c)
        ).all()
        records = _records(lost)
        release_hosts(connection, [record.id for record in records])
        count(connection, Tally.RUNS, {(RunState.LOST.value, ""): len(lost)})
        return records


def last_runs(db: Database, target_id: str, count: int) -> tuple[RunRecord, ...]:
    """A target's newest runs, newest first."""
    query = select(run).where(run.c.target_id == target_id).order_by(run.c.id.desc()).limit(count)
    with db.reading() as connection:
        return _records(connection.execute(query).all())


def has_run(db: Database, target_id: str, slot: str) -> bool:
    """Whether the slot is taken."""
    query = select(run.c.id).where(run.c.target_id == target_id, run.c.slot == slot)
    with db.reading() as connection:
        return connection.execute(query).first() is not None


def runs_of_slots(db: Database, target_id: str, slots: Sequence[str]) -> tuple[RunRecord, ...]:
    """A target's runs for these slots, oldest first."""
    query = select(run).where(run.c.target_id == target_id, run.c.slot.in_(slots))
    with db.reading() as connection:
        return _records(connection.execute(query.order_by(run.c.id)).all())


def recent_slots(db: Database, target_id: str, count: int) -> tuple[str, ...]:
    """The slots of a target's newest scheduled runs."""
    scheduled = ~run.c.slot.startswith(MANUAL)
    query = select(run.c.slot).where(run.c.target_id == target_id, scheduled)
    with db.reading() as connection:
        newest = connection.execute(query.order_by(run.c.id.desc()).limit(count))
        return tuple(newest.scalars())


def broken_runs(db: Database, since: datetime) -> tuple[RunRecord, ...]:
    """The runs begun since that were lost or failed, oldest first."""
    ill = run.c.state.in_((RunState.LOST.value, RunState.FAILED.value))
    query = select(run).where(ill, run.c.started_at >= since).order_by(run.c.id)
    with db.reading() as connection:
        return _records(connection.execute(query).all())


def runs_between(db: Database, start: datetime, end: datetime) -> tuple[RunRecord, ...]:
    """The runs that started in the window, `end` excluded, oldest first."""
    query = select(run).where(run.c.started_at >= start, run.c.started_at < end).order_by(run.c.id)
    with db.reading() as connection:
        return _records(connection.execute(query).all())


def latest_run_by_target(db: Database) -> dict[str, RunRecord]:
    """Each target's newest run."""
    newest = select(func.max(run.c.id)).group_by(run.c.target_id)
    with db.reading() as connection:
        rows = connection.execute(select(run).where(run.c.id.in_(newest))).all()
    return {record.target_id: record for record in _records(rows)}


def newest_date(db: Database, target_id: str, until: datetime) -> datetime | None:
    """The newest date of a target's pages that is not after `until`, as wrong ones are."""
    query = (
        select(func.max(observation.c.published_at))
        .join(page, page.c.id == observation.c.page_id)
        .where(page.c.target_id == target_id, observation.c.published_at <= until)
    )
    with db.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def _records(rows: Sequence[Row[Any]]) -> tuple[RunRecord, ...]:
    return tuple(
        RunRecord(
            id=row.id,
            target_id=row.target_id,
            slot=row.slot,
            state=RunState(row.state),
            started_at=row.started_at,
            ended_at=row.ended_at,
            report=load_report(row.report),
        )
        for row in rows
    )
