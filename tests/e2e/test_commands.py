"""The commands as a person or a script calls them."""

import csv
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import openpyxl
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

ADWATCH = str(Path(sys.executable).parent / "adwatch")
PROMOTION = (
    "本公司面向社会招募合伙人，一万元起投，月息两分，到期还本付息，保本保息，加微信 qingpu_8866"
)


def run(*command: str, text: str | bytes = b"", **environment: str):
    data = text.encode() if isinstance(text, str) else text
    return subprocess.run(
        [ADWATCH, *command],
        input=data,
        capture_output=True,
        timeout=120,
        check=False,
        env={**os.environ, "NO_COLOR": "1", **environment},
    )


def test_help_names_every_command_and_exit_code():
    said = run("--help").stdout.decode()
    for name in (
        "demo",
        "init",
        "check",
        "crawl",
        "serve",
        "assess",
        "findings",
        "digest",
        "doctor",
    ):
        assert f"  {name} " in said
    assert "130 interrupted" in said


def test_a_misspelt_command_is_a_usage_error_with_a_suggestion():
    done = run("craw")
    assert done.returncode == 2
    assert b"Did you mean 'crawl'" in done.stderr


def test_init_then_check_then_list_work_from_an_empty_folder(tmp_path):
    assert run("init", str(tmp_path / "office")).returncode == 0
    assert run("--config", str(tmp_path / "office"), "check").returncode == 0
    again = run("init", str(tmp_path / "office"))
    assert b"left as it is" in again.stderr
    listed = run("targets", "list", "--json", ADWATCH_CONFIG=str(tmp_path / "office"))
    assert json.loads(listed.stdout)[0]["id"] == "example"


def test_check_exits_3_and_lists_the_faults_as_json_too(office):
    (office / "targets" / "bad.yml").write_text("title: x\nspidr: feed\n")
    done = run("--config", str(office), "check")
    assert done.returncode == 3
    assert b"targets/bad.yml:2:1 bad.spidr: unknown key" in done.stdout
    faults = json.loads(run("--config", str(office), "check", "--json").stdout)["faults"]
    assert {"line": 2, "column": 1, "where": "bad.spidr"}.items() <= faults[0].items() or any(
        fault["where"] == "bad.spidr" for fault in faults
    )


def test_a_folder_without_configuration_exits_3_and_says_how_to_begin(tmp_path):
    done = run("--config", str(tmp_path), "crawl", "--all")
    assert done.returncode == 3
    assert b"adwatch init" in done.stderr


def test_schemas_are_json(tmp_path):
    for part in ("target", "settings"):
        assert "properties" in json.loads(run("config", "schema", part).stdout)


def test_assess_answers_each_line_and_goes_on_after_a_bad_one():
    lines = [
        json.dumps({"id": 1, "text": PROMOTION}, ensure_ascii=False),
        "this is not JSON",
        '{"id": 3}',
        '{"id": 4, "text": 7}',
        '["a list"]',
        json.dumps({"id": 5, "text": "清浦县今天多云转晴，气温十度。"}, ensure_ascii=False),
        json.dumps({"id": 6, "html": f"<html><body><h1>招募</h1><p>{PROMOTION}</p></body></html>"}),
        '{"id": 7, "text": "\\ud83d 半个字符"}',
        '{"id": 8, "text": ""}',
    ]
    done = run("assess", text="\n".join(lines) + "\n")
    assert done.returncode == 4
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(lines)
    assert rows[0]["level"] in {"medium", "high"}
    for hit in (*rows[0]["hits"], *rows[0]["rates"], *rows[0]["entities"]):
        assert PROMOTION[hit["start"] : hit["end"]] == hit["quote"]
    assert rows[0]["score"] == pytest.approx(sum(hit["points"] for hit in rows[0]["hits"]), abs=1)
    assert {"level", "score", "stance", "patterns", "hits", "rates", "entities", "evasion",
            "rulebook"} <= set(rows[0])  # fmt: skip
    assert all("error" in rows[number] for number in (1, 2, 3, 4))
    assert rows[2]["id"] == 3
    assert rows[5]["level"] == "none"
    assert rows[6]["level"] in {"medium", "high"}
    for hit in rows[6]["hits"]:
        assert rows[6]["text"][hit["start"] : hit["end"]] == hit["quote"]


