"""When a digest is due, and what it covers."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.config import Settings
from crawler.digest_turn import day_window, digest_window, due_day
from storage.database import open_database
from storage.digests import freeze_digest

SETTINGS = Settings()
ZONE = SETTINGS.timezone
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    with closing(open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)) as opened:
        yield opened


def at(day: date, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return day_window(day, ZONE).start + timedelta(hours=hours, minutes=minutes)


@pytest.mark.parametrize(
    ("day", "clock", "due"),
    [
        (date(2026, 11, 24), "08:39", None),
        (date(2026, 11, 24), "08:47", date(2026, 11, 23)),
        (date(2026, 11, 24), "23:59", date(2026, 11, 23)),
        (date(2026, 11, 22), "12:00", None),  # Sunday
        (date(2026, 10, 7), "12:00", None),  # National Day
        (date(2026, 10, 8), "12:00", date(2026, 10, 7)),
        (date(2026, 10, 10), "12:00", date(2026, 10, 9)),  # a Saturday that is worked
    ],
)
def test_it_is_due_on_workdays_after_its_hour(day, clock, due):
    assert due_day(SETTINGS, "all", at(day, clock)) == due


def test_every_audience_has_its_own_minute_after_the_hour():
    day = date(2026, 11, 24)
    due = {
        name: next(n for n in range(7) if due_day(SETTINGS, name, at(day, f"08:{40 + n}")))
        for name in map(str, range(20))
    }
    assert len(set(due.values())) > 3


def test_after_holidays_it_covers_the_whole_gap(database):
    last = date(2026, 9, 29)
    whole = day_window(last, ZONE)
    freeze_digest(database, last, "all", (), "", whole.end, (whole.start, whole.end))
    window = digest_window(database, SETTINGS, date(2026, 10, 7), "all", LATER)
    assert window.start == whole.end
    assert window.end == day_window(date(2026, 10, 7), ZONE).end
    assert window.first_day == date(2026, 9, 30)


def test_the_first_digest_covers_the_days_off_before_it(database):
    sunday = date(2026, 11, 22)
    assert digest_window(database, SETTINGS, sunday, "all", LATER).first_day == date(2026, 11, 20)
    monday = date(2026, 11, 23)
    assert digest_window(database, SETTINGS, monday, "all", LATER) == day_window(monday, ZONE)


def test_one_that_went_out_at_noon_is_followed_from_noon_on(database):
    day = date(2026, 11, 23)
    noon = at(day, "12:00")
    early = digest_window(database, SETTINGS, day, "all", noon)
    assert early.end == noon
    freeze_digest(database, day, "all", (), "", noon, (early.start, early.end))
    window = digest_window(database, SETTINGS, day + timedelta(days=1), "all", LATER)
    assert window.start == noon
    other = digest_window(database, SETTINGS, day + timedelta(days=1), "town", LATER)
    assert other.start == day_window(day + timedelta(days=1), ZONE).start
