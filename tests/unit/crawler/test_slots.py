"""Schedule arithmetic."""

from datetime import UTC, datetime, timedelta

import pytest

from core.target import Target, parse_duration
from crawler.slots import jitter, newest_slot, read_slot, slots_after

NOW = datetime(2026, 11, 23, 8, 45, tzinfo=UTC)


def target(**fields) -> Target:
    return Target(
        id=fields.pop("id", "t"),
        title="t",
        spider="article",
        start_urls=("http://x.cn/",),
        **fields,
    )


def due_slot(*schedule) -> str:
    return newest_slot(*schedule).name


def test_a_slot_stays_the_same_until_the_period_is_over():
    hourly = target(every="1h")
    begun = due_slot(hourly, NOW, "6h", "Asia/Shanghai")
    changes = [
        minute
        for minute in range(1, 121)
        if due_slot(hourly, NOW + timedelta(minutes=minute), "6h", "Asia/Shanghai")
        != due_slot(hourly, NOW + timedelta(minutes=minute - 1), "6h", "Asia/Shanghai")
    ]
    assert begun.startswith("every-3600s-")
    assert len(changes) == 2


def test_the_default_period_serves_targets_that_name_none():
    assert due_slot(target(), NOW, "6h", "Asia/Shanghai").startswith("every-21600s-")


def test_targets_of_one_period_are_spread_and_each_keeps_its_place():
    shifts = {jitter(f"t{number}", timedelta(hours=6)) for number in range(100)}
    assert len(shifts) > 90
    assert max(shifts) <= timedelta(minutes=10)
    assert jitter("t1", timedelta(hours=6)) == jitter("t1", timedelta(hours=6))


def test_a_sunday_cron_line_means_sunday_in_the_offices_zone():
    weekly = target(cron="30 2 * * sun")
    # 2026-11-22 is a Sunday; 02:30 in Shanghai is 18:30 UTC of Saturday.
    assert due_slot(weekly, NOW, "6h", "Asia/Shanghai") == "cron-20261121T183000Z"


def test_the_minute_a_cron_line_names_belongs_to_its_slot():
    moment = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    weekly = target(cron="30 2 * * sun")
    assert due_slot(weekly, moment, "6h", "Asia/Shanghai") == "cron-20261121T183000Z"
    before = due_slot(weekly, moment - timedelta(seconds=1), "6h", "Asia/Shanghai")
    assert before == "cron-20261114T183000Z"


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("6h", 21600), ("3d", 259200)])
def test_durations_are_read(text, seconds):
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "0h", "6", "h", "-1h", "1w"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


def test_missed_slots_are_listed_oldest_first_and_the_newest_of_too_many():
    hourly = target(every="1h")
    newest = newest_slot(hourly, NOW, "6h", "Asia/Shanghai")
    missed = slots_after(hourly, newest.at - timedelta(hours=5), NOW, "6h", "Asia/Shanghai", 100)
    assert [newest.at - slot.at for slot in missed] == [timedelta(hours=n) for n in (4, 3, 2, 1, 0)]
    assert missed[-2:] == slots_after(
        hourly, newest.at - timedelta(hours=5), NOW, "6h", "Asia/Shanghai", 2
    )


def test_a_slots_name_tells_its_time_and_its_repetition():
    newest = newest_slot(target(every="1h"), NOW, "6h", "Asia/Shanghai")
    named = read_slot(newest.name)
    assert (named.at, named.repeated) == (newest.at, 0)
    again = read_slot(read_slot(named.again).again)
    assert (again.first, again.at, again.repeated) == (newest.name, newest.at, 2)
    assert read_slot("manual-20261123T084500.000000Z") is None
