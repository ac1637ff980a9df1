"""Which slots of a target are to be crawled now: catching up, windows and blackout hours."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from core.hours import Hours
from core.target import Target
from crawler.config import Schedule
from crawler.slots import Slot, newest_slot, read_slot, slots_after

# With `skip`, a slot is left out that could not be started for so long.
LATE = timedelta(minutes=15)
MAX_MISSED = 100
# A clock that was set back finds slots that are ahead of it; further ahead, it once went wrong.
AHEAD = timedelta(days=1)


def last_crawled(slots: Iterable[str], now: datetime) -> datetime | None:
    """The time of the newest scheduled slot among those that were crawled."""
    named = (read_slot(slot) for slot in slots)
    return max((one.at for one in named if one and one.at <= now + AHEAD), default=None)


def due_slots(
    target: Target, last: datetime | None, now: datetime, schedule: Schedule, zone: str
) -> tuple[Slot, ...]:
    """The slots after `last` that are to be crawled, oldest first; none outside of its hours.

    A target that was never crawled is due at once. Nothing before `last` is ever due, so that a
    clock that was set back starts no slot again.
    """
    opened = opened_at(target, now, schedule, zone)
    if opened is None:
        return ()
    if last is None:
        return (newest_slot(target, now, schedule.every, zone),)
    catchup = target.catchup or schedule.catchup
    limit = MAX_MISSED if catchup == "all" else 1
    missed = slots_after(target, last, now, schedule.every, zone, limit)
    match catchup:
        case "latest" | "all":
            return missed
        case "skip":
            return tuple(one for one in missed if now - max(one.begins, opened) <= LATE)
        case _:
            assert_never(catchup)


def opened_at(target: Target, now: datetime, schedule: Schedule, zone: str) -> datetime | None:
    """Since when crawls of the target may begin; None where they may not now.

    Looks back two days at most: who is open always, is open since then.
    """
    local = now.astimezone(ZoneInfo(zone))
    windows = [hours for hours in (target.windows, schedule.windows) if hours]
    blackout = (*target.blackout, *schedule.blackout)
    if not _is_open(local, windows, blackout):
        return None
    edges = [hours.begins for named in windows for hours in named]
    edges += [hours.ends for hours in blackout]
    days = [local.date() - timedelta(days=back) for back in range(3)]
    moments = (datetime.combine(day, edge, local.tzinfo) for day in days for edge in edges)
    for moment in sorted((one for one in moments if one <= local), reverse=True):
        if not _is_open(moment - timedelta(microseconds=1), windows, blackout):
            return moment.astimezone(UTC)
    return now - timedelta(days=2)


def _is_open(
    local: datetime, windows: Iterable[Iterable[Hours]], blackout: Iterable[Hours]
) -> bool:
    clock = local.time()
    return all(any(hours.contains(clock) for hours in named) for named in windows) and not any(
        hours.contains(clock) for hours in blackout
    )
