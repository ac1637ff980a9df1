"""The sender between a real database and a real server that misbehaves."""

import random
import socket
import threading
import time
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from alerts.channel_config import (
    DingtalkRobotConfig,
    SmtpChannelConfig,
    WecomAppConfig,
)
from alerts.retries import MAX_FAULTS
from alerts.route_config import QuietHours
from alerts.sender import Sender
from storage.leases import lease
from storage.outbox import Address, DeliveryState, MessageKind, Outgoing, enlist
from storage.pace import held_channels
from storage.queue_status import channel_queues, troubled_deliveries, try_again

SENT, WAITING, REFUSED, DEAD = (
    DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.REFUSED, DeliveryState.DEAD,
)  # fmt: skip
HOUR = timedelta(hours=1)
QUIET = QuietHours(start="22:00", end="07:30")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_a_finding_reaches_the_robot_and_is_marked(desk, vendor):
    desk.robot(vendor)
    desk.at_once("group")
    number = desk.find(1, text="加<@all>群[点我](http://x)")
    assert desk.sender.send_due() == 1
    text = vendor.asked[0].json["markdown"]["content"]
    assert text.startswith("**【即时预警】高危 80 · ")
    assert "<@all>" not in text
    assert "](" not in text
    assert f"https://review.example.cn/findings/{number}" in text
    assert text.endswith(f"消息编号 finding-{number}-new")
    assert desk.state(f"finding-{number}-new") == [SENT]
    assert desk.sender.send_due() == 0
    assert len(vendor.asked) == 1


