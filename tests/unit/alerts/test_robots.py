"""The chat channels against a real loopback server: what they say, and what an answer means."""

import base64
import hashlib
import hmac
import logging
import re
import time

import pytest
from pydantic import ValidationError

from alerts.channel_config import (
    DingtalkRobotConfig,
    FeishuRobotConfig,
    WebhookChannelConfig,
    WecomAppConfig,
    WecomRobotConfig,
)
from alerts.channels import build_channel
from alerts.deliver import deliver, send_pieces
from alerts.dingtalk import dingtalk_sign
from alerts.feishu import feishu_sign
from alerts.http_post import retry_after_s, scrub
from alerts.message import Message
from alerts.results import Retry

HASTY_S, PATIENT_S = 1.0, 20.0  # seconds; a loaded machine is slow to answer
KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
MESSAGE = Message("finding-7-new", "finding", "高危线索", "正文", brief="**高危** 月息两分\n第二行")
LONG = Message(
    "digest-1",
    "digest",
    "长",
    "t",
    brief="\n".join(f"第{n}行，月息两分，保本保息。" for n in range(900)),
)


def wecom(vendor, **more):
    return WecomRobotConfig.model_validate(
        {"kind": "wecom_robot", "key": KEY, "base_url": vendor.base, "timeout_s": PATIENT_S} | more
    )


def dingtalk(vendor, **more):
    return DingtalkRobotConfig.model_validate(
        {"kind": "dingtalk_robot", "token": KEY, "secret": "SECkept", "base_url": vendor.base,
         "timeout_s": PATIENT_S} | more
    )  # fmt: skip


def feishu(vendor, **more):
    return FeishuRobotConfig.model_validate(
        {"kind": "feishu_robot", "token": KEY, "secret": "kept-secret", "base_url": vendor.base,
         "timeout_s": PATIENT_S} | more
    )  # fmt: skip


def app(vendor, **more):
    return WecomAppConfig.model_validate(
        {"kind": "wecom_app", "corp_id": "ww1", "agent_id": 7, "secret": "app-secret",
         "users": ("LiSi", "wang"), "parties": ("2",), "base_url": vendor.base,
         "timeout_s": PATIENT_S} | more
    )  # fmt: skip


ROBOTS = {"wecom_robot": wecom, "dingtalk_robot": dingtalk, "feishu_robot": feishu}


@pytest.fixture(params=ROBOTS)
def robot(request, vendor, tmp_path):
    return build_channel("group", ROBOTS[request.param](vendor), tmp_path)


@pytest.fixture(params=ROBOTS)
def both(request, vendor, tmp_path):
    """The same robot with little patience and with much."""
    make = ROBOTS[request.param]
    hasty, patient = (make(vendor, timeout_s=wait) for wait in (HASTY_S, PATIENT_S))
    return build_channel("group", hasty, tmp_path), build_channel("group", patient, tmp_path)


def test_a_wecom_robot_gets_markdown_with_the_key(vendor, tmp_path):
    (done,) = deliver(MESSAGE, [build_channel("group", wecom(vendor), tmp_path)])
    assert (done.ok, done.code) == (True, "0")
    (asked,) = vendor.asked
    assert (asked.path, asked.query) == ("/cgi-bin/webhook/send", {"key": KEY})
    assert asked.json["msgtype"] == "markdown"
    assert asked.json["markdown"]["content"] == "**高危** 月息两分\n第二行\n消息编号 finding-7-new"


def test_a_dingtalk_robot_is_signed_in_the_query_in_milliseconds(vendor, tmp_path):
    assert deliver(MESSAGE, [build_channel("group", dingtalk(vendor), tmp_path)])[0].ok
    (asked,) = vendor.asked
    stamp = asked.query["timestamp"]
    assert abs(int(stamp) / 1000 - time.time()) < 60
    digest = hmac.new(b"SECkept", f"{stamp}\nSECkept".encode(), hashlib.sha256).digest()
    assert base64.b64decode(asked.query["sign"]) == digest
    assert asked.json["markdown"]["title"] == "高危线索"
    assert asked.json["markdown"]["text"].startswith("**高危** 月息两分  \n第二行")


