"""The doctor: each failing case by a real fault, with the fix that it names."""

import os
import shutil
import smtplib
import socket
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from core.errors import RulebookError
from crawler import checks
from crawler.checks import run_checks
from crawler.config import Calendar
from crawler.workdays import CALENDAR_NOTICE, calendar_end
from crawler.workspace import load_workspace
from storage.database import upgrade

SETTINGS = "contact: mailto:a@example.cn\n"
NAMES = {"python", "rules", "chromium", "fonts", "clock", "config", "time zone", "calendar",
         "database", "outbox", "pictures", "write access", "disk", "http"}  # fmt: skip


@pytest.fixture
def office(tmp_path):
    (tmp_path / "targets").mkdir()
    (tmp_path / "adwatch.yml").write_text(SETTINGS)
    return tmp_path


def examined(folder, *, mail=False, **environment):
    workspace = load_workspace(folder, environment)
    return {check.name: check for check in run_checks(workspace, mail=mail)}


def failing(check, *said):
    assert check.verdict == "FAIL"
    assert check.fix
    for word in said:
        assert word in check.detail + check.fix
    return True


def test_a_sound_installation_fails_in_nothing(office):
    found = examined(office)
    assert set(found) == NAMES
    assert not [check for check in found.values() if check.verdict == "FAIL"]
    assert all(check.fix for check in found.values() if check.verdict == "WARN")


def test_pictures_that_cannot_be_read_are_told_with_the_fix(office, monkeypatch):
    monkeypatch.setattr(checks, "missing_packages", lambda: ("onnxruntime",))
    check = examined(office)["pictures"]
    assert check.verdict == "WARN"
    assert "onnxruntime" in check.detail
    assert "adwatch[ocr]" in check.fix


