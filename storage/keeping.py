"""The lock between what copies evidence files and what removes them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import LockedError
from storage.evidence import EvidenceStore

_LOCK_FILE = ".keeping.lock"


@contextmanager
def keeping(store: EvidenceStore) -> Iterator[None]:
    """Hold the evidence folder for a backup or for retention; LockedError where another does."""
    store.folder.mkdir(parents=True, exist_ok=True)
    with (store.folder / _LOCK_FILE).open("a+b") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError("a backup or a retention run is under way") from None
        yield
