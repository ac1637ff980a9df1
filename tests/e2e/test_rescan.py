"""Rescans by the command, after an update that changed the rules."""

import importlib.util
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.records import Level
from storage.database import open_database
from storage.intake import save_observation
from storage.runs import start_run
from storage.tables import assessment, finding, place, rescan_finding

pytestmark = pytest.mark.own_readers

ROOT = Path(__file__).resolve().parents[2]
PAGES = 8
STORED = 700
PROMISE = "一万元起投，月息两分，到期还本付息，保本保息，本金绝对安全，加微信 qingpu_8866 咨询"


@pytest.fixture
def board(lay_board):
    """A list of pages of which every other one promotes, each with words of its own."""
    return lay_board(PAGES, one_in=2)


@pytest.fixture
def rules(tmp_path_factory, monkeypatch):
    """Switches between today's rules and ones that hardly suspect anything."""
    folder = tmp_path_factory.mktemp("weak")
    shutil.copytree(ROOT / "classifiers", folder / "classifiers")
    shutil.rmtree(folder / "classifiers" / "model")
    for path in (folder / "classifiers" / "rules").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("status: active", "status: trial"), encoding="utf-8")

    def switch(kind):
        before = f"{folder}:" if kind == "weak" else ""
        monkeypatch.setenv("PYTHONPATH", f"{before}{ROOT}")

    monkeypatch.chdir(folder.parent)  # a process started by a module's name looks here first
    switch("today")
    return switch


def rescan(desk, *options):
    return json.loads(desk.adwatch("rescan", "--json", *options).stdout)


def digest(desk):
    return json.loads(desk.adwatch("digest", "--json").stdout)["findings"]


def test_an_update_of_the_rules_finds_and_lifts_what_is_stored(board, desk, rules):
    rules("weak")
    assert desk.crawl()["board"]["pages"] == PAGES
    assert desk.findings() == []
    rules("today")
    asked = dict(board.asked)
    found = rescan(desk)
    assert found["observations"] >= PAGES
    assert found["failed"] == 0
    assert len(found["new"]) >= 1
    assert found["lifted"] == found["raised"] == []
    assert {item["id"] for item in found["new"]} == {item["id"] for item in desk.findings()}
    assert sorted(url for item in found["new"] for url in item["urls"]) == sorted(
        f"{board.base}/p/{number}.html" for number in range(0, PAGES, 2)
    )
    assert dict(board.asked) == asked
    assert digest(desk) == [item["id"] for item in desk.findings()]
    assert rescan(desk)["observations"] == 0

    decided = str(found["new"][0]["id"])
    desk.adwatch("findings", "decide", decided, "confirmed", "--reason", "看过", "--by", "王")
    rules("weak")
    said = desk.adwatch("rescan").stdout
    states = {str(item["id"]): item["state"] for item in desk.findings()}
    assert states.pop(decided) == "confirmed"
    assert set(states.values()) <= {"lifted"}
    assert f"{len(states)} lifted" in said


MOMENTS = {"assessed_at", "turned_at", "lifted_at"}


def rows(path):
    """All that a rescan may change, without the moments at which it did."""
    database = open_database(f"sqlite:///{path}")
    with database.reading() as connection:
        found = {
            table.name: sorted(
                str({key: value for key, value in row.items() if key not in MOMENTS})
                for row in connection.execute(table.select()).mappings()
            )
            for table in (assessment, finding, place, rescan_finding)
        }
    database.close()
    return found


@pytest.fixture
def samples():
    path = ROOT / "tests" / "unit" / "storage" / "samples.py"
    spec = importlib.util.spec_from_file_location("storage_samples", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shelf(desk, samples):
    """A database with pages as a crawl stores them, judged by rules of long ago; its path."""
    path = desk.folder / "adwatch.db"
    database = open_database(f"sqlite:///{path}", create=True)
    start_run(database, "town", "first", samples.START)
    for number in range(STORED):
        blocks = [samples.Block(f"第{number}页。" + samples.SHOP * 30, Level.NONE, 0.0)]
        if number % 7 == 0:
            blocks.append(samples.Block(f"第{number}号项目{PROMISE}", Level.NONE, 0.0))
        if number % 11 == 0:
            blocks.append(samples.Block(f"{number}{samples.SHOP}{chr(0x4E00 + number) * 30}"))
        save_observation(database, samples.observe(f"http://a.example/{number}", *blocks))
    database.close()
    return path


def judged(path):
    return len(rows(path)["assessment"]) - STORED


@pytest.mark.slow
@pytest.mark.parametrize(
    "end",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGINT, marks=pytest.mark.soak),
        pytest.param(signal.SIGTERM, marks=pytest.mark.soak),
    ],
)
def test_a_rescan_that_is_ended_goes_on_to_the_same_end(desk, shelf, end, tmp_path):
    untouched = shutil.copyfile(shelf, tmp_path / "untouched.db")
    command = desk.start("rescan", "--jobs", "2")
    give_up = time.monotonic() + 60
    while judged(shelf) < 100:
        assert time.monotonic() < give_up
        assert command.poll() is None
        time.sleep(0.01)
    workers = psutil.Process(command.pid).children()
    os.kill(command.pid, end)
    assert command.wait(timeout=60) == (-9 if end is signal.SIGKILL else 130)
    assert psutil.wait_procs(workers, timeout=10)[1] == []
    assert 0 < judged(shelf) < STORED
    assert judged(shelf) % 100 == 0  # portions are kept whole

    resumed = rescan(desk)
    after = rows(shelf)
    for name in ("adwatch.db-wal", "adwatch.db-shm"):
        (desk.folder / name).unlink(missing_ok=True)
    shutil.copyfile(untouched, shelf)
    assert rescan(desk) == resumed
    assert rows(shelf) == after
    assert resumed["observations"] == STORED
    assert resumed["new"]
    assert resumed["lifted"]


def test_an_unknown_target_is_a_usage_error(desk):
    desk.target("board", "spider: listing\nstart_urls: ['http://127.0.0.1/']")
    done = desk.adwatch("rescan", "--target", "bord", expect=2)
    assert "did you mean" in done.stderr.lower()