def test_a_feishu_robot_is_signed_in_the_body_in_seconds(vendor, tmp_path):
    assert deliver(MESSAGE, [build_channel("group", feishu(vendor), tmp_path)])[0].ok
    (asked,) = vendor.asked
    assert asked.path == f"/open-apis/bot/v2/hook/{KEY}"
    assert asked.query == {}
    stamp = asked.json["timestamp"]
    assert abs(int(stamp) - time.time()) < 60
    digest = hmac.new(f"{stamp}\nkept-secret".encode(), b"", hashlib.sha256).digest()
    assert base64.b64decode(asked.json["sign"]) == digest
    assert asked.json["card"]["elements"][0]["content"].startswith("**高危** 月息两分\n")


def test_signatures_are_those_that_openssl_computes():
    signed = dingtalk_sign(1_700_000_000_000, "SECabc")
    assert signed == "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM="
    assert feishu_sign(1_700_000_000, "abc") == "VIS10b0EBvzzSdFnuk4tznEmK5wHaruvf/WnViv2yR4="


def test_without_a_secret_nothing_is_signed(vendor, tmp_path):
    assert deliver(MESSAGE, [build_channel("a", dingtalk(vendor, secret=None), tmp_path)])[0].ok
    assert deliver(MESSAGE, [build_channel("b", feishu(vendor, secret=None), tmp_path)])[0].ok
    assert vendor.asked[0].query == {"access_token": KEY}
    assert "sign" not in vendor.asked[1].json


@pytest.mark.parametrize("make", [dingtalk, feishu])
def test_a_keyword_that_is_missing_is_added_to_every_part(vendor, tmp_path, make):
    channel = build_channel("group", make(vendor, keyword="广告监测"), tmp_path)
    assert all(result.ok for result in send_pieces(channel, LONG))
    assert len(vendor.asked) > 1
    assert all("广告监测" in asked.body.decode() for asked in vendor.asked)


@pytest.mark.parametrize(("make", "limit"), [(wecom, 4096), (app, 2048)])
def test_long_markdown_is_cut_to_the_byte_at_line_ends(vendor, vendors, tmp_path, make, limit):
    vendor.by_path["/cgi-bin/gettoken"] = token_answer(vendors)
    channel = build_channel("group", make(vendor), tmp_path)
    assert all(result.ok for result in send_pieces(channel, LONG))
    texts = [asked.json["markdown"]["content"] for asked in vendor.sent]
    assert max(len(text.encode()) for text in texts) <= limit
    assert min(len(text.encode()) for text in texts[:-1]) > limit - 100
    assert texts[1].startswith(f"（2/{len(texts)}）\n")
    whole = "\n".join(text.partition("\n")[2] for text in texts)
    assert whole == LONG.chat


@pytest.mark.parametrize("make", [dingtalk, feishu])
def test_the_whole_request_stays_under_the_limit_however_much_is_escaped(vendor, tmp_path, make):
    channel = build_channel("group", make(vendor), tmp_path)
    nasty = Message("k", "digest", "标" * 300, "", brief='"\\\t' * 9000 + "字" * 9000)
    assert all(result.ok for result in send_pieces(channel, nasty))
    assert len(vendor.asked) > 2
    assert max(len(asked.body) for asked in vendor.asked) <= 20_000


REFUSALS = [
    ("wecom_robot", {"errcode": 93000, "errmsg": "invalid webhook url"}, Retry.NEVER, None),
    ("wecom_robot", {"errcode": 40058, "errmsg": "exceed max length 4096"}, Retry.NEVER, None),
    ("wecom_robot", {"errcode": 45009, "errmsg": "api freq out of limit"}, Retry.LONG, 60),
    ("wecom_robot", {"errcode": -1, "errmsg": "system busy"}, Retry.LONG, None),
    ("wecom_robot", {"errcode": 777, "errmsg": "?"}, Retry.SOME, None),
    ("wecom_robot", {"errcode": False}, Retry.SOME, None),
    ("wecom_robot", "<html>log in to the network first</html>", Retry.SOME, None),
    ("wecom_robot", "[0]", Retry.SOME, None),
    ("wecom_robot", "", Retry.SOME, None),
    ("dingtalk_robot", {"errcode": 310000, "errmsg": "sign not match"}, Retry.NEVER, None),
    ("dingtalk_robot", {"errcode": 130101, "errmsg": "send too fast"}, Retry.LONG, 600),
    ("feishu_robot", {"code": 19021, "msg": "sign match fail"}, Retry.NEVER, None),
    ("feishu_robot", {"code": 19024, "msg": "Key Words Not Found"}, Retry.NEVER, None),
    ("feishu_robot", {"code": 11232, "msg": "frequency limited"}, Retry.LONG, 60),
]


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_with_http_200_is_a_refusal(vendor, vendors, tmp_path, case):
    kind, body, retry, pause = case
    vendor.script.append(vendors.Said(body))
    channel = build_channel("group", ROBOTS[kind](vendor), tmp_path)
    (result,) = channel.send(MESSAGE)
    assert not result.ok
    assert (result.retry, result.retry_after_s) == (retry, pause)
    assert result.holds is (pause is not None)
    if isinstance(body, dict) and "errmsg" in body:
        assert result.code == str(body["errcode"])
        assert body["errmsg"] in result.detail


