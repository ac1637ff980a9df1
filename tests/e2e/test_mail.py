"""The digest by mail, through real SMTP servers on loopback."""

import base64
import io
import json
import os
import socket
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import openpyxl
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

ADWATCH = str(Path(sys.executable).parent / "adwatch")
SETTINGS = "contact: x@example.cn\nnetwork: {allow: [127.0.0.0/8]}\n"


class Box:
    """Keeps what it is sent; refuses the recipients and the data it is told to."""

    def __init__(self, refused=(), data_answer="250 kept") -> None:
        self.mails = []
        self.recipients = []
        self._refused, self._answer = refused, data_answer

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (the name that aiosmtpd calls)
        if address in self._refused:
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (likewise)
        if self._answer.startswith("250"):
            self.mails.append(envelope.content)
            self.recipients.append(tuple(envelope.rcpt_tos))
        return self._answer


@pytest.fixture
def serving():
    started = []

    def start(box, **options):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = Controller(box, hostname="127.0.0.1", port=port, **options)
        server.start()
        started.append(server)
        return port

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
         "-out", folder / "cert.pem"],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    return folder / "cert.pem", folder / "key.pem"


def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def mail_from(office, port, *, to=("one@example.cn",), more="", again=False, **environment):
    (office / "adwatch.yml").write_text(
        f"{SETTINGS}alerts:\n  channels:\n    mail: {{kind: smtp, host: 127.0.0.1, port: {port}, "
        f"sender: adwatch@example.cn, timeout_s: 5, to: [{', '.join(to)}]{more}}}\n"
        "  routes: {digest: [mail]}\n"
    )
    return subprocess.run(
        [ADWATCH, "--config", str(office), "digest", "--send", "--json",
         *(["--again"] if again else [])],
        capture_output=True, timeout=120, check=False,
        env={**os.environ, "NO_COLOR": "1", **environment},
    )  # fmt: skip


def deliveries(done):
    return {row["recipient"]: row for row in json.loads(done.stdout)["deliveries"]}


