"""Pictures: their captures as evidence, what lies at an address, and what was read from each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, select

from core.ledger import EvidenceFacts
from core.pictures import PictureText
from core.records import Observation
from storage.capture_facts import evidence_facts
from storage.chain import append_evidence
from storage.codec import load_picture, pack_picture
from storage.database import Database
from storage.evidence_place import Evidence
from storage.pages import validator
from storage.tables import picture, picture_address
from storage.upsert import add_if_new

_ADDRESS = picture_address.c


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """What last lay at a picture's address."""

    sha256: str
    etag: str | None
    last_modified: str | None


def known_address(db: Database, target_id: str, url: str) -> KnownAddress | None:
    """What a target's crawls last found at a picture's address."""
    with db.reading() as connection:
        row = _address_row(connection, _key(target_id, url))
    return KnownAddress(row.sha256, row.etag, row.last_modified) if row else None


def known_text(db: Database, sha256: str, reader: str) -> PictureText | None:
    """What that reader has read from those bytes before."""
    query = select(picture.c.content).where(picture.c.sha256 == sha256, picture.c.reader == reader)
    with db.reading() as connection:
        content = connection.execute(query).scalar_one_or_none()
    return None if content is None else load_picture(content)


def keep_text(db: Database, sha256: str, text: PictureText, read_at: datetime) -> PictureText:
    """Keep what was read from a picture; as it can be stored."""
    storable, content = pack_picture(text)
    values = {"sha256": sha256, "reader": text.reader, "content": content, "read_at": read_at}
    with db.writing() as connection:
        connection.execute(add_if_new(db.dialect, picture), values)
    return storable


def keep_capture(db: Database, store: Evidence, seen: Observation) -> None:
    """Keep a picture's bytes and, where they are new at its address, a record of their capture.

    `seen` is sealed, and its parent the page that shows the picture. The file is on disk before the
    transaction that names it.
    """
    if seen.stored is None:
        raise ValueError(f"{seen.url} is not a sealed picture")
    store.write(seen.capture.body, seen.stored.body_sha256)
    values: dict[str, Any] = {
        "sha256": seen.stored.body_sha256,
        "etag": validator(seen.capture, "etag"),
        "last_modified": validator(seen.capture, "last-modified"),
    }
    key = _key(seen.target_id, seen.url)
    with db.saving() as work:
        stood = _address_row(work.connection, key)
        if stood is None or stood.sha256 != seen.stored.body_sha256:
            values["evidence_seq"] = append_evidence(work, seen, {"picture_of": seen.parent_url})
        if stood is None:
            work.connection.execute(picture_address.insert(), {"key": key, **values})
        else:
            change = picture_address.update().where(_ADDRESS.key == key)
            work.connection.execute(change, values)


def picture_records(db: Database, digests: Sequence[str]) -> dict[str, EvidenceFacts]:
    """The newest capture of each of those pictures by its SHA-256; unknown ones are left out."""
    query = select(_ADDRESS.sha256, func.max(_ADDRESS.evidence_seq).label("seq"))
    wanted = _ADDRESS.sha256.in_(set(digests))
    with db.reading() as connection:
        rows = connection.execute(query.where(wanted).group_by(_ADDRESS.sha256)).all()
    facts = evidence_facts(db, [row.seq for row in rows])
    return {row.sha256: facts[row.seq] for row in rows}


def _address_row(connection: Connection, key: str) -> Row[Any] | None:
    return connection.execute(select(picture_address).where(_ADDRESS.key == key)).first()


def _key(target_id: str, url: str) -> str:
    return sha256(f"{target_id}\n{url}".encode(errors="replace")).hexdigest()
