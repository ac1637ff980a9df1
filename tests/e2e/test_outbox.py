"""The outbox from a crawl to a loopback robot, across refusals, restarts and kills."""

import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.message import Message
from alerts.packing import pack_message
from storage.database import open_database
from storage.outbox import Address, DeliveryState, MessageKind, Outgoing, enlist
from storage.queue_status import deliveries_of, try_again

ADWATCH = [sys.executable, "-m", "crawler.cli"]
MESSAGES = 24
KILLS = 6
_spec = importlib.util.spec_from_file_location(
    "e2e_vendor", Path(__file__).parents[1] / "unit" / "alerts" / "vendor.py"
)
vendors = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = vendors
_spec.loader.exec_module(vendors)


@pytest.fixture
def vendor():
    made = vendors.Vendor()
    yield made
    made.close()


def settings(office, vendor, more=""):
    (office / "adwatch.yml").write_text(
        "contact: x@example.cn\nnetwork: {allow: [127.0.0.0/8]}\n"
        f"alerts:\n  channels:\n    group: {{kind: wecom_robot, key: '${{env:KEY}}', base_url: '{vendor.base}', timeout_s: 2}}\n"
        f"    hook: {{kind: webhook, url: '{vendor.base}/hook', timeout_s: 2}}\n"
        f"{more or '  routes: {at_once: [{channels: [group]}], digest: [hook], operator: [hook]}'}\n"
    )


def run(office, *command, expect=0):
    done = subprocess.run(
        [*ADWATCH, "--config", str(office), *command], capture_output=True, text=True,
        timeout=120, check=False, env={**os.environ, "KEY": "robot-key-1234567"},
    )  # fmt: skip
    assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
    assert "robot-key-1234567" not in done.stdout + done.stderr
    return done


def status(office):
    return json.loads(run(office, "alerts", "status", "--json").stdout)


def test_a_high_finding_of_a_crawl_is_told_once_and_seen_in_the_status(
    site, office, e2e_pages, vendor
):
    page, _, promotion = e2e_pages
    site.put("/ad", page("共富合伙人招募", *promotion))
    (office / "targets" / "town.yml").write_text(
        f"title: 清浦网\nspider: article\nstart_urls: ['{site.base}/ad']\nlimits: {{delay_s: 0}}\n"
    )
    settings(office, vendor)
    run(office, "crawl", "--all")
    found = json.loads(run(office, "findings", "list", "--json").stdout.splitlines()[0])
    assert found["level"] == "high"
    assert status(office)["unrouted"] >= 1
    vendor.script.append(vendors.Said({"errcode": 45009, "errmsg": "api freq out of limit"}))
    run(office, "alerts", "send", expect=4)
    shown = run(office, "alerts", "status").stdout
    assert "45009" in shown
    assert "left alone until" in shown
    troubled = status(office)["troubled"]
    assert troubled[0]["state"] == "waiting"
    db = open_database(f"sqlite:///{office / 'adwatch.db'}")
    with db.writing() as connection:
        connection.exec_driver_sql("UPDATE channel_pace SET held_until = NULL")
        connection.exec_driver_sql("DELETE FROM channel_post")
    db.close()
    run(office, "alerts", "retry", str(troubled[0]["id"]))
    run(office, "alerts", "send")
    texts = [asked.json["markdown"]["content"] for asked in vendor.asked if asked.path != "/hook"]
    assert texts[0] == texts[1]
    assert "199＊＊＊＊1234" in texts[0]
    assert "19900001234" not in texts[0]
    assert "清浦网" in texts[0]
    count = len(vendor.asked)
    run(office, "alerts", "send")
    assert len(vendor.asked) == count
    assert status(office)["channels"]["group"]["states"]["sent"] >= 1


