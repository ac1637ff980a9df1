"""Which slot of a target's schedule is due: pure arithmetic on times."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from croniter import croniter

from core.target import Target, parse_duration

JITTER_SHARE = 0.1
MAX_JITTER = timedelta(minutes=10)


def due_slot(target: Target, now: datetime, default_every: str, zone: str) -> str:
    """The newest slot of the target that has begun by `now`, as a stable name.

    An `every:` slot begins at a multiple of the period since 1970, shifted by a jitter that is
    the target's own, so that a thousand targets do not start in the same second. A `cron:` slot
    begins at the line's newest time in `zone`.
    """
    if target.cron:
        local = now.astimezone(ZoneInfo(zone))
        newest: datetime = croniter(target.cron, local + timedelta(microseconds=1)).get_prev(
            datetime
        )
        return f"cron-{newest.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    period = parse_duration(target.every or default_every)
    shifted = now - jitter(target.id, period)
    begun = int(shifted.timestamp() // period.total_seconds())
    started = datetime.fromtimestamp(begun * period.total_seconds(), UTC)
    return f"every-{int(period.total_seconds())}s-{started:%Y%m%dT%H%M%SZ}"


def jitter(target_id: str, period: timedelta) -> timedelta:
    """How much later than the full period a target's slots begin: always the same for an id."""
    share = int.from_bytes(sha256(target_id.encode()).digest()[:4]) / 2**32
    return min(period * JITTER_SHARE, MAX_JITTER) * share