def test_an_engine_that_does_not_load_fails(office, monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['cv2'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(checks, "missing_packages", lambda: ())
    checks._picture_fault.cache_clear()
    assert failing(examined(office)["pictures"], "cv2")
    checks._picture_fault.cache_clear()


def test_an_old_python_fails(office, monkeypatch):
    monkeypatch.setattr(checks, "MIN_PYTHON", (4, 0))
    assert failing(examined(office)["python"], "install Python")


def test_a_broken_rule_file_fails(office, monkeypatch):
    def broken():
        raise RulebookError("promises.yml guarantee-001: no examples")

    monkeypatch.setattr(checks, "load_rulebook", broken)
    assert failing(examined(office)["rules"], "guarantee-001")


def test_without_chromium_it_warns_and_a_chromium_that_does_not_run_fails(
    office, monkeypatch, tmp_path
):
    monkeypatch.setattr(checks, "chromium_executable", lambda _: None)
    missing = examined(office)["chromium"]
    assert missing.verdict == "WARN"
    assert "apt-get install chromium" in missing.fix
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(checks, "chromium_executable", lambda _: str(broken))
    assert failing(examined(office)["chromium"], "does not run")


def test_without_chinese_fonts_it_warns(office, monkeypatch):
    monkeypatch.setattr(checks, "_output_of", lambda *_: "")
    fonts = examined(office)["fonts"]
    assert (fonts.verdict, fonts.detail) == ("WARN", "no Chinese font")
    assert "fonts-noto-cjk" in fonts.fix


def test_a_clock_in_the_past_fails_and_one_without_ntp_warns(office, monkeypatch):
    class Past(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(1970, 1, 1, tzinfo=tz or UTC)

    monkeypatch.setattr(checks, "_ntp_synchronised", lambda: False)
    assert examined(office)["clock"].verdict == "WARN"
    monkeypatch.setattr(checks, "datetime", Past)
    assert failing(examined(office)["clock"], "1970", "NTP")


def test_a_faulty_target_and_a_missing_folder_fail(office, tmp_path):
    (office / "targets" / "bad.yml").write_text("titel: x\n")
    assert failing(examined(office)["config"], "adwatch check")
    assert failing(examined(tmp_path / "nowhere")["config"], "adwatch init")


def test_settings_without_contact_warn(office):
    (office / "adwatch.yml").write_text("timezone: Asia/Urumqi\n")
    found = examined(office)
    assert found["config"].verdict == "WARN"
    assert "Asia/Urumqi" in found["time zone"].detail


def test_a_calendar_that_ends_soon_warns_and_a_year_that_is_entered_does_not(office):
    end = calendar_end(Calendar())
    (office / "adwatch.yml").write_text(
        SETTINGS
        + f"calendar: {{off: [{', '.join(f'{end.year + n}-01-01' for n in range(1, 9))}]}}\n"
    )
    found = examined(office)["calendar"]
    assert (found.verdict, found.detail) == ("OK", f"workdays are known until {end.year + 8}-12-31")
    (office / "adwatch.yml").write_text(SETTINGS)
    is_near = end - datetime.now(UTC).date() <= CALENDAR_NOTICE
    assert examined(office)["calendar"].verdict == ("WARN" if is_near else "OK")


def test_a_file_that_is_no_database_fails(office):
    (office / "adwatch.db").write_bytes(b"this is no database" * 100)
    assert failing(examined(office)["database"])


def test_a_database_at_another_schema_fails_with_the_command(office, monkeypatch):
    upgrade(f"sqlite:///{office / 'adwatch.db'}")
    assert examined(office)["database"].verdict == "OK"
    found = checks.schema_status(f"sqlite:///{office / 'adwatch.db'}")
    monkeypatch.setattr(checks, "schema_status", lambda _: type(found)("0000", found.head))
    assert failing(examined(office)["database"], "adwatch db upgrade")


def test_a_database_server_that_does_not_answer_fails(office):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (office / "adwatch.yml").write_text(
        f"{SETTINGS}storage: postgresql+psycopg://adwatch@127.0.0.1:{port}/adwatch\n"
    )
    assert failing(examined(office)["database"], "start the database")


def test_faulty_settings_leave_the_database_alone(office):
    (office / "adwatch.yml").write_text("storag: x\n")
    assert examined(office)["database"].verdict == "WARN"


def test_a_folder_that_is_a_file_fails(office):
    (office / "evidence").write_text("in the way")
    assert failing(examined(office)["write access"], "evidence", "not a folder")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_fails(office):
    (office / "digests").mkdir(mode=0o555)
    assert failing(examined(office)["write access"], "digests")


def test_a_file_system_that_refuses_writing_fails(office, monkeypatch):
    def refuse(**_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(checks.tempfile, "TemporaryFile", refuse)
    assert failing(examined(office)["write access"], "Read-only file system", "uid")


def test_a_full_disk_warns_and_one_that_is_not_there_fails(office, monkeypatch, tmp_path):
    full = SimpleNamespace(total=10**11, free=10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert examined(office)["disk"].verdict == "WARN"
    monkeypatch.undo()
    assert failing(examined(tmp_path / "nowhere")["disk"], "--config")


def test_mail_is_asked_for_on_request_and_fails_where_nobody_answers(office):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert examined(office, mail=True)["mail"].verdict == "WARN"
    (office / "adwatch.yml").write_text(
        f"{SETTINGS}alerts: {{channels: {{m: {{kind: smtp, host: 127.0.0.1, port: {port}, "
        "sender: a@example.cn, to: [b@example.cn], timeout_s: 2}}}\n"
    )
    assert "mail" not in examined(office)
    assert failing(examined(office, mail=True)["mail"], f"m: 127.0.0.1:{port}")


def test_a_refused_log_in_fails_in_the_servers_words(office, monkeypatch):
    def refuse(_config):
        raise smtplib.SMTPAuthenticationError(535, b"no such user")

    (office / "adwatch.yml").write_text(
        f"{SETTINGS}alerts: {{channels: {{m: {{kind: smtp, host: mail.example.cn, "
        "sender: a@example.cn, to: [b@example.cn]}}}\n"
    )
    monkeypatch.setattr(checks, "open_smtp", refuse)
    assert failing(examined(office, mail=True)["mail"], "no such user")


def test_a_port_that_another_program_holds_fails(office):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        (office / "adwatch.yml").write_text(f"{SETTINGS}http: {{listen: '127.0.0.1:{port}'}}\n")
        assert failing(examined(office)["http"], f"127.0.0.1:{port}", "http.listen")
    assert "is free" in examined(office)["http"].detail
