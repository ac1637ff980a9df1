"""The configuration of a service that runs: read again when it changes, never half, never worse."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from crawler.outlets import build_outlets
from crawler.workspace import SETTINGS_FILE, TARGETS_FOLDER, load_workspace

log = logging.getLogger("adwatch.service")
Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What the operator is to hear."""

    subject: str
    lines: tuple[str, ...]


class WatchedWorkspace:
    """Holds a workspace whose settings can be used, and what it says of sending."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._stamp = _stamp(folder)
        self.workspace = load_workspace(folder, environment)
        self.outlets = build_outlets(self.workspace)
        self.is_asked = Event()
        self._told: frozenset[str] = frozenset()

    def reload(self) -> Iterator[Said]:
        """Read again what has changed or was asked for; each fault is said once while it lasts."""
        stamp = _stamp(self._folder)
        if stamp != self._stamp or self.is_asked.is_set():
            self.is_asked.clear()
            self._stamp = stamp
            yield from self._read()
        faults = frozenset(map(str, self.workspace.faults))
        fresh = tuple(sorted(faults - self._told))
        self._told = faults
        if fresh:
            yield Said(f"{len(fresh)} faults in target files", fresh)

    def _read(self) -> Iterator[Said]:
        fresh = load_workspace(self._folder, self._environment)
        if fresh.settings is None:
            faults = tuple(map(str, fresh.faults))
            yield Said("configuration refused, the old one is kept", faults)
            return
        fresh, kept = fresh.keeping(self.workspace)
        log.info("configuration read again: %d targets", len(fresh.targets))
        outlets = build_outlets(fresh)
        self.workspace, self.outlets = fresh, outlets
        if kept:
            lines = tuple(f"{name}: crawled as it was before the fault" for name in kept)
            yield Said(f"{len(kept)} targets go on with their last good version", lines)


def _stamp(folder: Path) -> Stamp:
    """What changes when a configuration file does."""
    return tuple(_mark_of(path) for path in _files(folder))


def _files(folder: Path) -> tuple[Path, ...]:
    return (folder / SETTINGS_FILE, *sorted((folder / TARGETS_FOLDER).glob("*.*")))


def _mark_of(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), stat.st_mtime_ns, stat.st_size