def test_success_is_what_the_vendor_calls_success(vendor, vendors, tmp_path):
    vendor.script.append(vendors.Said({"StatusCode": 0, "StatusMessage": "success"}))
    assert build_channel("g", feishu(vendor), tmp_path).send(MESSAGE)[0].ok
    vendor.script.append(vendors.Said({"code": 0, "msg": "success"}))
    assert not build_channel("g", wecom(vendor), tmp_path).send(MESSAGE)[0].ok


@pytest.mark.parametrize(
    "case",
    [
        (500, {}, Retry.LONG, None, False),
        (503, {"Retry-After": "7"}, Retry.LONG, 7, False),
        (429, {"Retry-After": "33"}, Retry.LONG, 33, True),
        (429, {}, Retry.LONG, 60, True),
        (404, {}, Retry.SOME, None, False),
        (410, {}, Retry.NEVER, None, False),
        (401, {}, Retry.NEVER, None, False),
        (302, {"Location": "/elsewhere"}, Retry.SOME, None, False),
    ],
)
def test_a_status_says_whether_to_try_again(vendor, vendors, robot, case):
    status, headers, retry, pause, holds = case
    vendor.script.append(vendors.Said("no", status=status, headers=headers))
    (result,) = robot.send(MESSAGE)
    assert (result.ok, result.code) == (False, str(status))
    assert (result.retry, result.retry_after_s, result.holds) == (retry, pause, holds)
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("act", ["hang", "cut", "reset", "trickle"])
def test_a_server_that_hangs_cuts_or_trickles_holds_nobody_up(vendor, vendors, both, act):
    hasty, patient = both
    vendor.script.append(vendors.Said(act=act))
    begun = time.monotonic()
    (result,) = hasty.send(MESSAGE)
    assert time.monotonic() - begun < PATIENT_S / 2
    assert (result.ok, result.code, result.retry) == (False, "", Retry.LONG)
    assert patient.send(MESSAGE)[0].ok


