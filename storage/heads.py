"""The chain's head, written down beside the evidence after each crawl.

The chain alone cannot tell that its newest records were cut off and its head moved back, or that
the database was replaced by an empty one. Each line here names a record that must still be there.
"""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from storage.chain import ChainHead
from storage.database import Database
from storage.evidence_place import Evidence
from storage.tables import chain_head

HEADS_FILE = "heads.jsonl"


def read_chain_head(db: Database) -> ChainHead:
    """The newest record. Written down elsewhere, it guards against a chain rewritten later."""
    with db.reading() as connection:
        row = connection.execute(select(chain_head.c.seq, chain_head.c.record_hash)).one()
    return ChainHead(row.seq, row.record_hash)


def note_head(db: Database, store: Evidence, now: datetime) -> None:
    """Append the chain's head of this moment, unless it is the one noted last."""
    head = read_chain_head(db)
    if head.seq == 0 or head == last_noted(store):
        return
    line = {"seq": head.seq, "record_hash": head.record_hash, "noted_at": now.isoformat()}
    store.add_line(HEADS_FILE, json.dumps(line))


def last_noted(store: Evidence) -> ChainHead | None:
    """The head that was noted last."""
    line = store.last_line(HEADS_FILE)
    return _head(line) if line else None


def noted_heads(store: Evidence) -> Iterator[tuple[int, ChainHead | None]]:
    """Each noted head with its line's number; None for a line that is none."""
    for number, line in enumerate(store.lines(HEADS_FILE), 1):
        yield number, _head(line)


def _head(line: str) -> ChainHead | None:
    try:
        noted = json.loads(line)
        return ChainHead(int(noted["seq"]), str(noted["record_hash"]))
    except (ValueError, KeyError, TypeError):
        return None
