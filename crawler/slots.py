"""The slots of a target's schedule: pure arithmetic on times."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from croniter import croniter

from core.target import Target, parse_duration

JITTER_SHARE = 0.1
MAX_JITTER = timedelta(minutes=10)
_INSTANT = timedelta(microseconds=1)
_NAME = re.compile(r"((?:every-\d+s|cron)-(\d{8}T\d{6}Z))(?:\+(\d+))?")
MOST_TARGETS = 20_000


@dataclass(frozen=True, slots=True)
class Slot:
    """One time of a schedule: its stable name, the time it is named for, and when it begins."""

    name: str
    at: datetime
    begins: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """What a slot's name says: its first name, its time, and which repetition of it this is."""

    first: str
    at: datetime
    repeated: int

    @property
    def again(self) -> str:
        """The name of the next repetition."""
        return f"{self.first}+{self.repeated + 1}"


def newest_slot(target: Target, now: datetime, default_every: str, zone: str) -> Slot:
    """The newest slot of the target that has begun by `now`.

    An `every:` slot begins at a multiple of the period since 1970, shifted by a jitter that is
    the target's own, so that a thousand targets do not start in the same second. A `cron:` slot
    begins at the line's newest time in `zone`.
    """
    if target.cron:
        local = now.astimezone(ZoneInfo(zone))
        found: datetime = croniter(target.cron, local + _INSTANT).get_prev(datetime)
        at = found.astimezone(UTC)
        return Slot(f"cron-{at:%Y%m%dT%H%M%SZ}", at, at)
    period = parse_duration(target.every or default_every)
    later = jitter(target.id, period)
    begun = int((now - later).timestamp() // period.total_seconds())
    at = datetime.fromtimestamp(begun * period.total_seconds(), UTC)
    return Slot(f"every-{int(period.total_seconds())}s-{at:%Y%m%dT%H%M%SZ}", at, at + later)


def slots_after(  # noqa: PLR0917 (a target's schedule, and the stretch)
    target: Target, after: datetime, now: datetime, default_every: str, zone: str, limit: int
) -> tuple[Slot, ...]:
    """The slots named for a time after `after` that have begun by `now`, at most `limit` newest."""
    found: list[Slot] = []
    slot = newest_slot(target, now, default_every, zone)
    while slot.at > after and len(found) < limit:
        found.append(slot)
        slot = newest_slot(target, slot.begins - _INSTANT, default_every, zone)
    return tuple(reversed(found))


def read_slot(name: str) -> Named | None:
    """What the name of a scheduled slot says; None for one that a person asked for."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    at = datetime.strptime(found[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Named(found[1], at, int(found[3] or 0))


def jitter(name: str, period: timedelta) -> timedelta:
    """How much later than the full period something begins: always the same for a name."""
    share = int.from_bytes(sha256(name.encode()).digest()[:4]) / 2**32
    return min(period * JITTER_SHARE, MAX_JITTER) * share


def next_begin(target: Target, after: datetime, default_every: str, zone: str) -> datetime:
    """When the first slot of the target begins that has not begun by `after`."""
    if target.cron:
        return _next_by_cron(target.cron, after, zone)
    period = parse_duration(target.every or default_every)
    late = jitter(target.id, period)
    begun = int((after - late).timestamp() // period.total_seconds())
    return datetime.fromtimestamp((begun + 1) * period.total_seconds(), UTC) + late


@lru_cache(MOST_TARGETS)
def _next_by_cron(cron: str, after: datetime, zone: str) -> datetime:
    """Kept, since thousands of targets are asked at each scrape and few have run meanwhile."""
    following: datetime = croniter(cron, after.astimezone(ZoneInfo(zone))).get_next(datetime)
    return following.astimezone(UTC)
