"""When a digest is due, and which stretch of time it covers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from alerts.digest import Window
from crawler.config import Settings
from crawler.slots import jitter
from crawler.workdays import is_workday
from storage.database import Database
from storage.digests import newest_digest

ONE_DAY = timedelta(days=1)
MAX_GAP = timedelta(days=31)
_JITTER_OF = timedelta(hours=1)


def due_day(settings: Settings, audience: str, now: datetime) -> date | None:
    """The day whose digest is to be out by now; None before the hour, and on days off.

    Each audience's is a few minutes after the hour, always the same: at full hours all the
    world sends.
    """
    local = now.astimezone(ZoneInfo(settings.timezone))
    plan = settings.schedule.digest
    at = datetime.combine(local.date(), clock_time.fromisoformat(plan.at), local.tzinfo)
    if local < at + jitter(f"digest {audience}", _JITTER_OF):
        return None
    return local.date() - ONE_DAY if _goes_out_on(local.date(), settings) else None


def digest_window(
    database: Database, settings: Settings, day: date, audience: str, now: datetime
) -> Window:
    """From the end of the audience's digest before to the end of `day`, or to `now` within it.

    The first digest begins on the last day that one would have gone out on.
    """
    zone = settings.timezone
    whole = day_window(day, zone)
    before = newest_digest(database, audience, day)
    if before is not None:
        start = before.ends_at or day_window(before.day, zone).end
    else:
        first = day
        while not _goes_out_on(first, settings) and day - first < MAX_GAP:
            first -= ONE_DAY
        start = day_window(first, zone).start
    start = max(start, whole.end - MAX_GAP)
    return replace(whole, start=start, end=max(start, min(whole.end, now)))


def day_window(day: date, zone: str) -> Window:
    """The day from midnight to midnight in `zone`."""
    tz = ZoneInfo(zone)
    start = datetime.combine(day, clock_time.min, tz)
    return Window(day, start.astimezone(UTC), (start + ONE_DAY).astimezone(UTC), zone)


def _goes_out_on(day: date, settings: Settings) -> bool:
    if settings.schedule.digest.days == "every_day":
        return True
    return is_workday(day, settings.calendar)
