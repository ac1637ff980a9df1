"""How targets and services stand: one row each, overwritten as it changes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from storage.database import Database
from storage.tables import service_mark, target_mark
from storage.upsert import add_or_change

# A service that was killed is missed for a day; then it has been taken out of service.
MISSED_FOR = timedelta(days=1)
_SERVICE_FIELDS = [column.name for column in service_mark.c if not column.primary_key]


@dataclass(frozen=True, slots=True)
class TargetMark:
    """A target's runs: when one last began, when one last succeeded, the state that is raised."""

    started_at: datetime
    succeeded_at: datetime | None
    raised: str | None


@dataclass(frozen=True, slots=True)
class ServiceMark:
    """A service as it last looked at itself; the sizes are bytes of its disks."""

    name: str
    looked_at: datetime
    ticked_at: datetime
    clock_offset_s: float | None
    evidence_free: int
    evidence_size: int
    data_free: int
    data_size: int


def mark_start(connection: Connection, target_id: str, now: datetime) -> None:
    """Note that a run of the target has begun."""
    added = add_or_change(connection.dialect.name, target_mark, ["started_at"])
    connection.execute(added.values(target_id=target_id, started_at=now))


def mark_success(connection: Connection, target_id: str, now: datetime) -> None:
    """Note that a run of the target has finished."""
    mine = target_mark.c.target_id == target_id
    connection.execute(update(target_mark).where(mine).values(succeeded_at=now))


def mark_raised(db: Database, target_id: str, raised: str | None) -> None:
    """Note the state of a target that the operator knows of; None where it is well."""
    mine = target_mark.c.target_id == target_id
    other = target_mark.c.raised.is_distinct_from(raised)
    with db.reading() as connection:
        if connection.execute(select(target_mark.c.target_id).where(mine, other)).first() is None:
            return
    with db.writing() as connection:
        connection.execute(update(target_mark).where(mine).values(raised=raised))


def mark_service(db: Database, mark: ServiceMark) -> None:
    """Write how a service stands, and forget those that have been missed long enough."""
    with db.writing() as connection:
        added = add_or_change(connection.dialect.name, service_mark, _SERVICE_FIELDS)
        connection.execute(added.values(asdict(mark)))
        gone = service_mark.c.looked_at < mark.looked_at - MISSED_FOR
        connection.execute(service_mark.delete().where(gone))


def unmark_service(db: Database, name: str) -> None:
    """Forget a service that ends as it was asked to."""
    with db.writing() as connection:
        connection.execute(service_mark.delete().where(service_mark.c.name == name))


def read_target_marks(connection: Connection) -> Mapping[str, TargetMark]:
    """How every target stands that ever ran, by its id."""
    return {
        row.target_id: TargetMark(row.started_at, row.succeeded_at, row.raised)
        for row in connection.execute(select(target_mark))
    }


def read_service_marks(connection: Connection) -> tuple[ServiceMark, ...]:
    """The services, by name."""
    rows = connection.execute(select(service_mark).order_by(service_mark.c.name))
    return tuple(ServiceMark(**row._mapping) for row in rows)  # noqa: SLF001 (SQLAlchemy's name for it)
