"""When what is found is sent: at once, summed up, or after the quiet hours."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.results import Result, Retry
from alerts.retries import pause
from alerts.route_config import QuietHours
from storage.outbox import DeliveryState
from storage.queue_status import channel_queues

SENT, WAITING, REFUSED, DEAD = (
    DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.REFUSED, DeliveryState.DEAD,
)  # fmt: skip
HOUR = timedelta(hours=1)
QUIET = QuietHours(start="22:00", end="07:30")


def test_quiet_hours_hold_findings_back_and_then_sum_them_up(desk, vendor):
    desk.robot(vendor)
    desk.at_once("group")
    desk.outlets = replace(desk.outlets, quiet=QUIET, burst=5)
    desk.now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    for number in range(8):
        desk.find(number)
    assert desk.sender.send_due() == 0
    desk.now = datetime(2026, 11, 20, 23, 29, tzinfo=UTC)
    assert desk.sender.send_due() == 0
    desk.now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert desk.sender.send_due() == 1
    assert "8 条线索" in vendor.asked[0].json["markdown"]["content"]


def test_a_route_may_wake_people(desk, vendor):
    desk.robot(vendor)
    desk.at_once("group", in_quiet_hours=True)
    desk.outlets = replace(desk.outlets, quiet=QUIET)
    desk.now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    desk.find(1)
    assert desk.sender.send_due() == 1


def test_a_few_at_once_go_one_by_one_and_the_rest_of_the_minute_waits(desk, vendor):
    desk.robot(vendor)
    desk.at_once("group")
    desk.outlets = replace(desk.outlets, burst=3)
    for number in range(3):
        desk.find(number)
    assert desk.sender.send_due() == 3
    desk.find(10)
    assert desk.sender.send_due() == 1, "a summary, the minute is full"
    desk.find(11)
    desk.now += timedelta(seconds=30)
    assert desk.sender.send_due() == 0
    desk.now += timedelta(seconds=31)
    assert desk.sender.send_due() == 1
    texts = [asked.json["markdown"]["content"] for asked in vendor.asked]
    assert ["【预警汇总】" in text for text in texts] == [False, False, False, True, False]


@pytest.mark.soak
@pytest.mark.slow
def test_ten_thousand_findings_are_one_summary_and_none_is_lost(desk, vendor, db, capsys):
    if db.dialect == "postgresql":
        pytest.skip("once is enough")
    desk.robot(vendor)
    desk.hook(vendor)
    desk.at_once("group", "hook")
    with db.writing_jointly():
        for number in range(10_000):
            desk.find(number)
    begun = time.monotonic()
    assert desk.sender.send_due() == 2
    took = time.monotonic() - begun
    with capsys.disabled():
        print(f"\n10,000 findings routed and folded on 2 channels in {took:.1f} s")  # noqa: T201
    text = next(a for a in vendor.asked if a.path != "/hook").json["markdown"]["content"]
    assert "10000 条线索（高危 10000 条）" in text
    assert "其余 9990 条" in text
    assert len(text.encode()) <= 4096
    counts = {queue.channel: queue.counts for queue in channel_queues(db)}
    assert counts["group"] == {DeliveryState.FOLDED: 10_000, SENT: 1}
    hook = next(a for a in vendor.asked if a.path == "/hook")
    assert len(hook.body) < 20_000


def test_pauses_double_to_an_hour_with_chance_and_never_undercut_what_was_asked():
    chance = random.Random(3)
    seconds = [pause(tries, None, chance).total_seconds() for tries in range(1, 30)]
    assert 7.5 <= seconds[0] <= 15
    assert 120 <= seconds[4] <= 240
    assert all(1800 <= one <= 3600 for one in seconds[9:])
    assert len(set(seconds)) == len(seconds)
    assert pause(1, 500.0, chance).total_seconds() >= 500
    assert pause(1, 0.0, chance).total_seconds() >= 7.5
    assert Result("a", False, "", "").retry is Retry.SOME
