"""The files of a folder, as far as they may be read; what may not has a reason in one word."""

import os
import stat
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import unquote

from core.target import FilesRule

_JUNK = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


class UnreadFile(Exception):  # noqa: N818 (most of these are no error)
    """A file that is not read; its text is the reason in one word."""


def wanted_files(rule: FilesRule) -> Iterator[Path]:
    """The files that the rule names, sorted by path; no link to a folder is entered."""
    root = Path(rule.folder)
    for folder, inner, names in os.walk(root, onerror=_raise):
        links = [name for name in inner if (Path(folder) / name).is_symlink()]
        for name in sorted([*names, *links]):
            if fnmatch(name, rule.glob):
                yield Path(folder) / name
        inner[:] = sorted(inner) if rule.recursive else []


def read_file(path: Path, most_bytes: int, settled_before: float) -> bytes:
    """The bytes of a file; UnreadFile says why it is left alone. No link is followed."""
    if path.name.startswith("~$") or path.name.lower() in _JUNK:
        raise UnreadFile("file_by_program")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise UnreadFile("file_link" if path.is_symlink() else "file_unreadable") from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadFile("file_special")
        if found.st_mtime > settled_before:
            raise UnreadFile("file_growing")
        try:
            data = file.read(most_bytes + 1)
        except OSError:
            raise UnreadFile("file_unreadable") from None
    if len(data) > most_bytes:
        raise UnreadFile("too_large")
    return data


def file_name(url: str) -> str:
    """The name of the file at a `file:` address."""
    return unquote(url.rsplit("/", 1)[-1])


def _raise(error: OSError) -> None:
    raise error
