"""Other clocks than our own: the database server's, and those of the sites that were fetched."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median
from urllib.parse import urlsplit

from sqlalchemy import func, select

from storage.database import Database
from storage.tables import evidence

CAPTURES = 60
MIN_HOSTS = 3
RECENT = timedelta(hours=1)


def clock_offset(db: Database) -> timedelta | None:
    """How far our clock is ahead of others; None where there is none to compare it with.

    The database server's clock is asked where there is a server. On SQLite it is the middle of at
    least three sites' clocks, by what they said when they were last fetched.
    """
    if db.dialect == "postgresql":
        return _offset_of_server(db)
    by_host = dict(_offsets_of_sites(db))
    if len(by_host) < MIN_HOSTS:
        return None
    return timedelta(seconds=median(one.total_seconds() for one in by_host.values()))


def _offset_of_server(db: Database) -> timedelta:
    with db.reading() as connection:
        before = datetime.now(UTC)
        theirs: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        after = datetime.now(UTC)
    return before + (after - before) / 2 - theirs


def _offsets_of_sites(db: Database) -> Iterator[tuple[str, timedelta]]:
    """Each site's, by its newest capture of the last hour."""
    newest = select(evidence.c.record).order_by(evidence.c.seq.desc()).limit(CAPTURES)
    with db.reading() as connection:
        records = [json.loads(text) for text in connection.execute(newest).scalars()]
    for record in reversed(records):
        captured_at = datetime.fromisoformat(record["captured_at"])
        if abs(datetime.now(UTC) - captured_at) > RECENT:
            continue
        said = _said_at({str(name).lower(): str(value) for name, value in record["headers"]})
        host = urlsplit(record["final_url"]).hostname
        if said is not None and host:
            yield host, captured_at - said


def _said_at(headers: dict[str, str]) -> datetime | None:
    """The moment at which a site said it was; what comes out of a cache is as old as it says."""
    try:
        moment = parsedate_to_datetime(headers["date"])
        aged = timedelta(seconds=int(headers.get("age", "0")))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) + aged
    except (KeyError, ValueError, OverflowError):
        return None
