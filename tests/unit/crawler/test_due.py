"""What is due: catching up, hours, and clocks that were set."""

from datetime import UTC, datetime, timedelta

import pytest

from core.hours import CrawlHours
from core.target import Target
from crawler.config import Schedule
from crawler.due import due_slots, last_crawled, opened_at
from crawler.slots import newest_slot

ZONE = "Asia/Shanghai"
HOUR = timedelta(hours=1)
# 10:30 in Shanghai.
NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
NIGHT = CrawlHours(start="22:00", end="06:00")


def target(**fields) -> Target:
    fields = {"cron": "0 * * * *", **fields}
    return Target(id="t", title="t", spider="article", start_urls=("http://x.cn/",), **fields)


def due_hours(one: Target, last, now=NOW, **schedule) -> list[str]:
    found = due_slots(one, last, now, Schedule(**schedule), ZONE)
    return [f"{(slot.at + 8 * HOUR):%H:%M}" for slot in found]


@pytest.mark.parametrize(
    ("catchup", "hours"),
    [("latest", ["10:00"]), ("all", ["08:00", "09:00", "10:00"]), ("skip", [])],
)
def test_slots_that_were_missed_are_caught_up_as_asked(catchup, hours):
    last = NOW.replace(minute=0) - 3 * HOUR
    assert due_hours(target(), last, catchup=catchup) == hours
    assert due_hours(target(catchup=catchup), last) == hours


def test_with_skip_a_slot_is_started_while_it_is_fresh():
    last = NOW.replace(minute=0) - 3 * HOUR
    assert due_hours(target(catchup="skip"), last, NOW.replace(minute=14)) == ["10:00"]


def test_a_target_that_was_never_crawled_is_due_at_once():
    assert due_hours(target(catchup="skip"), None) == ["10:00"]


def test_a_clock_set_back_starts_nothing_again():
    last = newest_slot(target(), NOW, "6h", ZONE).at
    for back in (timedelta(0), HOUR, 5 * HOUR):
        assert due_hours(target(catchup="all"), last, NOW - back) == []
    assert due_hours(target(), last, NOW + HOUR) == ["11:00"]


def test_slots_of_a_clock_that_went_wrong_by_months_hold_nothing_up():
    names = ("cron-20270523T020000Z", "cron-20261123T010000Z", "manual-20261123T022900.0Z")
    assert last_crawled(names, NOW) == NOW.replace(hour=1, minute=0)
    assert last_crawled(names[2:], NOW) is None


def test_outside_of_its_hours_nothing_is_due_and_the_night_catches_up():
    nightly = target(windows=(NIGHT,), catchup="skip")
    last = NOW - 24 * HOUR
    assert due_hours(nightly, last) == []
    at_ten = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    assert due_hours(nightly, last, at_ten) == ["22:00"]


def test_a_slot_that_began_by_day_is_not_late_when_the_night_begins():
    nightly = target(cron="0 12 * * *", catchup="skip")
    at_ten = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    yesterday = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert due_hours(nightly, yesterday, at_ten, windows=(NIGHT,)) == ["12:00"]
    assert due_hours(nightly, yesterday, at_ten + HOUR, windows=(NIGHT,)) == []


@pytest.mark.parametrize(
    ("fields", "schedule", "opened"),
    [
        ({}, {}, -48 * 60),
        ({}, {"windows": (CrawlHours(start="10:00", end="11:00"),)}, -30),
        ({"windows": (CrawlHours(start="09:00", end="12:00"),)},
         {"windows": (CrawlHours(start="10:00", end="20:00"),)}, -30),
        ({"windows": (NIGHT,)}, {"windows": (CrawlHours(start="10:00", end="20:00"),)}, None),
        ({"blackout": (CrawlHours(start="10:15", end="10:45"),)}, {}, None),
        ({}, {"blackout": (CrawlHours(start="23:00", end="10:15"),)}, -15),
        ({"windows": (CrawlHours(start="08:00", end="10:00"), CrawlHours(start="10:00", end="11:00"))},
         {}, -150),
    ],
)  # fmt: skip
def test_both_the_targets_hours_and_the_services_must_be_open(fields, schedule, opened):
    found = opened_at(target(**fields), NOW, Schedule(**schedule), ZONE)
    assert found == (None if opened is None else NOW + timedelta(minutes=opened))


def test_hours_that_are_no_stretch_are_refused():
    with pytest.raises(ValueError, match="no stretch"):
        CrawlHours(start="08:00", end="08:00")
