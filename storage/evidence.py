"""Evidence files: write-once bytes under their SHA-256."""

import os
import re
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from core.errors import EvidenceError
from storage.filesystem_sync import filesystem_sync

# Each page of a crawl comes here, and paths as objects cost as much as the writing.
# ruff: noqa: PTH105, PTH103, PTH108, PTH120

_INCOMING = ".incoming"
_LEAVING = ".leaving"
_NAME = re.compile(r"[0-9a-f]{64}")
_ABANDONED_AFTER_S = 24 * 3600
# A writer that met the bytes here has named them in a record long before this time is over.
_NAMED_WITHIN_S = 3600
_CHUNK = 1024 * 1024


class EvidenceStore:
    """A folder of evidence, `ab/cd/abcd…`; a name, once there, is never written again.

    Any number of processes may write at the same time and be killed at any moment: a file appears
    under its name complete and synced, or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming: str | None = None

    def path(self, digest: str) -> Path:
        """Where the bytes of that SHA-256 lie; EvidenceError where it is not one."""
        return self.folder / evidence_name(digest)

    def write(self, data: bytes, digest: str | None = None) -> str:
        """Keep `data`; its SHA-256 in hex, which whoever knows it already may give as `digest`."""
        return self.write_all([(data, digest)])[0]

    def write_all(self, pieces: Sequence[tuple[bytes, str | None]]) -> list[str]:
        """Keep the data of each as `write` does; a disk that is asked once does it sooner."""
        named = [(digest or sha256(data).hexdigest(), data) for data, digest in pieces]
        folder = str(self.folder)
        new = {
            digest: data
            for digest, data in named
            if not _is_kept(f"{folder}/{evidence_name(digest)}", len(data))
        }
        if new:
            self._keep(new)
        return [digest for digest, _ in named]

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

    def has(self, digest: str) -> bool:
        """Whether something lies under that name."""
        return self.path(digest).exists()

    def find(self, digest: str) -> bytes | None:
        """The bytes as they lie there, unchecked; None where there are none."""
        path = self.path(digest)
        return path.read_bytes() if path.is_file() else None

    def fault(self, digest: str) -> str | None:
        """What is wrong with the file of that SHA-256."""
        return file_fault(self.path(digest), digest)

    def names(self, prefix: str) -> set[str]:
        """The names that lie under the first two characters of a SHA-256."""
        return {path.name for path in (self.folder / prefix).glob("*/*") if not path.is_dir()}

    def add_line(self, name: str, line: str) -> None:
        """Append a line to a list beside the evidence.

        One write in append mode: crawls that end together do not tear each other's lines.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / name, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        try:
            os.write(handle, f"{line}\n".encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def lines(self, name: str) -> Iterator[str]:
        """The lines of such a list, oldest first."""
        path = self.folder / name
        if path.exists():
            with path.open(encoding="utf-8", errors="replace") as lines:
                yield from lines

    def last_line(self, name: str) -> str | None:
        """The newest of them."""
        return next(iter(deque(self.lines(name), maxlen=1)), None)

    def remove(self, digest: str, is_needed: Callable[[], bool]) -> bool:
        """Remove the bytes for good; False where they are needed after all.

        They leave their name first: from then on a writer of the same bytes writes them anew, and
        one that had met them before shows by the file's time or by its record, which `is_needed`
        looks for. Then they come back.
        """
        path, leaving = self.path(digest), self.folder / _LEAVING / digest
        leaving.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.replace(leaving)
        if not leaving.exists():
            return True
        if time.time() - leaving.stat().st_mtime < _NAMED_WITHIN_S or is_needed():
            path.parent.mkdir(parents=True, exist_ok=True)
            leaving.replace(path)
            return False
        leaving.unlink()
        return True

    def _keep(self, new: Mapping[str, bytes]) -> None:
        incoming, folder = self._incoming_folder(), str(self.folder)
        together = filesystem_sync() if len(new) > 1 else None
        written: list[tuple[str, str]] = []
        try:
            for digest, data in new.items():
                temporary = f"{incoming}/{uuid4().hex}"
                written.append((temporary, f"{folder}/{evidence_name(digest)}"))
                _write_new(temporary, data, sync=together is None)
            if together is not None:
                together(incoming)
            for temporary, path in written:
                _give_name(temporary, path)
        except BaseException:
            for temporary, _ in written:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
            raise
        if together is not None:
            together(folder)
            return
        for parent in {os.path.dirname(path) for _, path in written}:
            _sync_folder(parent)

    def _incoming_folder(self) -> str:
        if self._incoming is None:
            incoming = self.folder / _INCOMING
            incoming.mkdir(parents=True, exist_ok=True)
            _clear_abandoned(incoming)
            self._incoming = str(incoming)
        return self._incoming


def evidence_name(digest: str) -> str:
    """Where the bytes of that SHA-256 lie among the evidence; EvidenceError where it is not one."""
    if not _NAME.fullmatch(digest):
        raise EvidenceError(f"{digest[:80]!r} is not the SHA-256 of an evidence file")
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def changed(place: str, found: int, size: int) -> str:
    """What is said where something else lies under a name that is to be written."""
    return (
        f"evidence {place} is not what was written ({found} bytes instead of {size});"
        " run `adwatch evidence verify`, keep a copy of the file, and move it away"
    )


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


def _is_kept(path: str, size: int) -> bool:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(status.st_mode) or status.st_size != size:
        raise EvidenceError(changed(path, status.st_size, size))
    try:
        os.utime(path)  # whoever removes what is no longer needed sees that it is
    except FileNotFoundError:
        return False
    return True


def _write_new(temporary: str, data: bytes, *, sync: bool) -> None:
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
        os.fchmod(handle, 0o444)
        if sync:
            os.fsync(handle)


def _give_name(temporary: str, path: str) -> None:
    """Two writers of the same bytes may both get here: the second name replaces its equal."""
    try:
        os.replace(temporary, path)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.replace(temporary, path)


def _sync_folder(folder: str) -> None:
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
