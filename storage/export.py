"""Evidence as one ZIP that another office can check without adwatch."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from core.errors import EvidenceError
from storage.database import Database
from storage.evidence_place import Evidence
from storage.tables import evidence

MAX_RECORDS = 10_000
_BATCH = 500
# ZIP times start in 1980; one fixed time makes equal evidence equal archives.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)

README = """\
网页证据包 · Web evidence package

files/        网页原始字节与截图，文件名即其 SHA-256。
              Original bytes and screenshots; each file's name is its SHA-256.
records.json  采集记录：网址、跳转、状态、响应头、服务器地址、UTC 时间、文件哈希与哈希链。
              Capture records: address, redirects, status, headers, server, UTC time, file hashes.

核验方法 · How to verify

1. 文件 Files: 在 files/ 中执行 (run in files/)  sha256sum *
   每行的哈希必须等于文件名。Each hash must equal the file's name.
2. 记录 Records: records.json 中每条的 record_hash 必须等于
   SHA-256( prev_hash + record )，二者按 ASCII 文本直接相连。
   Each record_hash must be the SHA-256 of prev_hash followed by record, as ASCII text:
     python3 -c "import json,hashlib;[print(r['seq'],hashlib.sha256((r['prev_hash']+
     r['record']).encode()).hexdigest()==r['record_hash'])for r in json.load(open('records.json'))]"
3. 序号相连的记录，后一条的 prev_hash 必须等于前一条的 record_hash。
   Where sequence numbers follow one another, prev_hash is the record_hash before it.
"""


def export_evidence(db: Database, store: Evidence, seqs: Sequence[int], destination: Path) -> Path:
    """Write the records and their bytes to `destination`; EvidenceError where one does not hold.

    The file appears complete or not at all.
    """
    if len(seqs) > MAX_RECORDS:
        raise EvidenceError(f"{len(seqs)} records are too many for one export of {MAX_RECORDS}")
    records = _records(db, seqs)
    digests = {row[name] for row in records for name in ("body_sha256", "screenshot_sha256")}
    temporary = destination.with_name(f".{destination.name}.{uuid4().hex}")
    try:
        with zipfile.ZipFile(temporary, "x", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, "README.txt", README.encode())
            listing = json.dumps(records, indent=1, ensure_ascii=True)
            _add(archive, "records.json", listing.encode())
            for digest in sorted(digest for digest in digests if digest is not None):
                _add(archive, f"files/{digest}", store.read(digest))
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)
    return destination


def _records(db: Database, seqs: Sequence[int]) -> list[dict[str, Any]]:
    wanted = sorted(set(seqs))
    found: list[dict[str, Any]] = []
    with db.reading() as connection:
        for at in range(0, len(wanted), _BATCH):
            some = evidence.c.seq.in_(wanted[at : at + _BATCH])
            rows = connection.execute(select(evidence).where(some).order_by(evidence.c.seq))
            found += [dict(row) for row in rows.mappings()]
    missing = sorted(set(wanted) - {row["seq"] for row in found})
    if missing:
        raise EvidenceError(f"there is no evidence record {missing[0]}")
    return found


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), data, zipfile.ZIP_DEFLATED)
