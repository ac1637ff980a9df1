"""What retention has removed, as the rows and the records that sign for them say."""

import json
from collections.abc import Callable, Iterator
from itertools import groupby

from sqlalchemy import select

from core.errors import EvidenceError
from storage.database import Database
from storage.evidence_place import Evidence
from storage.tables import evidence, removal

_BATCH = 1_000


def is_removed(db: Database, digest: str, newest_naming: int) -> bool:
    """Whether the bytes were removed after the newest record that names them."""
    query = select(removal.c.evidence_seq).where(removal.c.sha256 == digest)
    with db.reading() as connection:
        signed = connection.execute(query).scalar_one_or_none()
    return signed is not None and signed > newest_naming


def check_removals(db: Database, store: Evidence, complain: Callable[[str], None]) -> None:
    """Every removal must stand in the list that a record of the chain signs for."""
    for (seq, list_sha256), rows in groupby(_rows(db), key=lambda row: row[:2]):
        try:
            listed = set(json.loads(store.read(list_sha256))["removed"])
        except (EvidenceError, ValueError, KeyError, TypeError):
            complain(f"record {seq}: its list of removed files cannot be read")
            continue
        for _, _, digest in rows:
            if digest not in listed:
                complain(f"file {digest}: marked as removed, but record {seq} does not list it")


def _rows(db: Database) -> Iterator[tuple[int, str, str]]:
    query = (
        select(removal.c.evidence_seq, evidence.c.body_sha256, removal.c.sha256)
        .join(evidence, evidence.c.seq == removal.c.evidence_seq)
        .order_by(removal.c.evidence_seq)
    )
    with db.reading() as connection:
        for row in connection.execute(query).yield_per(_BATCH):
            yield row.evidence_seq, row.body_sha256, row.sha256