def test_a_digest_that_was_refused_is_sent_after_a_restart(office, vendor):
    more = "  routes: {digest: [hook]}\nschedule: {digest: {at: '00:00', days: every_day}}"
    settings(office, vendor, more)
    vendor.script.extend([vendors.Said("", status=500)])
    run(office, "serve", "--once")
    assert status(office)["channels"]["hook"]["states"]["waiting"] == 1
    db = open_database(f"sqlite:///{office / 'adwatch.db'}")
    try_again(db, datetime.now(UTC), key=key_of(vendor))
    db.close()
    run(office, "serve", "--once")
    run(office, "serve", "--once")
    assert [asked.headers["webhook-id"] for asked in vendor.asked] == [key_of(vendor)] * 2
    assert status(office)["channels"]["hook"]["states"]["sent"] == 1


def key_of(vendor):
    return vendor.asked[0].headers["webhook-id"]


@pytest.mark.parametrize("act", ["hang", "reset", "cut"])
def test_a_channel_that_misbehaves_is_tried_and_shown(office, vendor, act):
    settings(office, vendor)
    vendor.otherwise = vendors.Said(act=act)
    done = run(office, "alerts", "test", "group", expect=4)
    assert "REFUSED: group group" in done.stderr
    vendor.otherwise = vendors.Said()
    done = run(office, "alerts", "test", "group")
    assert '{"errcode": 0, "errmsg": "ok"' in done.stderr


@pytest.mark.soak
def test_retry_says_which_numbers_it_does_not_know(office, vendor):
    settings(office, vendor)
    assert "99" in run(office, "alerts", "retry", "99", expect=4).stderr
    run(office, "alerts", "retry", "--dead")
    run(office, "alerts", "retry", expect=2)
    run(office, "alerts", "retry", "1", "--dead", expect=2)
    run(office, "digest", "--again", expect=2)
    assert "did you mean" in run(office, "digest", "--audience", "al", expect=2).stderr


def test_each_audience_gets_its_own_digest(office, vendor):
    more = "  routes: {digest: [hook, {audience: 环翠, targets: [town], channels: [group]}]}\n"
    (office / "targets" / "town.yml").write_text(
        "title: 清浦网\nspider: article\nstart_urls: ['http://127.0.0.1:9/']\nenabled: false\n"
    )
    settings(office, vendor, more)
    done = run(office, "digest", "--send", "--json")
    assert [row["channel"] for row in json.loads(done.stdout)["deliveries"]] == ["hook", "group"]
    keys = [vendor.asked[0].headers["webhook-id"], vendor.asked[1].json["markdown"]["content"]]
    assert keys[0].endswith("-all")
    assert keys[1].endswith("-环翠")
    assert list((office / "digests" / "环翠").glob("*.html"))


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["hook", pytest.param("group", marks=pytest.mark.soak)])
def test_killed_senders_lose_nothing_and_repeat_nothing_that_was_confirmed(office, vendor, channel):
    """SIGKILL at random moments; a lease that was lost is taken up when it has run out."""
    settings(office, vendor)
    run(office, "db", "upgrade")
    url = f"sqlite:///{office / 'adwatch.db'}"
    db = open_database(url)
    recipient = "group" if channel == "group" else f"{vendor.base}/hook"
    for number in range(MESSAGES):
        key = f"kill-{number:02}"
        message = Message(key, "operator_alert", f"第{number}条", f"正文 {number}")
        outgoing = Outgoing(key, MessageKind.OPERATOR, "all", pack_message(message))
        enlist(db, outgoing, [Address(channel, recipient)], datetime.now(UTC))
    chance = random.Random(f"{channel}")
    confirmed_before = 0
    for _ in range(KILLS):
        free_the_pace(db)
        asked = len(vendor.sent)
        sender = start(office)
        wait_for(lambda seen=asked: len(vendor.sent) > seen, sender)
        time.sleep(chance.uniform(0.0, 0.08))
        sender.send_signal(signal.SIGKILL)
        sender.wait()
        confirmed = states(db).count(DeliveryState.SENT)
        assert confirmed >= confirmed_before
        confirmed_before = confirmed
        let_leases_run_out(db)
    while states(db).count(DeliveryState.SENT) < MESSAGES:
        free_the_pace(db)
        sender = start(office)
        sender.wait(60)
    asked_for = [key_in(asked, channel) for asked in vendor.sent]
    times = {f"kill-{n:02}": asked_for.count(f"kill-{n:02}") for n in range(MESSAGES)}
    assert min(times.values()) >= 1, "each at least once"
    assert sum(times.values()) <= MESSAGES + KILLS, "again only what a kill left without its mark"
    assert max(times.values()) <= 1 + KILLS
    before = len(vendor.asked)
    start(office).wait(60)
    assert len(vendor.asked) == before
    db.close()


