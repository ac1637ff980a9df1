"""One crawl of a target at a time on a machine, and which runs have lost their process."""

import fcntl
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.errors import LockedError
from core.ledger import RunRecord
from storage.database import Database
from storage.holds import RunningRun, running_runs
from storage.runs import lose_runs

# A crawl whose command was killed ends itself within moments; the next one waits for that.
LOCK_PATIENCE_S = 3.0
SILENCE_S = 120.0


@contextmanager
def locked(path: Path, what: str, patience_s: float) -> Iterator[int]:
    """Hold the file, by the descriptor that may be handed on; LockedError where others do.

    The kernel lets go of it when all its holders are dead.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        give_up = time.monotonic() + patience_s
        while not _taken(file.fileno()):
            if time.monotonic() > give_up:
                raise LockedError(what)
            time.sleep(0.1)
        yield file.fileno()


@contextmanager
def target_lock(state: Path, target_id: str, patience_s: float = LOCK_PATIENCE_S) -> Iterator[int]:
    """Hold the target for one crawl; the crawl's own process holds it as well."""
    what = f"{target_id}: another crawl of this target is under way"
    with locked(state / "locks" / f"{target_id}.lock", what, patience_s) as handle:
        yield handle


def place_of(state: Path) -> str:
    """The machine and folder, whose locks tell whether a crawl is alive."""
    return f"{socket.gethostname()}:{state.resolve()}"


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lose_ended_here(
    database: Database, state: Path, patience_s: float = 0.0
) -> tuple[RunRecord, ...]:
    """Mark as lost what counts as running here though nobody holds its target's lock."""
    place = place_of(state)
    lost: list[RunRecord] = []
    for run in running_runs(database):
        if run.place == place:
            lost += _lose_if_ended(database, state, run, patience_s)
    return tuple(lost)


def _lose_if_ended(
    database: Database, state: Path, run: RunningRun, patience_s: float
) -> tuple[RunRecord, ...]:
    try:
        with target_lock(state, run.target_id, patience_s):
            return lose_runs(database, (run.id,), datetime.now(UTC))
    except LockedError:
        return ()


class Silences:
    """How long runs have not beaten, on this machine's own steady clock.

    No two clocks are compared: neither another machine's nor one that was set.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[datetime, float]] = {}

    def lose_silent(
        self, database: Database, now: datetime, steady_s: float
    ) -> tuple[RunRecord, ...]:
        """Mark as lost what has been watched for SILENCE_S without a beat."""
        running = running_runs(database)
        self._seen = {run.id: self._watched(run, steady_s) for run in running}
        silent = [id_ for id_, (_, since) in self._seen.items() if steady_s - since > SILENCE_S]
        return lose_runs(database, silent, now) if silent else ()

    def _watched(self, run: RunningRun, steady_s: float) -> tuple[datetime, float]:
        beat_at, since = self._seen.get(run.id, (None, steady_s))
        return (run.beat_at, since) if beat_at == run.beat_at else (run.beat_at, steady_s)
