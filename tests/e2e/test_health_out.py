"""`adwatch serve` says how it is: over HTTP, in metrics, to the operator, and in its logs."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

UNIT = Path(__file__).parents[1] / "unit"
SECRET = "hook-secret-24680-x"  # noqa: S105 (of a hook on loopback)
PASSING = {"adwatch_schedule_lag_seconds", "adwatch_queue_oldest_seconds", "adwatch_pings",
           "adwatch_service_last_tick_timestamp_seconds", "adwatch_disk_free_bytes",
           "adwatch_clock_offset_seconds"}  # fmt: skip

pytestmark = [pytest.mark.xdist_group("health_out"), pytest.mark.slow]


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def vendor():
    made = load("health_vendor", UNIT / "alerts" / "vendor.py").Vendor()
    yield made
    made.close()


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class Served:
    """A service that runs, and what it answers."""

    def __init__(self, folder: Path, port: int, *options: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.log = folder / f"serve-{port}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crawler.cli", "--config", str(folder), "serve", *options],
                stderr=log, env={**os.environ, "HOOK": SECRET},
            )  # fmt: skip

    def ask(self, path):
        try:
            with urllib.request.urlopen(f"{self.base}{path}", timeout=15) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait(self, wanted, within_s=45):
        give_up = time.monotonic() + within_s
        while not (found := wanted()):
            assert time.monotonic() < give_up, (self.log.read_text(), self.ask("/readyz"))
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        return found

    def metrics(self):
        status, text = self.ask("/metrics")
        if status != 200:
            return {}
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples
        }  # fmt: skip

    def lasting(self):
        _, text = self.ask("/metrics")
        families = text_string_to_metric_families(text)
        return {one.name: one.samples for one in families if one.name not in PASSING}

    def end(self):
        self.process.terminate()
        assert self.process.wait(60) == 0, self.log.read_text()


@pytest.fixture
def serve(office, site, e2e_pages, vendor):
    """Starts a service on a storage, whose one target has a page that promotes."""
    page, _, promotion = e2e_pages
    site.put("/ad", page("共富合伙人招募", *promotion))
    (office / "targets" / "town.yml").write_text(
        f"title: 清浦网\nspider: article\nstart_urls: ['{site.base}/ad']\nlimits: {{delay_s: 0}}\n"
    )
    running = []

    def start(storage, *options, folder=office, least=0):
        port = free_port()
        (folder / "adwatch.yml").write_text(
            f"contact: x@example.cn\nnetwork: {{allow: [127.0.0.0/8]}}\nstorage: {storage}\n"
            f"http: {{listen: '127.0.0.1:{port}'}}\nlogs: json\nalerts:\n"
            f"  min_free_gib: {least}\n  ping: {{url: '{vendor.base}/ping'}}\n  channels:\n"
            f"    hook: {{kind: webhook, url: '{vendor.base}/hook', secret: '${{env:HOOK}}'}}\n"
            f"  routes: {{at_once: [{{channels: [hook]}}], operator: [hook]}}\n"
        )
        running.append(Served(folder, port, *options))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.wait()


def told(vendor, word):
    subjects = [
        asked.json["data"].get("subject", "") for asked in vendor.asked if asked.path == "/hook"
    ]
    return [subject for subject in subjects if word in subject]


def test_a_full_disk_is_told_and_shown_until_it_is_over(serve, vendor, office):
    url = f"sqlite:///{office}/adwatch.db"
    vendor.by_path["/ping"] = sys.modules["health_vendor"].Said("", status=500)
    full = serve(url, least=90_000)
    status, text = full.wait(lambda: (said := full.ask("/readyz"))[0] and said)
    assert status == 503
    assert "GiB free" in json.loads(text)["reasons"]["disk_data"]
    assert full.ask("/healthz")[0] == 200
    full.wait(lambda: told(vendor, "disk of data"))
    full.wait(lambda: full.metrics().get(("adwatch_runs_total", "finished")) == 1)
    full.wait(lambda: full.metrics().get(("adwatch_pings_total", "failed")) == 1)
    full.end()
    assert len(told(vendor, "disk of data")) == 1
    well = serve(url)
    well.wait(lambda: told(vendor, "over: disk"))
    assert json.loads(well.ask("/readyz")[1]) == {"ready": True, "reasons": {}}
    well.end()
    logged = [json.loads(line) for line in full.log.read_text().splitlines()]
    assert all(one.keys() >= {"time", "level", "logger", "message"} for one in logged)
    child = [
        json.loads(line) for line in (office / ".adwatch/logs/town.log").read_text().splitlines()
    ]
    assert child
    assert all((one["target"], one["run"]) == ("town", 1) for one in child)
    assert SECRET not in full.log.read_text() + well.log.read_text()


@pytest.mark.postgres
def test_two_services_on_one_database_show_the_same_and_say_when_it_is_gone(
    serve, vendor, cluster, office, tmp_path_factory
):
    url = cluster.create("health", "template_adwatch")
    first = serve(url)
    first.wait(lambda: first.metrics().get(("adwatch_runs_total", "finished")) == 1)
    other = tmp_path_factory.mktemp("other")
    (other / "targets").mkdir()
    (other / "targets" / "town.yml").write_text((office / "targets" / "town.yml").read_text())
    second = serve(url, folder=other)
    second.wait(lambda: second.ask("/readyz")[0] == 200)
    key = ("adwatch_deliveries_total", "200", "hook", "sent")
    first.wait(lambda: first.metrics().get(key, 0) >= 1)
    first.wait(lambda: first.lasting() == second.lasting())
    shown = first.metrics()
    assert shown["adwatch_findings", "high", "new"] == 1
    assert shown["adwatch_pages_total", "new"] == 1
    assert shown["adwatch_evidence_bytes",] > 500
    assert shown["adwatch_schedule_lag_seconds", "town"] == 0
    assert abs(time.time() - shown["adwatch_target_last_success_timestamp_seconds", "town"]) < 100
    assert shown["adwatch_queue_depth", "hook"] == 0
    assert shown["adwatch_pings_total", "ok"] >= 1
    assert len([name for name in shown if name[0] == "adwatch_clock_offset_seconds"]) == 2
    doctor = subprocess.run(
        [sys.executable, "-m", "crawler.cli", "--config", str(other), "doctor"],
        capture_output=True, text=True, check=False, env={**os.environ, "HOOK": SECRET},
    )  # fmt: skip
    assert "answers: the service lives" in doctor.stdout
    second.end()
    cluster.sql("DROP DATABASE health WITH (FORCE)")
    first.wait(lambda: first.ask("/readyz")[0] == 503)
    assert set(json.loads(first.ask("/readyz")[1])["reasons"]) == {"database"}
    assert first.ask("/healthz")[0] == 200
    first.end()
