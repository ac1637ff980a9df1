"""Checks the evidence: every record of the chain, and every file that a record names."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from storage.chain import GENESIS, ChainHead, hash_record
from storage.database import Database
from storage.evidence_place import Evidence
from storage.heads import HEADS_FILE, noted_heads
from storage.removals import check_removals, is_removed
from storage.tables import chain_head, evidence, observation

_BATCH = 1_000
MAX_FAULTS = 1_000


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked and what is wrong with it, one line a fault.

    `unreferenced` counts files that no record names: a crawl was killed between a file and its
    record, or one is running. They are no fault. Beyond 1,000 faults, `more_faults` counts on.
    """

    records: int
    files: int
    faults: tuple[str, ...]
    unreferenced: int
    head: ChainHead
    more_faults: int = 0
    removed: int = 0

    @property
    def holds(self) -> bool:
        """Whether everything is as it was written."""
        return not self.faults


class _Faults:
    """Faults, counted beyond the number that is worth printing."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.more = 0

    def add(self, line: str) -> None:
        if len(self.lines) < MAX_FAULTS:
            self.lines.append(line)
        else:
            self.more += 1


def verify_evidence(db: Database, store: Evidence) -> VerifyReport:
    """Check all records and files as they stood at the start, in constant memory.

    A chain that was rewritten whole, head included, cannot be told by itself: the heads noted
    after each crawl are compared, and `VerifyReport.head` can be with one written down elsewhere.
    """
    faults = _Faults()
    noted = tuple(noted_heads(store))  # first, so that a crawl under way cannot outrun the chain
    head, newest = _head_and_newest(db, faults)
    records = _check_records(db, head, newest, faults)
    _check_noted(db, noted, faults)
    _check_observations(db, faults)
    check_removals(db, store, faults.add)
    files = unreferenced = removed = 0
    for first_byte in range(256):
        checked, spare, gone = _check_files(db, store, f"{first_byte:02x}", newest, faults)
        files += checked
        unreferenced += spare
        removed += gone
    return VerifyReport(
        records=records,
        files=files,
        faults=tuple(faults.lines),
        unreferenced=unreferenced,
        head=head,
        more_faults=faults.more,
        removed=removed,
    )


def _head_and_newest(db: Database, faults: _Faults) -> tuple[ChainHead, int]:
    newest = select(func.coalesce(func.max(evidence.c.seq), 0)).scalar_subquery()
    with db.reading() as connection:
        row = connection.execute(
            select(chain_head.c.seq, chain_head.c.record_hash, newest.label("newest"))
        ).first()
        if row is None:
            faults.add("chain: the row of its head is missing")
            return ChainHead(0, GENESIS), connection.execute(select(newest)).scalar_one()
    if row.newest < row.seq:
        faults.add(f"chain: its head is record {row.seq}, but the newest record is {row.newest}")
    if row.newest > row.seq:
        faults.add(f"chain: record {row.newest} stands behind its head, which is {row.seq}")
    return ChainHead(row.seq, row.record_hash), row.newest


def _check_records(db: Database, head: ChainHead, newest: int, faults: _Faults) -> int:
    checked, expected, prev_hash = 0, 1, GENESIS
    for row in _records(db, newest):
        if row.seq != expected:
            missing = f"{expected}" if row.seq == expected + 1 else f"{expected} to {row.seq - 1}"
            faults.add(f"record {missing}: missing")
        for fault in _record_faults(row, prev_hash):
            faults.add(f"record {row.seq}: {fault}")
        checked, expected, prev_hash = checked + 1, row.seq + 1, row.record_hash
        if row.seq == head.seq and row.record_hash != head.record_hash:
            faults.add(f"record {row.seq}: it is not the one that the chain's head names")
    return checked


def _check_noted(
    db: Database, noted: Sequence[tuple[int, ChainHead | None]], faults: _Faults
) -> None:
    for line, head in noted:
        where = f"{HEADS_FILE}:{line}"
        if head is None:
            # A machine that went down while it wrote leaves half a line at the end, no fault.
            if line < len(noted):
                faults.add(f"{where}: the line has been changed and names no record any more")
            continue
        query = select(evidence.c.record_hash).where(evidence.c.seq == head.seq)
        with db.reading() as connection:
            found = connection.execute(query).scalar_one_or_none()
        if found is None:
            faults.add(f"record {head.seq}: missing, but {where} noted it as the newest of its day")
        elif found != head.record_hash:
            faults.add(f"record {head.seq}: it is not the one that {where} noted")


def _check_observations(db: Database, faults: _Faults) -> None:
    """Every observation's evidence record must be there."""
    query = (
        select(observation.c.id, observation.c.evidence_seq)
        .outerjoin(evidence, evidence.c.seq == observation.c.evidence_seq)
        .where(evidence.c.seq.is_(None), observation.c.evidence_seq.is_not(None))
        .order_by(observation.c.id)
    )
    with db.reading() as connection:
        for row in connection.execute(query).yield_per(_BATCH):
            faults.add(f"observation {row.id}: its record {row.evidence_seq} is missing")


