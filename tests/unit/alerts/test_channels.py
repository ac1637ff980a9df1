"""Channels: what they send, and what they say of it."""

import base64
import hashlib
import hmac
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channel_config import FileChannelConfig, SmtpChannelConfig, WebhookChannelConfig
from alerts.channels import build_channel
from alerts.deliver import deliver
from alerts.message import Attachment, Message, operator_message
from alerts.results import Result
from alerts.smtp import build_mail

MESSAGE = Message(
    "digest-20261122-all", "digest", "【监测日报】一", "正文", "<p>正文</p>",
    (Attachment("a.xlsx", "application/octet-stream", b"\x00x"),), {"new": 1},
)  # fmt: skip


@pytest.fixture
def hook():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            status = 302 if self.path == "/moved" else 200
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(b"taken")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "secret", ["plain secret", "whsec_" + base64.b64encode(b"k" * 24).decode()]
)
def test_a_webhook_is_signed_after_standard_webhooks(hook, tmp_path, secret):
    url, asked = hook
    config = WebhookChannelConfig(
        kind="webhook", url=f"{url}/in?token=t0p", secret=SecretStr(secret)
    )
    results = build_channel("hook", config, tmp_path).send(MESSAGE)
    assert [(r.ok, r.code, r.detail) for r in results] == [(True, "200", "taken")]
    assert "t0p" not in results[0].recipient
    headers, body = asked[0]
    names = {name.lower(): value for name, value in headers.items()}
    key = b"k" * 24 if secret.startswith("whsec_") else secret.encode()
    signed = f"{names['webhook-id']}.{names['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert names["webhook-signature"] == f"v1,{digest}"
    assert json.loads(body)["data"] == {"new": 1}


def test_a_redirect_is_no_delivery_and_is_not_followed(hook, tmp_path):
    url, asked = hook
    config = WebhookChannelConfig(kind="webhook", url=f"{url}/moved")
    assert not build_channel("hook", config, tmp_path).send(MESSAGE)[0].ok
    assert len(asked) == 1


def test_a_folder_gets_text_html_and_files_whole(tmp_path):
    channel = build_channel("box", FileChannelConfig(kind="file", folder="out"), tmp_path)
    assert channel.send(MESSAGE)[0].ok
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a.xlsx", "digest-20261122-all.html", "digest-20261122-all.txt"]
    assert (tmp_path / "out" / "digest-20261122-all.txt").read_text().startswith("【监测日报】一")


def test_a_folder_that_cannot_be_written_is_a_failed_result(tmp_path):
    (tmp_path / "out").write_text("in the way")
    channel = build_channel("box", FileChannelConfig(kind="file", folder="out"), tmp_path)
    result = channel.send(MESSAGE)[0]
    assert not result.ok
    assert "FileExistsError" in result.detail


class Spoken:
    """A channel of two pieces that writes down what it was asked to send."""

    name = "spoken"
    recipients = ("one", "two")

    def __init__(self, log, refused=""):
        self._log, self._refused = log, refused

    def pieces(self, message):
        return (replace(message, brief="first"), replace(message, brief="second"))

    def send(self, piece, to=None):
        self._log.append(piece.brief)
        ok = piece.brief != self._refused
        return (Result("one", True, "250", "ok"), Result("two", ok, "550", "no"))


@pytest.mark.parametrize(("refused", "sent"), [("", ["first", "second"]), ("first", ["first"])])
def test_a_refused_piece_is_the_last_one(refused, sent):
    log = []
    done = deliver(MESSAGE, [Spoken(log, refused)])
    assert log == sent
    assert [(one.recipient, one.ok) for one in done] == [("one", True), ("two", not refused)]


def smtp(**fields):
    return SmtpChannelConfig.model_validate(
        {"kind": "smtp", "host": "h", "sender": "a@example.cn", "to": ("b@example.cn",)} | fields
    )


@pytest.mark.parametrize(
    "address",
    [
        "x",
        "a@b@c",
        "a b@x.cn",
        "a@x.cn\nBcc: e@x.cn",
        "<a@x.cn>",
        "用户@x.cn",
        "a@例子.cn",
        "@x.cn",
        "a@",
    ],
)
def test_only_plain_mail_addresses_are_configured(address):
    with pytest.raises(ValidationError):
        smtp(sender=address)


def test_a_subject_cannot_add_headers_and_broken_text_is_sent_all_the_same():
    message = Message("k", "digest", "一\r\nBcc: evil@example.cn\ud83d", "正\ud83d文\x00")
    mail = build_mail(message, smtp())
    assert mail["Bcc"] is None
    assert "正" in mail.get_content()
    assert mail.as_bytes().isascii()


def test_an_operator_message_lists_its_lines():
    message = operator_message("2 faults", ("a: x", "b: y"))
    assert message.subject == "[adwatch] 2 faults"
    assert "- a: x\n- b: y" in message.text


def test_a_key_with_han_characters_goes_through_every_channel(hook, tmp_path):
    url, asked = hook
    messages = [replace(MESSAGE, key=f"digest-20261122-{name}") for name in ("环翠", "文登")]
    config = WebhookChannelConfig(kind="webhook", url=f"{url}/in", secret=SecretStr("plain secret"))
    channel = build_channel("hook", config, tmp_path)
    assert all(channel.send(message)[0].ok for message in messages)
    ids = {name.lower(): value for name, value in asked[0][0].items()}["webhook-id"]
    assert ids == "digest-20261122-%E7%8E%AF%E7%BF%A0"
    assert build_mail(messages[0], smtp())["Message-ID"] == f"<{ids}@example.cn>"
    box = build_channel("box", FileChannelConfig(kind="file", folder="out"), tmp_path)
    assert all(box.send(message)[0].ok for message in messages)
    assert len(list((tmp_path / "out").glob("*.txt"))) == 2
