"""Evidence records read back for people: what was captured, when, from where."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core.ledger import EvidenceFacts
from storage.database import Database
from storage.tables import evidence

_BATCH = 500


def evidence_facts(db: Database, seqs: Sequence[int]) -> dict[int, EvidenceFacts]:
    """The capture facts of evidence records by their number; unknown numbers are left out."""
    wanted = sorted(set(seqs))
    found: dict[int, EvidenceFacts] = {}
    with db.reading() as connection:
        for at in range(0, len(wanted), _BATCH):
            some = evidence.c.seq.in_(wanted[at : at + _BATCH])
            for row in connection.execute(select(evidence).where(some)):
                found[row.seq] = _facts(row.seq, row.record_hash, json.loads(row.record))
    return found


def _facts(seq: int, record_hash: str, record: dict[str, object]) -> EvidenceFacts:
    redirects = record["redirects"]
    return EvidenceFacts(
        seq=seq,
        record_hash=record_hash,
        captured_at=datetime.fromisoformat(str(record["captured_at"])),
        url=str(record["url"]),
        final_url=str(record["final_url"]),
        redirects=tuple(map(str, redirects)) if isinstance(redirects, list) else (),
        status=int(str(record["status"])),
        server_address=_text(record["server_address"]),
        body_sha256=str(record["body_sha256"]),
        screenshot_sha256=_text(record["screenshot_sha256"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
