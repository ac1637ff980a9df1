"""`adwatch restore`: a backup as an installation again, checked whole before it gets its name."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import EvidenceError, StorageError
from crawler.backups import (
    CONFIG,
    DATABASE,
    EVIDENCE,
    FORMAT,
    MANIFEST,
    NAMES,
    Told,
    hash_of,
    whole_backups,
)
from storage.audit import VerifyReport, verify_evidence
from storage.chain import ChainHead
from storage.database import open_database, schema_status, upgrade
from storage.database_copy import is_empty, restore_database
from storage.evidence import EvidenceStore
from storage.heads import HEADS_FILE, read_chain_head

_CHECK_WITH = "`adwatch evidence verify` shows them all"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored from which backup, and what the check of all evidence says."""

    backup: Path
    files: int
    damaged: tuple[str, ...]
    report: VerifyReport


def restore(source: Path, into: Path, storage: str | None, at: str | None, told: Told) -> Restored:
    """Restore the newest backup, or the one named `at`, into a folder that does not exist yet.

    A restore that was cut short goes on with the files that are there when it is called again.
    """
    backup = _chosen(source, at)
    manifest = _checked_manifest(backup)
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise StorageError(f"{into} is not empty; name a folder that does not exist yet")
    partial = into.with_name(f".{into.name}.restoring")
    partial.mkdir(parents=True, exist_ok=True)
    shutil.copytree(backup / CONFIG, partial, dirs_exist_ok=True)
    store = EvidenceStore(partial / manifest["paths"]["evidence"])
    files = _bring_evidence(EvidenceStore(source / EVIDENCE), store, backup, manifest, told)
    url = storage or f"sqlite:///{(partial / (manifest['paths']['database'] or '')).resolve()}"
    report = _bring_database(backup, manifest, url, store)
    damaged = tuple(manifest["damaged"])
    _refuse_other_faults(report, damaged)
    if into.exists():
        into.rmdir()
    partial.rename(into)
    return Restored(backup, files, damaged, report)


def _chosen(source: Path, at: str | None) -> Path:
    found = whole_backups(source)
    if not found:
        raise StorageError(f"there is no whole backup in {source}")
    if at is None:
        return found[-1]
    for backup in found:
        if backup.name == at:
            return backup
    raise StorageError(f"no backup {at!r}; there are {', '.join(one.name for one in found[-5:])}")


def _checked_manifest(backup: Path) -> dict[str, Any]:
    """The manifest, after every file it lists was found as it says."""
    try:
        manifest: dict[str, Any] = json.loads((backup / MANIFEST).read_bytes())
        listed = dict(manifest["sha256"])
        known = manifest["format"] == FORMAT
        paths = [path for path in manifest["paths"].values() if path is not None]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{backup / MANIFEST} cannot be read: {error}") from error
    if not known:
        raise StorageError(f"{backup / MANIFEST} is of another format; install the newer adwatch")
    for name in (*listed, *paths):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise StorageError(f"{backup / MANIFEST} names {name!r}, which leads out of the folder")
    for name, digest in listed.items():
        path = backup / name
        if not path.is_file():
            raise StorageError(f"{path} is missing; restore another backup with --at")
        if hash_of(path) != digest:
            raise StorageError(f"{path} has been changed; restore another backup with --at")
    return manifest


def _bring_evidence(
    copies: EvidenceStore, store: EvidenceStore, backup: Path, manifest: dict[str, Any], told: Told
) -> int:
    damaged, brought, total = set(manifest["damaged"]), 0, manifest["evidence_files"]
    with (backup / NAMES).open(encoding="ascii") as lines:
        for number, line in enumerate(lines, 1):
            digest = line.strip()
            if digest not in damaged:
                try:
                    store.write(copies.read(digest), digest)
                except EvidenceError as error:
                    raise StorageError(f"the backup is not whole: {error}") from error
                brought += 1
            told("evidence", number, total)
    store.folder.mkdir(parents=True, exist_ok=True)
    if (backup / HEADS_FILE).exists():
        shutil.copyfile(backup / HEADS_FILE, store.folder / HEADS_FILE)
    return brought


def _bring_database(
    backup: Path, manifest: dict[str, Any], url: str, store: EvidenceStore
) -> VerifyReport:
    """The database at its new place, at this program's schema, with all of its evidence checked."""
    copied = manifest["database"]
    if not url.startswith("sqlite:") and not is_empty(url):
        raise StorageError("the database to restore into is not empty; name one without tables")
    restore_database(backup / DATABASE[copied["dialect"]], copied["dialect"], url)
    status = schema_status(url)
    if status.current != copied["revision"]:
        raise StorageError(
            f"the copy is at schema {status.current}, its manifest says {copied['revision']}"
        )
    if copied["revision"] < status.head:
        upgrade(url)
    database = open_database(url)
    try:
        if read_chain_head(database) != ChainHead(**copied["head"]):
            raise StorageError("the copy's chain does not end where its manifest says")
        return verify_evidence(database, store)
    finally:
        database.close()


def _refuse_other_faults(report: VerifyReport, damaged: tuple[str, ...]) -> None:
    """Files that were damaged when the backup was made are known; anything else is a fault."""
    fresh = [line for line in report.faults if not any(name in line for name in damaged)]
    if fresh:
        raise StorageError(f"what was restored does not hold: {fresh[0]}; {_CHECK_WITH}")