def test_a_finding_by_mail_is_whole_and_keeps_its_message_id(desk, vendor):
    kept = []

    class Box:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 (named by aiosmtpd)
            kept.append(envelope.content)
            return "250 kept"

    port = free_port()
    server = Controller(Box(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        desk.channel("mail", SmtpChannelConfig(
            kind="smtp", host="127.0.0.1", port=port, sender="a@example.cn", to=("b@example.cn",),
        ))  # fmt: skip
        desk.at_once("mail")
        number = desk.find(1)
        assert desk.sender.send_due() == 1
    finally:
        server.stop()
    mail = message_from_bytes(kept[0], policy=policy.default)
    assert mail["Message-ID"] == f"<finding-{number}-new@example.cn>"
    assert "【即时预警】高危" in mail["Subject"]
    assert "http://town.example/1" in mail.get_content()
    assert "仅作线索提示" in mail.get_content()


def test_no_route_means_nobody_is_told_and_nothing_waits(desk, vendor):
    desk.robot(vendor)
    desk.find(1)
    assert desk.sender.send_due() == 0
    assert channel_queues(desk.db) == ()


UNKIND = [
    {"act": "hang"},
    {"act": "cut"},
    {"act": "reset"},
    {"status": 500, "body": "oops"},
    {"body": {"errcode": -1, "errmsg": "system busy"}},
    {"body": {"errcode": 45009, "errmsg": "api freq out of limit"}},
    {"status": 429, "headers": {"Retry-After": "120"}},
]


@pytest.mark.parametrize("said", UNKIND, ids=lambda said: str(sorted(said.values(), key=str))[:30])
def test_a_server_that_recovers_gets_the_message_later(desk, vendor, vendors, said):
    desk.robot(vendor)
    desk.put("group")
    vendor.script.append(vendors.Said(**said))
    assert desk.sender.send_due() == 0
    assert desk.state() == [WAITING]
    desk.sender.send_due()
    assert len(vendor.asked) == 1, "not before its time"
    if said.get("status") == 429:
        desk.now += timedelta(seconds=119)
        assert desk.sender.send_due() == 0
    desk.now += timedelta(minutes=3)
    assert desk.sender.send_due() == 1
    assert desk.state() == [SENT]
    assert len(vendor.asked) == 2
    assert vendor.asked[0].body == vendor.asked[1].body


def test_a_busy_channel_is_left_alone_with_all_its_messages(desk, vendor, vendors):
    fields = {"kind": "dingtalk_robot", "token": "t" * 20, "base_url": vendor.base}
    desk.channel("ding", DingtalkRobotConfig.model_validate(fields))
    for number in range(5):
        desk.put("ding", f"k{number}")
    vendor.script.append(vendors.Said({"errcode": 130101, "errmsg": "send too fast"}))
    desk.sender.send_due()
    assert len(vendor.asked) == 1
    assert held_channels(desk.db, desk.now) == {"ding": desk.now + timedelta(minutes=10)}
    desk.now += timedelta(minutes=9)
    assert desk.sender.send_due() == 0
    desk.now += timedelta(minutes=3)
    assert desk.sender.send_due() == 5


def test_a_robot_gets_twenty_a_minute_over_all_senders(desk, vendor):
    desk.robot(vendor)
    for number in range(30):
        desk.put("group", f"k{number:02}")
    twin = Sender(desk.db, lambda: desk.outlets, random.Random(1), lambda: desk.now)
    assert desk.sender.send_due() + twin.send_due() == 20
    assert twin.send_due() == 0
    desk.now += timedelta(seconds=66)
    assert desk.sender.send_due() + twin.send_due() == 10
    assert len({asked.body for asked in vendor.asked}) == 30


def test_a_refusal_is_final_and_told_through_another_channel(desk, vendor, vendors):
    desk.robot(vendor)
    desk.hook(vendor, "ops")
    vendor.by_path["/cgi-bin/webhook/send"] = vendors.Said(
        {"errcode": 93000, "errmsg": "invalid webhook url"}
    )
    for number in range(3):
        desk.put("group", f"k{number}")
    assert desk.sender.send_due() == 1
    assert [desk.state(f"k{number}") for number in range(3)] == [[REFUSED]] * 3
    told = [asked for asked in vendor.asked if asked.path == "/ops"]
    assert len(told) == 1, "one message, however many are refused"
    assert told[0].json["type"] == "delivery_fault"
    assert told[0].json["data"]["channel"] == "group"
    assert "invalid webhook url" in told[0].json["data"]["detail"]
    desk.now += HOUR
    assert desk.sender.send_due() == 0
    vendor.by_path.clear()
    assert len(try_again(desk.db, desk.now)) == 3
    assert desk.sender.send_due() == 3


def test_a_refused_alarm_about_a_refusal_does_not_go_round(desk, vendor, vendors):
    desk.hook(vendor, "one")
    desk.hook(vendor, "two")
    vendor.otherwise = vendors.Said("gone", status=410)
    desk.put("one")
    for _ in range(5):
        desk.sender.send_due()
    assert len(vendor.asked) == 2
    assert {row.state for row in troubled_deliveries(desk.db)} == {REFUSED}


def test_answers_nobody_knows_are_tried_a_few_times_then_count_as_refused(desk, vendor, vendors):
    desk.robot(vendor)
    vendor.otherwise = vendors.Said("<html>log in first</html>")
    desk.put("group")
    for _ in range(20):
        desk.sender.send_due()
        desk.now += HOUR
    assert desk.state() == [REFUSED]
    assert len(vendor.asked) == 5


def test_what_cannot_be_sent_for_days_is_given_up_loudly_and_kept(desk, vendor, vendors):
    desk.hook(vendor)
    desk.hook(vendor, "ops")
    vendor.by_path["/hook"] = vendors.Said("", status=500)
    desk.put("hook")
    for _ in range(100):
        desk.sender.send_due()
        desk.now += HOUR
    assert desk.state() == [DEAD]
    tries = [asked for asked in vendor.asked if asked.path == "/hook"]
    assert 60 < len(tries) < 80
    assert len({asked.headers["webhook-id"] for asked in tries}) == 1
    told = [asked.json["data"] for asked in vendor.asked if asked.path == "/ops"]
    assert [one["code"] for one in told] == ["500", "500"], "once as a warning, once at the end"
    assert len(try_again(desk.db, desk.now)) == 1


def test_a_message_that_cannot_be_read_back_is_dead_and_holds_nobody_up(desk, vendor):
    desk.hook(vendor)
    desk.put("hook", "good")
    address = Address("hook", desk.outlets.channels["hook"].recipients[0])
    bad = Outgoing("bad", MessageKind.OPERATOR, "all", b"not a message")
    enlist(desk.db, bad, [address], desk.now)
    assert desk.sender.send_due() == 1
    assert (desk.state("bad"), desk.state("good")) == ([DEAD], [SENT])


def test_a_channel_that_raises_is_a_fault_and_a_row_that_always_does_is_dead(desk, vendor):
    channel = desk.hook(vendor)
    channel.send = lambda piece, to=None: 1 / 0
    desk.put("hook")
    for _ in range(MAX_FAULTS + 3):
        desk.sender.send_due()
        desk.now += HOUR
    assert desk.state() == [DEAD]
    (row,) = troubled_deliveries(desk.db)
    assert row.attempts == MAX_FAULTS
    assert "ZeroDivisionError" in row.detail


def test_a_row_whose_sender_always_dies_is_dead_after_some_times(desk, vendor):
    desk.hook(vendor)
    desk.put("hook")
    for _ in range(MAX_FAULTS):
        assert lease(desk.db, "hook", desk.now, timedelta(seconds=5))
        desk.now += timedelta(seconds=6)
    desk.sender.send_due()
    assert desk.state() == [DEAD]
    assert vendor.asked == []


def test_a_long_message_goes_on_where_it_stopped(desk, vendor, vendors):
    desk.robot(vendor)
    desk.put("group", text="\n".join(f"第{number}行保本保息" for number in range(600)))
    vendor.script.extend([vendors.Said(), vendors.Said(), vendors.Said(status=500)])
    assert desk.sender.send_due() == 0
    desk.now += HOUR
    assert desk.sender.send_due() == 1
    heads = [asked.json["markdown"]["content"].partition("\n")[0] for asked in vendor.asked]
    assert heads[:4] == ["（1/4）", "（2/4）", "（3/4）", "（3/4）"]
    assert len(heads) == 5


def test_a_member_that_is_refused_costs_the_others_no_part(desk, vendor, vendors):
    desk.channel("app", WecomAppConfig.model_validate({
        "kind": "wecom_app", "corp_id": "ww1", "agent_id": 7, "secret": "app-secret",
        "users": ("gone", "here"), "base_url": vendor.base,
    }))  # fmt: skip
    token = {"errcode": 0, "access_token": "tok-1", "expires_in": 7200}
    vendor.by_path["/cgi-bin/gettoken"] = vendors.Said(token)
    vendor.script.append(vendors.Said({"errcode": 0, "invaliduser": "gone"}))
    desk.put("app", text="\n".join(f"第{number}行保本保息" for number in range(200)))
    desk.sender.send_due()
    assert desk.state() == [REFUSED, SENT]
    assert [asked.json["touser"] for asked in vendor.sent] == ["gone|here", "here", "here"]


def test_a_hook_whose_address_has_changed_gets_what_was_enlisted_before(desk, vendor):
    desk.hook(vendor, "hook")
    desk.put("hook", to=("http://old.example.cn/hook",))
    assert desk.sender.send_due() == 1
    assert desk.state() == [SENT]
    assert len(vendor.asked) == 1


def test_a_mail_goes_again_only_to_those_who_lack_it(desk, vendor):
    wanted = []

    class Box:
        async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
            wanted.append(address)
            if address == "late@example.cn" and wanted.count(address) == 1:
                return "451 greylisted, come back later"
            if address == "gone@example.cn":
                return "550 no such mailbox"
            envelope.rcpt_tos.append(address)
            return "250 ok"

        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            return "250 kept"

    port = free_port()
    server = Controller(Box(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        desk.channel("mail", SmtpChannelConfig(
            kind="smtp", host="127.0.0.1", port=port,
            sender="a@example.cn", to=("ok@example.cn", "late@example.cn", "gone@example.cn"),
        ))  # fmt: skip
        desk.put("mail")
        desk.sender.send_due()
        assert desk.state() == [SENT, WAITING, REFUSED]
        desk.now += HOUR
        desk.sender.send_due()
        assert desk.state() == [SENT, SENT, REFUSED]
    finally:
        server.stop()
    assert wanted == ["ok@example.cn", "late@example.cn", "gone@example.cn", "late@example.cn"]


def test_a_slow_channel_holds_no_other_up_and_stopping_ends_the_sender(desk, vendor, vendors):
    desk.hook(vendor, "slow")
    desk.hook(vendor, "fast")
    vendor.by_path["/slow"] = vendors.Said(act="hang")
    desk.put("slow", "a")
    desk.put("fast", "b")
    stop = threading.Event()
    running = threading.Thread(target=desk.sender.run, args=(stop,))
    begun = time.monotonic()
    running.start()
    while desk.state("b") != [SENT] and time.monotonic() - begun < 60:
        time.sleep(0.05)
    stop.set()
    running.join(60)
    assert not running.is_alive()
    assert (desk.state("a"), desk.state("b")) == ([WAITING], [SENT])
