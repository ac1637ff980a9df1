"""What the service has to crawl now: slots that are due, and runs that broke off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.ledger import RunRecord, RunState
from core.target import Target
from crawler.config import Settings
from crawler.due import due_slots, last_crawled, opened_at
from crawler.slots import newest_slot, read_slot
from crawler.workspace import Workspace
from storage.database import Database
from storage.runs import broken_runs, recent_slots

RECENT = 200
REPEATS = 3
REPEATED_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Due:
    """One crawl to be started: the target and its slot, which began at `begins`."""

    target: Target
    slot: str
    begins: datetime


@dataclass(frozen=True, slots=True)
class Chores:
    """What is due, in the order it is to be started, and the slots that are given up."""

    due: tuple[Due, ...]
    given_up: tuple[RunRecord, ...]


class Plan:
    """Reads from the database what was crawled; remembers what needs no second look."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last: dict[str, datetime] = {}

    def chores(self, workspace: Workspace, now: datetime) -> Chores:
        """Each enabled target's next slot, longest due first; then what broke off, once more."""
        settings = workspace.ready()
        targets = {target.id: target for target in workspace.targets if target.enabled}
        due = [one for target in targets.values() for one in self._due(target, settings, now)]
        due.sort(key=lambda one: (one.begins, one.target.id))
        broken = [run for run in broken_runs(self._database, now - REPEATED_FOR) if _broke_off(run)]
        again = tuple(self._again(broken, targets, settings, now))
        given_up = tuple(run for run in broken if _is_given_up(run))
        return Chores((*due, *again), given_up)

    def _due(self, target: Target, settings: Settings, now: datetime) -> Iterator[Due]:
        schedule, zone = settings.schedule, settings.timezone
        newest = newest_slot(target, now, schedule.every, zone)
        last = self._last.get(target.id)
        if last is not None and last >= newest.at:
            return
        last = last_crawled(recent_slots(self._database, target.id, RECENT), now)
        if last is not None:
            self._last[target.id] = last
        for slot in due_slots(target, last, now, schedule, zone)[:1]:
            yield Due(target, slot.name, slot.begins)

    def _again(
        self,
        broken: list[RunRecord],
        targets: Mapping[str, Target],
        settings: Settings,
        now: datetime,
    ) -> Iterator[Due]:
        for run in broken:
            target, named = targets.get(run.target_id), read_slot(run.slot)
            if target is None or named is None or _is_given_up(run):
                continue
            if opened_at(target, now, settings.schedule, settings.timezone) is None:
                continue
            slots = recent_slots(self._database, target.id, RECENT)
            last = last_crawled(slots, now)
            catchup = target.catchup or settings.schedule.catchup
            is_overtaken = last is not None and last > named.at and catchup != "all"
            if named.again not in slots and not is_overtaken:
                yield Due(target, named.again, run.started_at)


def _broke_off(run: RunRecord) -> bool:
    """Whether its end was none of the target's doing: the service or the machine went away."""
    return run.state is RunState.LOST or run.report.reason == "interrupted"


def _is_given_up(run: RunRecord) -> bool:
    named = read_slot(run.slot)
    return named is not None and named.repeated >= REPEATS
