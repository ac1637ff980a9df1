"""A slot that was cut short is crawled again: each go is a run of its own, and its slot says so."""

from datetime import UTC, datetime

from core.ledger import RunRecord, RunState
from crawler.plan import REPEATS
from storage.database import Database
from storage.runs import lose_runs, runs_of_slots

_TOLD_TO_STOP = frozenset({"interrupted", "shutdown"})


def open_go(database: Database, target_id: str, slot: str) -> str | None:
    """Under which slot the next go is entered; None where the slot has been crawled to an end.

    The caller holds the slot's job, so that a go that counts as running has lost its process, on
    whichever machine that was: it is marked as lost and lets go of its hosts.
    """
    first = slot.partition("+")[0]
    names = [first, *(f"{first}+{repeat}" for repeat in range(1, REPEATS + 1))]
    runs = runs_of_slots(database, target_id, names)
    running = [run.id for run in runs if run.state is RunState.RUNNING]
    if running:
        lose_runs(database, running, datetime.now(UTC))
    if not all(map(is_cut_short, runs)):
        return None
    taken = {run.slot for run in runs}
    return next((name for name in names if name not in taken), None)


def is_cut_short(run: RunRecord) -> bool:
    """Whether the run was lost with its process, or told to stop before its end."""
    if run.state is RunState.FAILED:
        return run.report.reason in _TOLD_TO_STOP
    return run.state in {RunState.LOST, RunState.RUNNING}
