"""The chain's head, written down beside the evidence after each crawl.

The chain alone cannot tell that its newest records were cut off and its head moved back, or that
the database was replaced by an empty one. Each line here names a record that must still be there.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from storage.chain import ChainHead
from storage.database import Database
from storage.evidence import EvidenceStore
from storage.tables import chain_head

HEADS_FILE = "heads.jsonl"


def read_chain_head(db: Database) -> ChainHead:
    """The newest record. Written down elsewhere, it guards against a chain rewritten later."""
    with db.reading() as connection:
        row = connection.execute(select(chain_head.c.seq, chain_head.c.record_hash)).one()
    return ChainHead(row.seq, row.record_hash)


def note_head(db: Database, store: EvidenceStore, now: datetime) -> None:
    """Append the chain's head of this moment, unless it is the one noted last."""
    head = read_chain_head(db)
    if head.seq == 0 or head == last_noted(store):
        return
    store.folder.mkdir(parents=True, exist_ok=True)
    line = {"seq": head.seq, "record_hash": head.record_hash, "noted_at": now.isoformat()}
    # One write in append mode: crawls that end together do not tear each other's lines.
    handle = os.open(store.folder / HEADS_FILE, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
    try:
        os.write(handle, f"{json.dumps(line)}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def last_noted(store: EvidenceStore) -> ChainHead | None:
    """The head that was noted last."""
    last = None
    for _, head in noted_heads(store):
        last = head or last
    return last


def noted_heads(store: EvidenceStore) -> Iterator[tuple[int, ChainHead | None]]:
    """Each noted head with its line's number; None for a line that is none."""
    path = store.folder / HEADS_FILE
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            yield number, _head(line)


def _head(line: str) -> ChainHead | None:
    try:
        noted = json.loads(line)
        return ChainHead(int(noted["seq"]), str(noted["record_hash"]))
    except (ValueError, KeyError, TypeError):
        return None
