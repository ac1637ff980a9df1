"""Logs in both forms, as a process of its own writes them; no secret stands in any."""

import json
import subprocess
import sys

import pytest
from pydantic import SecretStr

from alerts.channel_config import DingtalkRobotConfig, SmtpChannelConfig
from crawler.config import Alerts, Ping, Settings
from crawler.log_output import secrets_of

PROGRAM = """
import logging, sys, warnings
from crawler.log_output import logged_about, write_logs
write_logs(sys.argv[1], ("geheim-1234",), {"run": 7})
log = logging.getLogger("adwatch.x")
with logged_about("town"):
    log.warning("asked %s", "http://x.cn/?key=geheim-1234\\n第二行")
try:
    raise ValueError("with geheim-1234")
except ValueError:
    log.exception("it failed")
warnings.warn("old ways")
raise RuntimeError("geheim-1234 at the end")
"""


def written(form):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, form], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    return done.stderr


def test_each_line_is_one_json_object_without_secrets():
    said = written("json")
    assert "geheim" not in said
    first, failed, warned, uncaught = map(json.loads, said.splitlines())
    assert first["message"] == "asked http://x.cn/?key=***\n第二行"
    assert (first["level"], first["logger"]) == ("warning", "adwatch.x")
    assert (first["target"], first["run"]) == ("town", 7)
    assert first["time"].endswith("+00:00")
    assert "target" not in failed
    assert "ValueError: with ***" in failed["exception"]
    assert "old ways" in warned["message"]
    assert uncaught["level"] == "critical"
    assert "RuntimeError: *** at the end" in uncaught["exception"]


def test_lines_for_people_tell_no_secret_either():
    said = written("text")
    assert "adwatch.x asked http://x.cn/?key=***" in said
    assert "RuntimeError: *** at the end" in said
    assert "geheim" not in said


@pytest.mark.parametrize(
    "word", ["mail-pass", "ding-token", "ding-secret", "db-pass", "http://p.cn/uuid"]
)
def test_every_secret_of_the_settings_is_known(word):
    mail = SmtpChannelConfig(
        kind="smtp", host="h", sender="a@b.cn", to=("c@d.cn",), password=SecretStr("mail-pass")
    )
    ding = DingtalkRobotConfig(
        kind="dingtalk_robot", token=SecretStr("ding-token"), secret=SecretStr("ding-secret")
    )
    alerts = Alerts(channels={"m": mail, "d": ding}, ping=Ping(url="http://p.cn/uuid"))
    settings = Settings(storage="postgresql+psycopg://u:db-pass@h/db", alerts=alerts)
    assert word in secrets_of(settings)
