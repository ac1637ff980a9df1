"""The hash chain over evidence records: each record's hash covers the one before it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from core.records import Observation
from storage.tables import chain_head, evidence
from storage.work import Work

GENESIS = "0" * 64

_HEAD = select(chain_head.c.seq, chain_head.c.record_hash, chain_head.c.stored_bytes)
_APPEND = evidence.insert()
_ADVANCE = chain_head.update()

Fact = str | int | bool | None
Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest record. Written down elsewhere, it proves that no tail was cut off later."""

    seq: int
    record_hash: str


def hash_record(prev_hash: str, record: str) -> str:
    """SHA-256 over the hash before it and the canonical JSON."""
    return sha256((prev_hash + record).encode("ascii")).hexdigest()


def canonical_json(record: Mapping[str, object]) -> str:
    """The one way to write a record: sorted keys, no spaces, ASCII, and never a float."""
    _refuse_floats(record)
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def append_evidence(work: Work, observation: Observation, facts: Facts) -> int:
    """Add the observation's record to the chain; its sequence number.

    The head is written once a unit of work, with the last of its records.
    """
    stored = observation.stored
    if stored is None:
        raise ValueError(f"{observation.url} has no stored bytes")
    size = stored.body_size + len(observation.capture.screenshot or b"")
    record = _record(observation, facts)
    return _append(work, record, (stored.body_sha256, stored.screenshot_sha256), size)


def append_removal(work: Work, list_sha256: str, decided_at: datetime) -> int:
    """Add the record that signs for a list of removed files to the chain; its sequence number."""
    record: dict[str, object] = {
        "removal": True,
        "captured_at": decided_at.astimezone(UTC).isoformat(),
        "body_sha256": list_sha256,
        "screenshot_sha256": None,
    }
    return _append(work, record, (list_sha256, None), 0)


def _append(
    work: Work, content: dict[str, object], files: tuple[str, str | None], size: int
) -> int:
    """Add a record of the files of that many bytes, a body's and a screenshot's."""
    head = _head(work)
    seq = int(head["seq"]) + 1
    record = canonical_json(content | {"seq": seq})
    record_hash = hash_record(head["record_hash"], record)
    work.connection.execute(
        _APPEND,
        {
            "seq": seq,
            "prev_hash": head["record_hash"],
            "record_hash": record_hash,
            "record": record,
            "body_sha256": files[0],
            "screenshot_sha256": files[1],
        },
    )
    total = head["stored_bytes"] + size
    work.replace(_ADVANCE, {"seq": seq, "record_hash": record_hash, "stored_bytes": total})
    return seq


def _head(work: Work) -> Mapping[str, Any]:
    """The row as it stands now, or as it will when the work is settled."""
    waiting = work.waiting(_ADVANCE)
    if waiting is not None:
        return waiting
    return dict(work.connection.execute(_HEAD).mappings().one())


def _record(observation: Observation, facts: Facts) -> dict[str, object]:
    capture, stored = observation.capture, observation.stored
    if stored is None:
        raise ValueError(f"{observation.url} has no stored bytes")
    return {
        "target": observation.target_id,
        "run": observation.run_id,
        "url": capture.url,
        "address": observation.url,
        "redirects": list(capture.redirects),
        "final_url": capture.final_url,
        "method": capture.method,
        "status": capture.status,
        "headers": [list(pair) for pair in capture.headers],
        "server_address": capture.server_address,
        "captured_at": capture.captured_at.astimezone(UTC).isoformat(),
        "rendered": capture.rendered,
        "body_sha256": stored.body_sha256,
        "body_size": stored.body_size,
        "screenshot_sha256": stored.screenshot_sha256,
        "screenshot_size": None if capture.screenshot is None else len(capture.screenshot),
        "facts": dict(facts),
    }


def _refuse_floats(value: object) -> None:
    """Floats are written differently from program to program, so a hash must not rest on one."""
    if isinstance(value, float):
        raise TypeError(f"{value!r}: evidence records hold no floats")
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)