def test_assess_explains_to_a_person(tmp_path):
    path = tmp_path / "ad.txt"
    path.write_bytes(PROMOTION.encode("gb18030"))
    said = run("assess", str(path), "--explain").stdout.decode()
    assert "月息两分" in said
    assert "24" in said
    assert "\x1b[" not in said


def test_the_medium_decides_the_law():
    row = {"id": 1, "text": PROMOTION}
    web = run("assess", text=json.dumps(row)).stdout.decode()
    chat = run("assess", text=json.dumps({**row, "medium": "chat_group"})).stdout.decode()
    assert "广告法" in web
    assert "广告法" not in chat
    assert "防范和处置非法集资条例" in chat


def test_doctor_checks_and_says_the_fix(office):
    done = run("--config", str(office), "doctor", "--json")
    checks = {row["name"]: row for row in json.loads(done.stdout)}
    assert {"python", "rules", "chromium", "clock", "config", "database", "disk"} <= set(checks)
    assert checks["config"]["verdict"] == "OK"
    (office / "adwatch.yml").write_text("storag: x\n")
    broken = run("--config", str(office), "doctor")
    assert broken.returncode == 1
    assert b"FAIL" in broken.stdout
    assert b"fix:" in broken.stdout


@pytest.fixture
def watched(site, office, e2e_pages):
    page, calm, promotion = e2e_pages
    site.put("/ad", page("共富合伙人招募", *promotion))
    site.put("/calm", page("清浦街道改造", *calm))
    (office / "targets" / "town.yml").write_text(
        f"title: 清浦网\nspider: article\nstart_urls: ['{site.base}/ad', '{site.base}/calm']\n"
        "limits: {delay_s: 0}\n"
    )
    assert run("--config", str(office), "crawl", "--all").returncode == 0
    return office


def test_findings_are_listed_shown_and_exported(watched, tmp_path):
    config = ("--config", str(watched))
    listed = [
        json.loads(line) for line in run(*config, "findings", "list", "--json").stdout.splitlines()
    ]
    assert len(listed) == 1
    shown = run(*config, "findings", "show", str(listed[0]["id"])).stdout.decode()
    assert "月息两分" in shown
    rows = list(
        csv.reader(
            io.StringIO(run(*config, "findings", "export", "--format", "csv").stdout.decode())
        )
    )
    assert len(rows) == 2
    book = tmp_path / "all.xlsx"
    assert (
        run(*config, "findings", "export", "--format", "xlsx", "--out", str(book)).returncode == 0
    )
    assert openpyxl.load_workbook(book).active.max_row == 2


