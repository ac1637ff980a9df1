"""What the service shows of itself, on both databases: counters, marks, faults that last."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from alerts.channel_config import WebhookChannelConfig
from alerts.channels import build_channel
from alerts.finding_message import Surroundings
from alerts.outlets import Outlets
from alerts.packing import load_message
from alerts.route_config import Routes
from core.ledger import FindingState, RunReport, RunState
from core.target import Target
from crawler.config import Settings
from crawler.lasting_faults import LastingFault, LastingFaults
from crawler.self_look import Disk, clock_fault, disk_fault, queue_faults
from crawler.slots import jitter, newest_slot, next_begin
from storage.clock import clock_offset
from storage.database import downgrade, open_database, upgrade
from storage.figures import read_figures, read_queues
from storage.findings import add_verdict
from storage.intake import save_observation
from storage.leases import Mark, Report, lease, mark
from storage.outbox import Address, DeliveryState, MessageKind, Outgoing, enlist
from storage.runs import finish_run, lose_runs_of_target, start_run
from storage.tables import message
from storage.tallies import MAX_PARTS, Tally
from storage.troubles import end_trouble, mended_channels

GIB = 1024**3
HOUR = timedelta(hours=1)
DEAF = LastingFault("the clock is wrong", ("90 s ahead",))
SENT, REFUSED = DeliveryState.SENT, DeliveryState.REFUSED


@pytest.fixture
def outlets(tmp_path):
    hooks = {
        name: build_channel(
            name, WebhookChannelConfig(kind="webhook", url="http://127.0.0.1:9/hook"), tmp_path
        )
        for name in ("ops", "duty")
    }
    return Outlets(
        hooks, Routes(operator=("ops",)), None, 10, timedelta(days=3), {},
        Surroundings({}, "Asia/Shanghai", None),
    )  # fmt: skip


def outgoing(key):
    return Outgoing(key, MessageKind.OPERATOR, "operator", b"{}")


def keys(db):
    with db.reading() as connection:
        return list(connection.execute(select(message.c.key).order_by(message.c.id)).scalars())


def test_runs_pages_findings_and_evidence_are_counted_as_they_happen(db, samples):
    started = samples.START
    seen = samples.observe("http://town.example/1", samples.AD)
    saved = save_observation(db, seen)
    report = RunReport(pages=3, new=1, unchanged=2, suspect=1, drops={"captcha": 2, "offsite": 1})
    finish_run(db, 1, RunState.FINISHED, report, started + HOUR)
    start_run(db, "town", "second", started + 2 * HOUR)
    assert lose_runs_of_target(db, "town", "", started + 3 * HOUR)
    start_run(db, "board", "first", started)
    figures = read_figures(db)
    assert figures.tallies[Tally.RUNS] == {("finished", ""): 1, ("lost", ""): 1}
    assert figures.tallies[Tally.PAGES] == {
        ("new", ""): 1, ("unchanged", ""): 2, ("suspect", ""): 1, ("dropped", ""): 3,
    }  # fmt: skip
    assert figures.findings == {("high", "new"): 1}
    assert figures.evidence_bytes == seen.stored.body_size
    assert figures.running == 1
    town = figures.targets["town"]
    assert (town.started_at, town.succeeded_at) == (started + 2 * HOUR, started + HOUR)
    assert figures.targets["board"].succeeded_at is None
    add_verdict(db, saved.finding_ids[0], FindingState.DISMISSED, "x", "y", started)
    assert read_figures(db).findings == {("high", "dismissed"): 1}


def test_what_was_there_before_is_counted_by_the_upgrade(url, samples):
    with_rows = open_database(url)
    start_run(with_rows, "town", "first", samples.START)
    seen = samples.observe("http://town.example/1", samples.AD)
    save_observation(with_rows, seen)
    finish_run(with_rows, 1, RunState.FAILED, RunReport(), samples.START)
    with_rows.close()
    downgrade(url, "0004")
    upgrade(url)
    db = open_database(url)
    figures = read_figures(db)
    assert figures.tallies[Tally.RUNS] == {("failed", ""): 1}
    assert figures.evidence_bytes == seen.stored.body_size
    assert figures.targets["town"].started_at == samples.START
    db.close()


def send(db, key, state, code, now, *, report=None):
    held = lease(db, "ops", now, timedelta(minutes=1))
    assert held.key == key
    mark(db, held, [Mark(one.id, state, code) for one in held.deliveries], now, report)


def test_answers_are_counted_by_code_and_hostile_codes_do_not_multiply(db, samples):
    now = samples.START
    for number in range(MAX_PARTS + 5):
        enlist(db, outgoing(f"k{number}"), [Address("ops", "r")], now)
        code = "<script>" if number == 0 else f"{40_000 + number}"
        send(db, f"k{number}", REFUSED, code, now)
    counted = read_figures(db).tallies[Tally.DELIVERIES]
    assert len(counted) == MAX_PARTS + 1
    assert counted["ops", "refused:other"] == 1
    assert counted["ops", "other"] == 5
    assert sum(counted.values()) == MAX_PARTS + 5


def test_a_channel_in_trouble_is_told_once_and_once_when_it_is_over(db, samples):
    now = samples.START
    waiting = Report(outgoing("slow"), (Address("duty", "r"),), HOUR, DeliveryState.WAITING)
    for number, state in enumerate((DeliveryState.WAITING, REFUSED, REFUSED)):
        enlist(db, outgoing(f"k{number}"), [Address("ops", "r")], now)
        told = replace(waiting, outgoing=outgoing(f"told{number}"), state=state)
        send(db, f"k{number}", REFUSED, "93000", now, report=told)
    assert [key for key in keys(db) if "told" in key] == ["told0", "told1"]
    assert not mended_channels(db, now + 2 * HOUR), "nothing was taken since"
    enlist(db, outgoing("k3"), [Address("ops", "r")], now)
    send(db, "k3", SENT, "200", now + HOUR / 2)
    assert not mended_channels(db, now + HOUR / 2), "it was in trouble half an hour ago"
    assert mended_channels(db, now + HOUR) == {"ops": now}
    for _ in range(2):
        end_trouble(db, "ops", now, outgoing("over"), [Address("duty", "r")], now + HOUR)
    assert keys(db)[-1] == "over"
    assert not mended_channels(db, now + 2 * HOUR)


def test_a_lasting_fault_is_told_once_by_all_services_and_across_restarts(db, outlets):
    for _ in range(2):
        first, second = LastingFaults(db), LastingFaults(db)
        for faults in (first, second, first):
            faults.settle(outlets, {"clock @a": DEAF})
    assert keys(db) == ["fault:clock @a:1"]
    second.settle(outlets, {"clock @b": None, "clock @a": None})
    LastingFaults(db).settle(outlets, {"clock @a": None})
    first.settle(outlets, {"clock @a": None})
    assert keys(db) == ["fault:clock @a:1", "fault:clock @a:1:ended"]
    LastingFaults(db).settle(outlets, {"clock @a": DEAF})
    assert keys(db)[-1] == "fault:clock @a:2"
    with db.reading() as connection:
        content = connection.execute(select(message.c.content).limit(1)).scalar_one()
    assert "90 s ahead" in load_message(content).text


def test_a_queue_is_stuck_when_its_oldest_message_is_overdue_and_told_elsewhere(db, outlets):
    now = datetime.now(UTC)
    settings = Settings()
    enlist(db, outgoing("k"), [Address("ops", "r", due_at=now + HOUR)], now - 9 * HOUR)
    assert not any(queue_faults(read_queues(db), outlets, settings).values())
    enlist(db, outgoing("l"), [Address("ops", "r")], now - 2 * HOUR)
    found = queue_faults(read_queues(db), outlets, settings)
    assert found["queue duty"] is None
    assert found["queue ops"].channels == ("duty",)
    assert "2 deliveries wait, the oldest 120 min" in found["queue ops"].lines[0]


def test_a_disk_is_full_below_the_limit_and_well_only_somewhat_above_it():
    settings = Settings()
    assert disk_fault("data", Disk(GIB, 9 * GIB), settings)
    assert not disk_fault("data", Disk(2 * GIB + 1, 9 * GIB), settings)
    assert disk_fault("data", Disk(2 * GIB + 1, 9 * GIB), settings, is_told=True)
    assert not disk_fault("data", Disk(3 * GIB, 9 * GIB), settings, is_told=True)


def test_the_clock_is_compared_with_the_server_or_with_three_sites(db, samples):
    now = datetime.now(UTC)
    for number, (late_s, age) in enumerate(((100, None), (340, 240), (100, None), (-9_000, None))):
        if number == 2 and db.dialect == "sqlite":
            assert clock_offset(db) is None, "two sites are too few"
        said = (now - timedelta(seconds=late_s)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        url = f"http://town{number}.example/1"
        seen = samples.observe(url, f"{number}{samples.AD}", at=now)
        headers = (("Date", said), *([("Age", str(age))] if age else []))
        save_observation(db, replace(seen, capture=replace(seen.capture, headers=headers)))
    offset = clock_offset(db)
    assert (clock_fault(offset) is None) == (db.dialect == "postgresql")
    if db.dialect == "sqlite":
        assert offset.total_seconds() == pytest.approx(100, abs=2)


@pytest.mark.parametrize("rhythm", [{"every": "6h"}, {"cron": "30 2 * * sun"}])
def test_the_next_slot_begins_when_the_due_one_changes(rhythm, samples):
    target = Target(id="town", title="x", spider="listing", start_urls=("http://x.cn/",), **rhythm)
    begin = next_begin(target, samples.START, "1h", "Asia/Shanghai")
    moment = timedelta(microseconds=2)
    before, after = (
        newest_slot(target, at, "1h", "Asia/Shanghai").name for at in (begin - moment, begin)
    )
    assert before != after
    assert before == newest_slot(target, samples.START, "1h", "Asia/Shanghai").name
    if "every" in rhythm:
        assert (begin - jitter("town", timedelta(hours=6))).timestamp() % (6 * 3600) == 0
