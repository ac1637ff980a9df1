"""The processes of one crawl, told by a mark in their environment that children inherit.

A process group is not enough: a browser's driver starts it in a session of its own.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MARK = "ADWATCH_CRAWL"
_PROC = Path("/proc")
GONE_WITHIN_S, _LOOK_EVERY_S = 10.0, 0.02


def members(mark: str) -> Iterator[int]:
    """The processes that carry the mark, as long as their environment can be read."""
    wanted = f"{MARK}={mark}".encode()
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    yield int(folder.name)


def memory_bytes(mark: str) -> int:
    """The memory of all of them, what they share counted once."""
    return sum(map(_memory_of, members(mark)))


def _memory_of(process: int) -> int:
    with suppress(OSError):
        for line in (_PROC / str(process) / "smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def kill_members(mark: str) -> int:
    """End whatever is left of them, and wait until it is gone; how many that were.

    One look is not enough: a process that is being ended may have started another meanwhile.
    """
    killed: set[int] = set()
    patience = time.monotonic() + GONE_WITHIN_S
    while (left := list(members(mark))) and time.monotonic() < patience:
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        killed.update(left)
        time.sleep(_LOOK_EVERY_S)
    return len(killed)
