"""Whether a site has fallen silent: lists that name the same, pages that nobody adds."""

from datetime import datetime, timedelta

from core.ledger import Health, Measure, Rhythm, RunRecord
from core.target import Target
from crawler.signs import Earlier, Sign

QUIET = timedelta(days=4)
MIN_PAUSES = 3


def frozen(_target: Target, run: RunRecord, _earlier: Earlier) -> Sign | None:
    """That the lists have named the very same for far longer than they ever did."""
    return _quiet(run, run.report.lists, Health.FROZEN, "the lists have named the very same")


def stale(target: Target, run: RunRecord, _earlier: Earlier) -> Sign | None:
    """That no page is newer than is expected, or than was usual."""
    newest, days = run.report.newest_at, target.expect.max_age_days
    if days is None:
        return _quiet(run, run.report.news, Health.STALE, "no page was new or changed")
    if newest is None or run.started_at - newest <= timedelta(days=days):
        return None
    age = (run.started_at - newest) / timedelta(days=1)
    what = f"the newest page is {age:.0f} days old, at most {days} are expected"
    return Sign(Health.STALE, what, Measure("age_days", age, days))


def _quiet(run: RunRecord, rhythm: Rhythm | None, health: Health, what: str) -> Sign | None:
    if rhythm is None or rhythm.pauses < MIN_PAUSES:
        return None
    usual = timedelta(seconds=rhythm.longest_s)
    quiet = run.started_at - rhythm.at
    if quiet <= max(QUIET, 2 * usual):
        return None
    now, longest = quiet / timedelta(days=1), usual / timedelta(days=1)
    detail = f"{what} for {now:.0f} days; the longest pause before was {longest:.1f}"
    return Sign(health, detail, Measure("quiet_days", now, longest))


def moved(rhythm: Rhythm | None, now: datetime) -> Rhythm:
    """The rhythm after something moved.

    An outage would be the longest pause of all and deafen us, so one pause at most doubles it.
    """
    if rhythm is None:
        return Rhythm(now)
    most = 2 * max(rhythm.longest_s, QUIET.total_seconds())
    pause = min((now - rhythm.at).total_seconds(), most)
    return Rhythm(now, rhythm.pauses + 1, max(rhythm.longest_s, pause))