def test_a_digest_is_written_and_mailed_to_a_real_server(watched):
    received = []

    class Keep(MessageHandler):
        def handle_message(self, message):
            received.append(message)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Keep(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        (watched / "adwatch.yml").write_text(
            "contact: x@example.cn\nnetwork: {allow: [127.0.0.0/8]}\n"
            "alerts:\n  channels:\n    mail: {kind: smtp, host: 127.0.0.1, "
            f"port: {port}, sender: adwatch@example.cn, to: [one@example.cn, two@example.cn]}}\n"
            "  routes: {digest: [mail]}\n"
        )
        done = run("--config", str(watched), "digest", "--send", "--json")
    finally:
        controller.stop()
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [row["ok"] for row in report["deliveries"]] == [True, True]
    assert Path(report["html"]).exists()
    mail = received[0]
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds[:2] == ["text/plain", "text/html"]
    attached = [part for part in mail.walk() if part.get_filename()]
    book = openpyxl.load_workbook(io.BytesIO(attached[0].get_payload(decode=True)))
    assert book.sheetnames == ["线索", "出现位置", "站点巡检"]
    plain = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    text = plain.get_payload(decode=True).decode()
    assert "【到期还本】" in text  # the weightiest reason of the page
    assert "新增疑似 1" in text


def test_a_channel_that_refuses_is_said_with_exit_4(watched):
    class Refuse(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(403)
            self.end_headers()
            self.wfile.write(b"not welcome")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Refuse)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    (watched / "adwatch.yml").write_text(
        f"contact: x@example.cn\nalerts: {{channels: {{hook: {{kind: webhook, url: '{url}'}}}}}}\n"
    )
    done = run("--config", str(watched), "alerts", "test", "hook")
    server.shutdown()
    server.server_close()
    assert done.returncode == 4
    assert b"REFUSED" in done.stderr
    assert b"403 not welcome" in done.stderr


@pytest.mark.soak
def test_evidence_is_verified_exported_and_tampering_is_found(watched, tmp_path):
    config = ("--config", str(watched))
    assert run(*config, "evidence", "verify").returncode == 0
    out = tmp_path / "lead.zip"
    assert run(*config, "evidence", "export", "1", "--out", str(out)).returncode == 0
    assert out.stat().st_size > 500
    named_by_hash = re.compile(r"[0-9a-f]{64}")
    kept = next(p for p in (watched / "evidence").rglob("*") if named_by_hash.match(p.name))
    kept.chmod(0o644)
    kept.write_bytes(b"another page")
    done = run(*config, "evidence", "verify")
    assert done.returncode == 1
    assert kept.name[:12].encode() in done.stdout


def test_serve_crawls_what_is_due_once_and_a_faulty_target_stops_nothing(site, office, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/a", page("清浦街道改造", *calm))
    good = f"title: 好\nspider: article\nstart_urls: ['{site.base}/a']\nlimits: {{delay_s: 0}}\n"
    (office / "targets" / "good.yml").write_text(good)
    (office / "targets" / "bad.yml").write_text("title: [\n")
    (office / "adwatch.yml").write_text(
        "contact: x@example.cn\nnetwork: {allow: [127.0.0.0/8]}\n"
        "alerts: {channels: {box: {kind: file, folder: box}}, routes: {operator: [box], digest: [box]}}\n"
        'schedule: {digest: {at: "00:00", days: every_day}}\n'
    )
    config = ("--config", str(office))
    assert run(*config, "serve", "--once").returncode == 0
    assert site.asked["/a"] == 1
    assert run(*config, "serve", "--once").returncode == 0
    assert site.asked["/a"] == 1, "the slot was taken"
    messages = [path.read_text() for path in (office / "box").glob("*.txt")]
    assert any("targets/bad.yml" in text for text in messages)
    assert sum("监测日报" in text for text in messages) == 1


def test_crawl_all_goes_past_a_faulty_target_and_says_so_with_exit_4(site, office, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/a", page("清浦街道改造", *calm))
    good = f"title: 好\nspider: article\nstart_urls: ['{site.base}/a']\nlimits: {{delay_s: 0}}\n"
    (office / "targets" / "good.yml").write_text(good)
    (office / "targets" / "bad.yml").write_text("title: x\nspidr: feed\n")
    done = run("--config", str(office), "crawl", "--all", "--json")
    assert done.returncode == 4
    assert b"targets/bad.yml:2:1 bad.spidr" in done.stderr
    assert [(row["id"], row["health"]) for row in json.loads(done.stdout)] == [("good", "ok")]
    assert site.asked["/a"] == 1


def test_init_leaves_what_is_there_alone(tmp_path):
    (tmp_path / "adwatch.yml").write_text("contact: mine\n")
    assert run("init", str(tmp_path)).returncode == 0
    assert (tmp_path / "adwatch.yml").read_text() == "contact: mine\n"
    assert (tmp_path / "targets" / "example.yml").exists()


@pytest.mark.parametrize(
    "command",
    [("targets", "list"), ("findings", "list"), ("rules", "list"), ("evidence", "verify"),
     ("db", "status"), ("check",), ("digest",), ("rules", "test")],
    ids=" ".join,
)  # fmt: skip
def test_reading_commands_speak_json_on_stdout_and_nothing_else_there(office, command):
    run("--config", str(office), "db", "upgrade")
    done = run("--config", str(office), *command, "--json")
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        json.loads(line)


def test_a_rule_is_shown_as_json_too():
    rule_id = json.loads(run("rules", "list", "--json").stdout)[0]["id"]
    shown = json.loads(run("rules", "show", rule_id, "--json").stdout)
    assert shown["id"] == rule_id
    assert len(shown["examples"]) >= 2