def _records(db: Database, newest: int) -> Iterator[Row[Any]]:
    last = None
    while True:
        query = select(evidence).where(evidence.c.seq <= newest).order_by(evidence.c.seq)
        if last is not None:
            query = query.where(evidence.c.seq > last)
        with db.reading() as connection:
            batch = connection.execute(query.limit(_BATCH)).all()
        if not batch:
            return
        yield from batch
        last = batch[-1].seq


def _record_faults(row: Row[Any], prev_hash: str) -> Iterator[str]:
    if row.prev_hash != prev_hash:
        yield "it does not follow the record before it"
    try:
        found = hash_record(row.prev_hash, row.record)
        content = json.loads(row.record)
    except ValueError:
        yield "it has been changed and is no record any more"
        return
    if found != row.record_hash:
        yield "it has been changed"
    columns = {
        "seq": row.seq,
        "body_sha256": row.body_sha256,
        "screenshot_sha256": row.screenshot_sha256,
    }
    for name, value in columns.items():
        if not isinstance(content, dict) or content.get(name) != value:
            yield f"its column {name} says {value}, which its text does not"


def _check_files(
    db: Database, store: Evidence, prefix: str, newest: int, faults: _Faults
) -> tuple[int, int, int]:
    """Check a 256th of the files, so that no more than its names are held at once.

    How many were checked, lie there without a record, and were removed by retention.
    """
    named: dict[str, int] = {}
    newest_naming: dict[str, int] = {}
    with db.reading() as connection:
        for seq, body, screenshot in _named(connection, prefix, newest):
            for digest in (body, screenshot):
                if digest is not None and digest.startswith(prefix):
                    named.setdefault(digest, seq)
                    newest_naming[digest] = seq
    removed = 0
    for digest, seq in sorted(named.items()):
        if not store.has(digest) and is_removed(db, digest, newest_naming[digest]):
            removed += 1
            continue
        fault = store.fault(digest)
        if fault is not None:
            faults.add(f"record {seq}, file {digest}: {fault}")
    return len(named) - removed, len(store.names(prefix) - named.keys()), removed


def _named(connection: Connection, prefix: str, newest: int) -> Iterator[Any]:
    upper = f"{int(prefix, 16) + 1:02x}" if prefix != "ff" else "g"

    def within(column: Any) -> Any:
        return (column >= prefix) & (column < upper)

    body, screenshot = evidence.c.body_sha256, evidence.c.screenshot_sha256
    query = select(evidence.c.seq, body, screenshot).where(
        or_(within(body), within(screenshot)), evidence.c.seq <= newest
    )
    yield from connection.execute(query.order_by(evidence.c.seq)).yield_per(_BATCH)
