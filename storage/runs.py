"""Runs: one crawl of one target for one schedule slot, won by whoever inserts the row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update

from core.ledger import RunRecord, RunReport, RunState
from storage.codec import dump_report, load_report
from storage.database import Database
from storage.tables import run
from storage.upsert import add_if_new


def start_run(db: Database, target_id: str, slot: str, now: datetime) -> int | None:
    """The id of the new run; None where the slot is already taken."""
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
        return inserted.scalar_one_or_none()


def beat(db: Database, run_id: int, now: datetime) -> None:
    """Tell that the run is alive."""
    with db.writing() as connection:
        connection.execute(update(run).where(run.c.id == run_id).values(beat_at=now))


def finish_run(
    db: Database, run_id: int, state: RunState, report: RunReport, now: datetime
) -> None:
    """Write how the run ended."""
    with db.writing() as connection:
        connection.execute(
            update(run)
            .where(run.c.id == run_id)
            .values(state=state.value, report=dump_report(report), ended_at=now, beat_at=now)
        )


def lose_stale_runs(db: Database, before: datetime, now: datetime) -> tuple[RunRecord, ...]:
    """Mark runs whose last beat is older than `before` as lost; those runs."""
    return _lose(db, run.c.beat_at < before, now)


def lose_runs_of_target(db: Database, target_id: str, now: datetime) -> tuple[RunRecord, ...]:
    """Mark all running runs of a target as lost, for whoever holds the target's lock."""
    return _lose(db, run.c.target_id == target_id, now)


def _lose(db: Database, which: ColumnElement[bool], now: datetime) -> tuple[RunRecord, ...]:
    with db.writing() as connection:
        lost = connection.execute(
            update(run)
            .where(run.c.state == RunState.RUNNING.value, which)
            .values(state=RunState.LOST.value, ended_at=now)
            .returning(*run.c)
        )
        return _records(lost.all())


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