def test_no_secret_is_logged_or_kept_whatever_goes_wrong(vendor, vendors, robot, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").info("HTTP Request: POST %s", f"https://x/?key={KEY}")
    results = []
    echo = f"no route for /cgi-bin/webhook/send?key={KEY}&secret=SECkept kept-secret"
    for said in (
        vendors.Said(),
        vendors.Said(echo, status=404),
        vendors.Said(act="reset"),
        vendors.Said(echo),
    ):
        vendor.script.append(said)
        results.append(robot.send(MESSAGE)[0])
    vendor.close()
    results.append(robot.send(MESSAGE)[0])
    assert results[0].ok
    assert not any(result.ok for result in results[1:])
    said = caplog.text + repr(results) + repr(robot._config)
    assert KEY not in said
    secret = getattr(robot._config, "secret", None)
    assert secret is None or secret.get_secret_value() not in said


def test_an_address_is_shown_without_log_in_and_query(vendor, tmp_path):
    address = vendor.base.replace("://", "://user:pass9@") + "/in?token=t0psecret"
    vendor.close()
    config = WebhookChannelConfig(kind="webhook", url=address)
    (result,) = build_channel("hook", config, tmp_path).send(MESSAGE)
    assert result.recipient == f"{vendor.base}/in"
    assert not result.ok
    assert "t0psecret" not in repr(result)
    assert "pass9" not in repr(result)


@pytest.mark.parametrize(
    "url", ["http://[::1/in", "https://", "http://host:0/", "ftp://x/", "http://a b/"]
)
def test_a_webhook_that_could_not_be_asked_is_not_configured(url):
    with pytest.raises(ValidationError):
        WebhookChannelConfig(kind="webhook", url=url)


def token_answer(vendors):
    return vendors.Said({"errcode": 0, "access_token": "tok-1", "expires_in": 7200})


def test_an_application_fetches_its_token_once(vendor, vendors, tmp_path):
    vendor.by_path["/cgi-bin/gettoken"] = token_answer(vendors)
    channel = build_channel("app", app(vendor), tmp_path)
    for _ in range(3):
        assert all(result.ok for result in channel.send(MESSAGE))
    assert [asked.path for asked in vendor.asked] == ["/cgi-bin/gettoken"] + [
        "/cgi-bin/message/send"
    ] * 3
    assert vendor.asked[0].query == {"corpid": "ww1", "corpsecret": "app-secret"}
    sent = vendor.asked[1]
    assert sent.query == {"access_token": "tok-1"}
    assert (sent.json["touser"], sent.json["toparty"], sent.json["agentid"]) == (
        "LiSi|wang",
        "2",
        7,
    )
    assert sent.json["enable_duplicate_check"] == 1


def test_a_token_that_wecom_took_back_is_renewed_once(vendor, vendors, tmp_path):
    vendor.by_path["/cgi-bin/gettoken"] = token_answer(vendors)
    vendor.script.append(vendors.Said({"errcode": 42001, "errmsg": "access_token expired"}))
    channel = build_channel("app", app(vendor), tmp_path)
    assert all(result.ok for result in channel.send(MESSAGE))
    assert [asked.method for asked in vendor.asked] == ["GET", "POST", "GET", "POST"]
    vendor.script.extend([vendors.Said({"errcode": 40014})] * 2)
    assert not any(result.ok for result in channel.send(MESSAGE))


def test_a_token_is_renewed_before_it_ends(vendor, vendors, tmp_path, monkeypatch):
    vendor.by_path["/cgi-bin/gettoken"] = token_answer(vendors)
    channel = build_channel("app", app(vendor), tmp_path)
    channel.send(MESSAGE)
    now = time.monotonic()
    monkeypatch.setattr("alerts.wecom_app.time.monotonic", lambda: now + 7000)
    channel.send(MESSAGE)
    assert [asked.method for asked in vendor.asked] == ["GET", "POST", "GET", "POST"]


@pytest.mark.parametrize(
    "body", [{"errcode": 40013, "errmsg": "invalid corpid"}, {"errcode": 0}, "?"]
)
def test_an_application_without_a_token_sends_nothing(vendor, vendors, tmp_path, body):
    vendor.by_path["/cgi-bin/gettoken"] = vendors.Said(body)
    results = build_channel("app", app(vendor), tmp_path).send(MESSAGE)
    assert not any(result.ok for result in results)
    assert vendor.sent == []


def test_members_that_wecom_does_not_know_are_refused_alone(vendor, vendors, tmp_path):
    vendor.by_path["/cgi-bin/gettoken"] = token_answer(vendors)
    vendor.script.append(vendors.Said({"errcode": 0, "invaliduser": "lisi", "invalidparty": ""}))
    results = build_channel("app", app(vendor), tmp_path).send(MESSAGE)
    assert [(r.recipient, r.ok) for r in results] == [
        ("user:LiSi", False),
        ("user:wang", True),
        ("party:2", True),
    ]
    assert results[0].retry is Retry.NEVER
    build_channel("app", app(vendor), tmp_path).send(MESSAGE, ["party:2"])
    assert "touser" not in vendor.sent[-1].json


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("12", 12), ("999999999", 86400), ("soon", None), ("", None), (None, None), ("-3", None), ("1.5", None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("٣", None)],
)  # fmt: skip
def test_retry_after_is_read_as_a_number_or_a_date(header, seconds):
    assert retry_after_s(header) == seconds


def test_secrets_are_found_in_every_spelling():
    said = scrub("a b%2Fc= b/c= b%2Fc%3D ab", ("b/c=", "ab"))
    assert said == "a b%2Fc= *** *** ab"


def test_markdown_is_what_every_part_of_the_text_is(vendor, tmp_path):
    plain = Message("k", "operator_alert", "主题", "第一行\n第二行\n")
    deliver(plain, [build_channel("g", wecom(vendor), tmp_path)])
    assert vendor.asked[0].json["markdown"]["content"] == "第一行\n第二行\n消息编号 k"
    assert re.match(r"application/json", vendor.asked[0].headers["content-type"])
