"""adwatch.yml, secrets, routes and schemas: every fault at once, with its place."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from core.errors import ConfigError
from crawler.schema import settings_schema, target_schema
from crawler.starter import EXAMPLE_TARGET, SETTINGS
from crawler.workspace import load_workspace
from crawler.yaml_source import read_yaml

GOOD = "title: 清浦论坛\nspider: listing\nstart_urls: [https://forum.example.cn/a]\n"
CHANNEL = (
    "alerts:\n  channels:\n    mail: {{kind: smtp, host: h, sender: a@x.cn, to: [b@x.cn], "
    "user: u, password: {}}}\n  routes: {{digest: [mail]}}\n"
)


def test_a_secret_comes_from_the_environment_and_prints_as_stars(workspace):
    found = workspace(CHANNEL.format('"${env:SET}"'))
    channel = found.ready().alerts.channels["mail"]
    assert channel.password.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(found)


def test_a_secret_comes_from_a_file(workspace, tmp_path):
    secret = tmp_path / "pw"
    secret.write_text("from file\n")
    found = workspace(CHANNEL.format(f'"file:{secret}"'))
    assert found.ready().alerts.channels["mail"].password.get_secret_value() == "from file"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("hunter2", "must not stand here"),
        ('"${env:MISSING}"', "MISSING is not set"),
        ('"file:/no/such/file"', "cannot be read"),
    ],
)
def test_a_secret_in_the_yaml_or_missing_is_a_fault_that_does_not_show_it(
    workspace, said, value, what
):
    found = workspace(CHANNEL.format(value))
    assert what in said(found)
    assert "hunter2" not in said(found)
    with pytest.raises(ConfigError):
        found.ready()


def test_a_route_to_an_unknown_channel_is_a_fault(workspace, said):
    settings = "alerts: {routes: {digest: [mial]}}\n"
    assert "names the channel 'mial'" in said(workspace(settings))


WITH_ROUTE = (
    "jurisdiction: {{places: [环翠区, 文登区]}}\nalerts:\n  channels: {{box: {{kind: file, folder: b}}}}\n"
    "  routes:\n    at_once:\n      - {}\n"
)


@pytest.mark.parametrize(
    ("route", "what"),
    [
        ("{channels: [bx]}", "adwatch.yml:6:21 adwatch.alerts.routes.at_once.0.channels.0: "),
        ("{channels: [bx]}", "did you mean 'box'?"),
        (
            "{channels: [box], patterns: [elderly_car]}",
            "no pattern 'elderly_car' (did you mean 'elderly_care'?)",
        ),
        ("{channels: [box], targets: [twon]}", "there is no target 'twon' (did you mean 'town'?)"),
        (
            "{channels: [box], regions: [环翠]}",
            "there is no region '环翠' (did you mean '环翠区'?)",
        ),
        ("{channels: [box], level: hihg}", "did you mean 'high'?"),
        ("{channels: [box], patern: [x]}", "did you mean 'patterns'?"),
        ("{level: high}", "at_once.0.channels: is required but missing"),
        ("{channels: []}", "at_once.0.channels"),
    ],
)
def test_a_route_that_leads_nowhere_is_a_fault_with_its_place(workspace, said, route, what):
    found = workspace(WITH_ROUTE.format(route), town=GOOD)
    assert what in said(found)
    assert found.settings is None


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ("alerts: {quiet: {start: '22:00'}}\n", "alerts.quiet.end: is required"),
        ("alerts: {quiet: {start: '25:00', end: '07:00'}}\n", "a time of day like 08:40"),
        ("alerts: {brust: 3}\n", "did you mean 'burst'?"),
        ("alerts: {routes: {instant: []}}\n", "did you mean 'at_once'?"),
        ("alerts: {give_up_after: 3}\n", "alerts.give_up_after"),
        ("alerts: {channels: {b: {kind: file, folder: b}}, routes: {digest: [{channels: [b], level: high}]}}\n",
         "needs an audience"),
        ("alerts: {routes: {digest: [{chanels: [b]}]}}\n", "did you mean 'channels'?"),
        ("alerts: {routes: {digest: [7]}}\n", "alerts.routes.digest.0"),
    ],
)  # fmt: skip
def test_faults_of_the_policy_are_said_in_a_persons_words(workspace, said, settings, what):
    assert what in said(workspace(settings))


def test_the_schema_knows_routes_and_channels_and_takes_what_is_taken():
    schema = settings_schema()
    settings = {
        "alerts": {
            "channels": {"g": {"kind": "wecom_robot", "key": "${env:K}"}},
            "routes": {
                "digest": ["g", {"audience": "a", "channels": ["g"]}],
                "at_once": [{"channels": ["g"], "in_quiet_hours": True}],
            },
            "quiet": {"start": "22:00", "end": "07:00"},
        }
    }
    jsonschema.validate(settings, schema)
    settings["alerts"]["routes"]["at_once"][0]["chanels"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(settings, schema)


def test_the_settings_that_operating_shows_are_valid(workspace, said, tmp_path, monkeypatch):
    page = (Path(__file__).parents[3] / "docs" / "operating.md").read_text(encoding="utf-8")
    shown = next(
        text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "alerts:" in text
    )
    secret = tmp_path / "hook"
    secret.write_text("s")
    shown = shown.replace("/run/secrets/hook", str(secret))
    workspace(shown)
    names = re.findall(r"\$\{env:(\w+)\}", shown)
    found = load_workspace(tmp_path, dict.fromkeys(names, "secret"))
    assert said(found) == ""
    assert len(found.ready().alerts.channels) == 7


def test_a_folder_without_settings_says_how_to_begin(tmp_path, said):
    assert "adwatch init" in said(load_workspace(tmp_path, {}))


def test_what_init_writes_is_valid(workspace, said):
    found = workspace(SETTINGS, example=EXAMPLE_TARGET)
    assert said(found) == ""
    assert not found.targets[0].enabled


def test_schemas_name_every_key_and_are_json():
    target = json.loads(json.dumps(target_schema()))
    assert {"title", "spider", "start_urls", "limits", "expect"} <= set(target["properties"])
    assert "id" not in target["required"]
    assert target["additionalProperties"] is False
    assert "storage" in settings_schema()["properties"]


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ("storage: mysql://x\n", "adwatch.storage"),
        ("storage: postgresql://x\n", "did you mean 'postgresql+psycopg://"),
        ("timezone: Asia/Shanghia\n", "adwatch.timezone"),
        ("network: {allow: [10.0.0.0/99]}\n", "adwatch.network.allow.0"),
        ("schedule: {every: 0m}\n", "adwatch.schedule.every"),
        ("schedule: {digest: {at: '8:40'}}\n", "a time of day like 08:40"),
        ("review_url: javascript:alert(1)\n", "adwatch.review_url"),
        ("alerts: {channels: {a: {kind: smtpp}}}\n", "did you mean 'smtp'?"),
        ("alerts: {channels: {a: {host: x}}}\n", "kind is required"),
        ("alerts: {channels: {a: {kind: lark}}}\n", "did you mean 'feishu_robot'?"),
        ("alerts: {channels: {a: {kind: dingtalk}}}\n", "did you mean 'dingtalk_robot'?"),
        ("alerts: {channels: {a: {kind: wecom_robot, kee: x}}}\n", "did you mean 'key'?"),
        ("alerts: {channels: {a: {kind: wecom_robot, key: x}}}\n", "must not stand here"),
        ("contact: x\ncontact: y\n", "stands twice"),
        ("evidence: s3://bucket/x\n", "adwatch.evidence: an s3:// store is reached with s3:"),
        ("workers: celery\n", "adwatch.workers"),
        (
            "contact: x\nworkers: procrastinate\n",
            "adwatch.yml:2:1 adwatch.workers: procrastinate keeps its jobs in PostgreSQL",
        ),
    ],
)
def test_faulty_settings_are_said_with_their_place(workspace, said, settings, where):
    found = workspace(settings, good=GOOD)
    assert where in said(found)
    assert [target.id for target in found.targets] == ["good"]


def test_schemas_accept_what_init_writes_and_refuse_what_check_refuses(tmp_path):
    for schema, text in ((settings_schema(), SETTINGS), (target_schema(), EXAMPLE_TARGET)):
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        path = tmp_path / "x.yml"
        path.write_text(text, encoding="utf-8")
        source, _ = read_yaml(path, "x.yml")
        data = json.loads(json.dumps(source.data))
        assert list(validator.iter_errors(data)) == []
        assert list(validator.iter_errors({**data, "unknwon": 1}))
