"""Removes what nothing needs any more, in portions, so that crawls go on meanwhile.

Records of evidence stay, and so does their chain. Before a file goes, a record of the chain signs
for it: its body is the list of what is removed, by which rule. Whoever is killed in between finds
the rows of files that are still to go, and goes on with them.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text

from storage.chain import append_removal
from storage.database import Database
from storage.evidence import EvidenceStore
from storage.expiry import Periods, expired_files, expired_observations
from storage.keeping import keeping
from storage.tables import (
    assessment,
    evidence,
    observation,
    page,
    picture,
    picture_address,
    removal,
)
from storage.work import Work

PORTION = 200
_LOOKED_AT = 1_000


@dataclass(slots=True)
class Retained:
    """What was removed, or would be."""

    observations: int = 0
    files: int = 0
    came_back: int = 0


def retain(
    db: Database, store: EvidenceStore, periods: Periods, now: datetime, *, dry_run: bool = False
) -> Retained:
    """Remove what is older than `periods` allow and nothing needs; LockedError during a backup."""
    done = Retained()
    with keeping(store):
        if not dry_run:
            _remove_files(db, store, now, done)  # what a killed run left
        _forget_observations(db, periods, now, done, dry_run=dry_run)
        _release_files(db, store, periods, now, done, dry_run=dry_run)
    return done


def compact(db: Database) -> None:
    """Give the space of removed rows back to the disk; SQLite needs as much again meanwhile."""
    with db.outside_transactions() as connection:
        connection.execute(text("VACUUM"))


def _forget_observations(
    db: Database, periods: Periods, now: datetime, done: Retained, *, dry_run: bool
) -> None:
    after: int | None = 0
    while after is not None:
        with db.reading() as connection:
            gone, end = expired_observations(connection, periods, now, after, _LOOKED_AT)
        for at in range(0, len(gone), PORTION):
            done.observations += (
                len(gone[at : at + PORTION])
                if dry_run
                else _delete_observations(db, periods, now, gone[at : at + PORTION])
            )
        after = end


def _delete_observations(
    db: Database, periods: Periods, now: datetime, wanted: Sequence[int]
) -> int:
    """Delete those that are still expired now that no other writer is at work."""
    with db.writing_alone() as connection:
        span = wanted[-1] - wanted[0] + 1
        still, _ = expired_observations(connection, periods, now, wanted[0] - 1, span)
        ids = [one for one in wanted if one in set(still)]
        connection.execute(
            page.update()
            .where(page.c.observation_id.in_(ids))
            .values(
                observation_id=None, content_hash=None, body_sha256=None, etag=None,
                last_modified=None,
            )
        )  # fmt: skip
        connection.execute(assessment.delete().where(assessment.c.observation_id.in_(ids)))
        connection.execute(observation.delete().where(observation.c.id.in_(ids)))
    return len(ids)


def _release_files(
    db: Database,
    store: EvidenceStore,
    periods: Periods,
    now: datetime,
    done: Retained,
    *,
    dry_run: bool,
) -> None:
    after = 0
    while True:
        with db.reading() as connection:
            rows = connection.execute(
                select(evidence)
                .where(evidence.c.seq > after)
                .order_by(evidence.c.seq)
                .limit(PORTION)
            ).all()
            if not rows:
                return
            after = rows[-1].seq
            fresh = expired_files(connection, rows, periods, now)
        if not fresh:
            continue
        if dry_run:
            done.files += len(fresh)
            continue
        _sign(db, store, periods, now, rows)
        _remove_files(db, store, now, done)


def _sign(
    db: Database, store: EvidenceStore, periods: Periods, now: datetime, rows: Sequence[Row[Any]]
) -> None:
    """Sign for the files of these records that may go, looked at again as the only writer."""
    with db.saving() as work:
        connection = work.connection
        going = expired_files(connection, rows, periods, now)
        if not going:
            return
        rule = {name: f"{period.days}d" for name, period in asdict(periods).items()}
        listed = {"removed": sorted(going), "rule": rule, "decided_at": now.isoformat()}
        digest = store.write(json.dumps(listed, sort_keys=True, indent=1).encode("ascii"))
        seq = append_removal(work, digest, now)
        work.settle()
        _write_rows(work, going, seq, ", ".join(f"{k} {v}" for k, v in rule.items()), now)


def _write_rows(work: Work, going: set[str], seq: int, rule: str, now: datetime) -> None:
    connection = work.connection
    connection.execute(removal.delete().where(removal.c.sha256.in_(going)))
    values = {"evidence_seq": seq, "rule": rule, "decided_at": now, "removed_at": None}
    connection.execute(removal.insert(), [{"sha256": one, **values} for one in sorted(going)])
    for table in (picture_address, picture):
        connection.execute(table.delete().where(table.c.sha256.in_(going)))


def _remove_files(db: Database, store: EvidenceStore, now: datetime, done: Retained) -> None:
    """Remove the files whose rows say so, and mark each row after it."""
    while True:
        pending = select(removal).where(removal.c.removed_at.is_(None)).limit(PORTION)
        with db.reading() as connection:
            rows = connection.execute(pending).all()
        if not rows:
            return
        back = [row.sha256 for row in rows if not _remove_file(db, store, row)]
        done.files += len(rows) - len(back)
        done.came_back += len(back)
        gone = [row.sha256 for row in rows if row.sha256 not in back]
        with db.writing_alone() as connection:
            connection.execute(removal.delete().where(removal.c.sha256.in_(back)))
            connection.execute(
                removal.update().where(removal.c.sha256.in_(gone)).values(removed_at=now)
            )


def _remove_file(db: Database, store: EvidenceStore, row: Row[Any]) -> bool:
    def is_needed() -> bool:
        named = (evidence.c.body_sha256 == row.sha256) | (
            evidence.c.screenshot_sha256 == row.sha256
        )
        with db.reading() as connection:
            newest = connection.execute(select(func.max(evidence.c.seq)).where(named)).scalar_one()
        return newest is not None and newest > row.evidence_seq

    return store.remove(row.sha256, is_needed)
