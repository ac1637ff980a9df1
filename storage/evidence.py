"""Evidence files: write-once bytes under their SHA-256."""

import os
import re
import stat
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from core.errors import EvidenceError

_INCOMING = ".incoming"
_NAME = re.compile(r"[0-9a-f]{64}")
_ABANDONED_AFTER_S = 24 * 3600
_CHUNK = 1024 * 1024


class EvidenceStore:
    """A folder of evidence, `ab/cd/abcd…`; a name, once there, is never written again.

    Any number of processes may write at the same time and be killed at any moment: a file appears
    under its name complete and synced, or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming: Path | None = None

    def path(self, digest: str) -> Path:
        """Where the bytes of that SHA-256 lie; EvidenceError where it is not one."""
        if not _NAME.fullmatch(digest):
            raise EvidenceError(f"{digest[:80]!r} is not the SHA-256 of an evidence file")
        return self.folder / digest[:2] / digest[2:4] / digest

    def write(self, data: bytes, digest: str | None = None) -> str:
        """Keep `data`; its SHA-256 in hex, which whoever knows it already may give as `digest`."""
        digest = digest or sha256(data).hexdigest()
        path = self.path(digest)
        if not _is_kept(path, len(data)):
            self._keep(data, path)
        return digest

    def read(self, digest: str) -> bytes:
        """The bytes of that SHA-256; EvidenceError where they are missing or changed."""
        path = self.path(digest)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise EvidenceError(f"evidence {digest} cannot be read: {error.strerror}") from error
        if sha256(data).hexdigest() != digest:
            raise EvidenceError(f"evidence {digest} has been changed: {path}")
        return data

    def _keep(self, data: bytes, path: Path) -> None:
        temporary = self._incoming_folder() / uuid4().hex
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o444)
                os.fsync(file.fileno())
            path.parent.mkdir(parents=True, exist_ok=True)
            # Two writers of the same bytes may both get here: the second name replaces its equal.
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def _incoming_folder(self) -> Path:
        if self._incoming is None:
            incoming = self.folder / _INCOMING
            incoming.mkdir(parents=True, exist_ok=True)
            _clear_abandoned(incoming)
            self._incoming = incoming
        return self._incoming


def file_fault(path: Path, digest: str) -> str | None:
    """What is wrong with the evidence file at `path`; reads it in pieces."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return "the file is missing"
    except OSError as error:
        return f"the file cannot be read: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "the file is not a regular file"
    found = sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
    except OSError as error:
        return f"the file cannot be read: {error.strerror}"
    if found.hexdigest() != digest:
        return f"the file has been changed ({status.st_size} bytes, SHA-256 {found.hexdigest()})"
    return None


def _is_kept(path: Path, size: int) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(status.st_mode) or status.st_size != size:
        raise EvidenceError(
            f"evidence {path} is not what was written ({status.st_size} bytes instead of {size});"
            " run `adwatch evidence verify`, keep a copy of the file, and move it away"
        )
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear_abandoned(incoming: Path) -> None:
    """Remove what killed writers left; a living writer's file is seconds old."""
    oldest = time.time() - _ABANDONED_AFTER_S
    for file in incoming.iterdir():
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < oldest:
                file.unlink()