@pytest.fixture
def watched(site, office, e2e_pages):
    page, _, promotion = e2e_pages
    site.put("/ad", page("共富合伙人招募", *promotion))
    (office / "targets" / "town.yml").write_text(
        f"title: 清浦网\nspider: article\nstart_urls: ['{site.base}/ad']\nlimits: {{delay_s: 0}}\n"
    )
    done = subprocess.run([ADWATCH, "--config", str(office), "crawl", "--all"],
                          capture_output=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return office


def test_a_mail_reads_the_same_after_any_relay(watched, serving):
    box = Box()
    done = mail_from(watched, serving(box), to=("one@example.cn", "two@example.cn"))
    assert done.returncode == 0, done.stderr
    assert box.recipients == [("one@example.cn", "two@example.cn")]
    raw = box.mails[0]
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"].startswith("【监测日报】")
    assert mail["Auto-Submitted"] == "auto-generated"
    sent = datetime.strptime(mail["Date"], "%a, %d %b %Y %H:%M:%S %z")
    assert abs(datetime.now(UTC) - sent) < timedelta(minutes=5)
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain["Content-Transfer-Encoding"] == html["Content-Transfer-Encoding"] == "base64"
    assert "【到期还本】" in plain.get_content()
    assert len(html.get_content().encode()) < 100_000
    for said in (plain.get_content(), html.get_content()):
        assert "199****1234" in said
        assert "19900001234" not in said
    sheet = next(mail.iter_attachments())
    book = openpyxl.load_workbook(io.BytesIO(sheet.get_payload(decode=True)))
    assert book["线索"].max_row == 2


def test_a_day_without_findings_is_mailed_too(office, serving):
    box = Box()
    done = mail_from(office, serving(box))
    assert done.returncode == 0, done.stderr
    mail = message_from_bytes(box.mails[0], policy=policy.default)
    assert "新增疑似 0" in mail["Subject"]
    assert "未发现新的疑似线索" in mail.get_body(("plain",)).get_content()


def test_one_refused_recipient_is_said_and_the_others_get_it(office, serving):
    box = Box(refused={"gone@example.cn"})
    done = mail_from(office, serving(box), to=("one@example.cn", "gone@example.cn"))
    assert done.returncode == 4
    found = deliveries(done)
    assert found["one@example.cn"]["ok"]
    assert not found["gone@example.cn"]["ok"]
    assert found["gone@example.cn"]["code"] == "550"
    assert "no such mailbox here" in found["gone@example.cn"]["detail"]
    assert box.recipients == [("one@example.cn",)]


def test_every_recipient_refused_and_the_mail_refused_are_said_in_the_servers_words(
    office, serving
):
    done = mail_from(office, serving(Box(refused={"one@example.cn"})))
    assert done.returncode == 4
    assert "no such mailbox" in deliveries(done)["one@example.cn"]["detail"]
    done = mail_from(office, serving(Box(data_answer="552 5.2.2 mailbox full")))
    assert done.returncode == 4
    assert deliveries(done)["one@example.cn"]["code"] == "552"


def test_who_has_the_digest_does_not_get_it_twice_unless_asked(office, serving):
    box = Box(refused={"late@example.cn"})
    both = ("one@example.cn", "late@example.cn")
    assert mail_from(office, serving(box), to=both).returncode == 4
    box = Box()
    port = serving(box)
    done = mail_from(office, port, to=both)
    assert done.returncode == 0
    assert box.recipients == [("late@example.cn",)]
    assert b"already sent, left out (--again sends it once more): mail one@" in done.stderr
    assert {row["state"] for row in deliveries(done).values()} == {"already", "sent"}
    assert mail_from(office, port, to=both).returncode == 0
    assert len(box.mails) == 1
    assert mail_from(office, port, to=both, again=True).returncode == 0
    assert box.recipients[1] == both
    ids = [message_from_bytes(raw, policy=policy.default)["Message-ID"] for raw in box.mails]
    assert "-again-" in ids[1]
    assert ids[0] != ids[1]


def test_when_nobody_answers_the_digest_is_written_and_can_be_sent_later(watched, serving):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = mail_from(watched, port)
    assert done.returncode == 4
    assert "refused" in deliveries(done)["one@example.cn"]["detail"].lower()
    assert Path(json.loads(done.stdout)["html"]).exists()
    box = Box()
    again = mail_from(watched, serving(box))
    assert again.returncode == 0
    assert "新增疑似 1" in message_from_bytes(box.mails[0], policy=policy.default)["Subject"]


# The server warns that a log-in without STARTTLS is unsafe; here it is inside TLS already.
@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_mail_goes_through_tls_with_a_log_in(office, serving, certificate, security):
    seen = []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password, session.ssl is not None or security == "ssl"))
        return AuthResult(success=data.password == b"s3cret", handled=False)

    context = server_context(certificate)
    options = {"ssl_context": context} if security == "ssl" else {"tls_context": context,
                                                                  "require_starttls": True}  # fmt: skip
    box = Box()
    port = serving(box, authenticator=authenticate, auth_required=True,
                   auth_require_tls=security != "ssl", **options)  # fmt: skip
    more = f", security: {security}, user: adwatch, password: '${{env:PW}}'"
    trusted = {"SSL_CERT_FILE": str(certificate[0])}
    done = mail_from(office, port, more=more, PW="s3cret", **trusted)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(box.mails) == 1
    assert seen[0] == (b"adwatch", b"s3cret", True)
    wrong = mail_from(office, port, more=more, again=True, PW="hunter2", **trusted)
    assert wrong.returncode == 4
    assert deliveries(wrong)["one@example.cn"]["code"] == "535"
    assert b"hunter2" not in wrong.stdout + wrong.stderr
    stranger = mail_from(office, port, more=more, again=True, PW="s3cret")
    assert stranger.returncode == 4
    assert "certificate" in deliveries(stranger)["one@example.cn"]["detail"].lower()
    assert len(box.mails) == 1


def test_a_server_without_tls_gets_no_password(office, serving):
    box = Box()
    more = ", security: starttls, user: adwatch, password: '${env:PW}'"
    done = mail_from(office, serving(box), more=more, PW="s3cret")
    assert done.returncode == 4
    assert box.mails == []
    assert base64.b64encode(b"s3cret") not in done.stderr
