"""Backups: a folder that holds evidence once and the database as often as it was copied.

    DEST/evidence/ab/cd/…          write-once files, copied when they are new
    DEST/backups/20261122T014000Z/ database, names of its files, configuration, manifest.json

A backup is written into `.partial` and named when all of it is on the disk, so that one that was
cut short is never taken for a whole one; the next goes on with the files that are there. The
database is copied first: whatever file it names was on the disk before.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from core.errors import EvidenceError, LockedError, StorageError
from crawler.opening import evidence_folder
from crawler.workspace import SETTINGS_FILE, TARGETS_FOLDER, Workspace
from storage.database import Database, sqlite_path
from storage.database_copy import CopiedDatabase, copy_database
from storage.evidence import EvidenceStore
from storage.heads import HEADS_FILE
from storage.keeping import keeping

FORMAT = 1
BACKUPS, EVIDENCE, CONFIG = "backups", "evidence", "config"
PARTIAL = ".partial"
MANIFEST, NAMES = "manifest.json", "evidence.txt"
DATABASE = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}
MAX_DAMAGED = 1_000
_PASSWORD = re.compile(r"(postgresql\S*?://[^\s:/@]+:)[^\s@]+@")

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup; `damaged` names files that were missing or changed when it was made."""

    folder: Path
    files: int
    copied: int
    damaged: tuple[str, ...]
    database: CopiedDatabase


def back_up(
    workspace: Workspace, database: Database, destination: Path, now: datetime, told: Told
) -> Backup:
    """Copy database, evidence and configuration to `destination`, while crawls go on."""
    try:
        store = evidence_folder(workspace)
        with _alone(destination), keeping(store):
            return _back_up(workspace, database, destination, now, told)
    except OSError as error:
        raise StorageError(f"the backup to {destination} failed: {error}") from error


def _back_up(
    workspace: Workspace, database: Database, destination: Path, now: datetime, told: Told
) -> Backup:
    source = evidence_folder(workspace)
    partial = destination / BACKUPS / PARTIAL
    shutil.rmtree(partial, ignore_errors=True)
    (partial / CONFIG).mkdir(parents=True)
    _copy_configuration(workspace.folder, partial / CONFIG)
    _copy_noted_heads(source, partial)  # first, so that no noted head outruns the database
    path = partial / DATABASE[database.dialect]
    copied = copy_database(
        database, path, partial / NAMES, lambda done, of: told("database", done, of)
    )
    copies = EvidenceStore(destination / EVIDENCE)
    files, fresh, damaged = _copy_evidence(source, copies, partial / NAMES, told)
    manifest = _manifest(workspace, partial, copied, damaged, files, now)
    _write_synced(partial / MANIFEST, json.dumps(manifest, indent=1).encode())
    folder = destination / BACKUPS / f"{now:%Y%m%dT%H%M%S}Z"
    partial.rename(folder)
    _sync_folder(folder.parent)
    return Backup(folder, files, fresh, damaged, copied)


def whole_backups(source: Path) -> tuple[Path, ...]:
    """The backups in a folder, the newest last; what was cut short is none."""
    return tuple(sorted(path.parent for path in (source / BACKUPS).glob(f"[0-9]*Z/{MANIFEST}")))


@contextmanager
def _alone(destination: Path) -> Iterator[None]:
    (destination / BACKUPS).mkdir(parents=True, exist_ok=True)
    with (destination / BACKUPS / ".lock").open("a+b") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"another backup to {destination} is under way") from None
        yield


def _copy_configuration(folder: Path, to: Path) -> None:
    """Settings and targets. Secrets do not stand in them but for a password of PostgreSQL."""
    settings = (folder / SETTINGS_FILE).read_text(encoding="utf-8")
    (to / SETTINGS_FILE).write_text(_PASSWORD.sub(r"\1***@", settings), encoding="utf-8")
    (to / TARGETS_FOLDER).mkdir()
    for path in sorted((folder / TARGETS_FOLDER).glob("*.y*ml")):
        if path.is_file():
            shutil.copyfile(path, to / TARGETS_FOLDER / path.name)


def _copy_noted_heads(source: EvidenceStore, partial: Path) -> None:
    noted = source.folder / HEADS_FILE
    if noted.exists():
        shutil.copyfile(noted, partial / HEADS_FILE)


def _copy_evidence(
    source: EvidenceStore, copies: EvidenceStore, names: Path, told: Told
) -> tuple[int, int, tuple[str, ...]]:
    """Copy what is new of the named files: how many there are, how many were new, which failed."""
    with names.open(encoding="ascii") as lines:
        total = sum(1 for _ in lines)
    copied, damaged = 0, []
    with names.open(encoding="ascii") as lines:
        for number, line in enumerate(lines, 1):
            digest = line.strip()
            if not copies.path(digest).exists():
                try:
                    copies.write(source.read(digest), digest)
                    copied += 1
                except EvidenceError:
                    damaged.append(digest)
            told("evidence", number, total)
    if len(damaged) > MAX_DAMAGED:
        raise StorageError(
            f"{len(damaged)} evidence files are missing or changed, so this would be no backup;"
            " run `adwatch evidence verify`"
        )
    return total, copied, tuple(damaged)


def _manifest(  # noqa: PLR0917 (what a manifest says)
    workspace: Workspace,
    partial: Path,
    copied: CopiedDatabase,
    damaged: tuple[str, ...],
    files: int,
    now: datetime,
) -> dict[str, Any]:
    settings = workspace.ready()
    path = sqlite_path(settings.storage_url(workspace.folder))
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "database": asdict(copied),
        "evidence_files": files,
        "damaged": list(damaged),
        "paths": {
            "database": None if path is None else _inside(workspace.folder, path, "adwatch.db"),
            "evidence": _inside(workspace.folder, Path(settings.evidence), "evidence"),
        },
        "sha256": {
            str(file.relative_to(partial)): hash_of(file)
            for file in sorted(partial.rglob("*"))
            if file.is_file()
        },
    }


def _inside(folder: Path, path: Path, otherwise: str) -> str:
    """`path` as it counts from the folder; `otherwise` where it lies outside."""
    whole = (folder / path).resolve()
    return str(whole.relative_to(folder)) if whole.is_relative_to(folder) else otherwise


def hash_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