def test_a_confirmed_message_is_not_sent_again_by_a_sender_that_starts_anew(office, vendor):
    settings(office, vendor)
    run(office, "db", "upgrade")
    db = open_database(f"sqlite:///{office / 'adwatch.db'}")
    for number in range(3):
        message = Message(f"kill-{number:02}", "operator_alert", "主题", "正文")
        outgoing = Outgoing(message.key, MessageKind.OPERATOR, "all", pack_message(message))
        enlist(db, outgoing, [Address("hook", "x")], datetime.now(UTC))
    vendor.script.extend([vendors.Said(), vendors.Said(act="hang")])
    sender = start(office)
    wait_for(lambda: len(vendor.sent) == 2, sender)
    sender.send_signal(signal.SIGKILL)
    sender.wait()
    assert states(db, 3) == [DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.WAITING]
    vendor.let_go.set()
    run(office, "alerts", "send", expect=4)
    assert states(db, 3) == [DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.SENT]
    let_leases_run_out(db)
    run(office, "alerts", "send")
    ids = [asked.headers["webhook-id"] for asked in vendor.sent]
    assert sorted(ids) == ["kill-00", "kill-01", "kill-01", "kill-02"]
    db.close()


def start(office, *command):
    return subprocess.Popen(
        [*ADWATCH, "--config", str(office), *(command or ("alerts", "send"))],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "KEY": "robot-key-1234567"},
    )  # fmt: skip


def wait_for(ready, process):
    give_up = time.monotonic() + 60
    while not ready() and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.005)


def states(db, count=MESSAGES):
    return [row.state for n in range(count) for row in deliveries_of(db, f"kill-{n:02}")]


def free_the_pace(db):
    """As if a minute had passed: a robot takes twenty a minute, and the test has no hours."""
    with db.writing() as connection:
        connection.exec_driver_sql("DELETE FROM channel_post")


def let_leases_run_out(db):
    """As if their time had passed."""
    with db.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE delivery SET leased_until = '2020-01-01 00:00:00.000000' WHERE state = 'sending'"
        )


def key_in(asked, channel):
    if channel == "hook":
        return asked.headers["webhook-id"]
    return asked.json["markdown"]["content"].rpartition("消息编号 ")[2]


def test_the_service_sends_what_it_finds_and_what_was_refused_before_it_was_stopped(
    site, office, e2e_pages, vendor
):
    page, _, promotion = e2e_pages
    site.put("/ad", page("共富合伙人招募", *promotion))
    (office / "targets" / "town.yml").write_text(
        f"title: 清浦网\nspider: article\nstart_urls: ['{site.base}/ad']\nlimits: {{delay_s: 0}}\n"
    )
    routes = "  routes: {at_once: [{channels: [group]}], digest: [hook], operator: [hook]}\n"
    settings(office, vendor, f"{routes}schedule: {{digest: {{at: '00:00', days: every_day}}}}")
    vendor.by_path["/cgi-bin/webhook/send"] = vendors.Said("", status=500)
    service = start(office, "serve")
    wait_for(lambda: len({asked.path for asked in vendor.sent}) == 2, service)
    service.terminate()
    assert service.wait(60) == 0
    assert status(office)["channels"]["group"]["states"]["waiting"] >= 1
    assert status(office)["channels"]["hook"]["states"]["sent"] == 1, "yesterday's digest"
    vendor.by_path.clear()
    count = len(vendor.sent)
    service = start(office, "serve")
    wait_for(lambda: len(vendor.sent) > count, service)
    time.sleep(0.5)
    service.terminate()
    assert service.wait(60) == 0
    assert status(office)["channels"]["group"]["states"]["sent"] >= 1
    texts = {asked.body for asked in vendor.sent if asked.path != "/hook"}
    assert len(texts) == status(office)["channels"]["group"]["states"]["sent"]
