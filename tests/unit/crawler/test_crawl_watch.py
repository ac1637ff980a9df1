"""A crawl's process that takes too much, takes too long, or is asked to stop."""

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from threading import Event
from uuid import uuid4

import pytest

from core.target import Limits, Target
from crawler import crawl_watch
from crawler.crawl_family import MARK, members
from crawler.crawl_watch import CrawlWatch
from storage.database import open_database
from storage.holds import running_runs
from storage.runs import start_run

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOARD = "b = bytearray(300_000_000); import time; time.sleep(60)"
# Deaf to SIGTERM, with a child in a session of its own.
DEAF = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
    " start_new_session=True); print('up', flush=True); time.sleep(60)"
)


@pytest.fixture
def database(tmp_path):
    with closing(open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)) as opened:
        yield opened


@pytest.fixture
def watch(database, monkeypatch):
    """Starts a program as a crawl and watches it to its end: the code, and why it was ended."""
    monkeypatch.setattr(crawl_watch, "MEMORY_EVERY_S", 0.1)
    monkeypatch.setattr(crawl_watch, "WATCH_EVERY_S", 0.05)
    monkeypatch.setattr(crawl_watch, "BEAT_EVERY_S", 0.0)
    monkeypatch.setattr(crawl_watch, "GRACE_S", 0.5)

    def watched(program, stop, memory_mb=4_096):
        target = Target(
            id="t", title="t", spider="article", start_urls=("http://x.cn/",),
            limits=Limits(memory_mb=memory_mb),
        )  # fmt: skip
        run_id = start_run(database, "t", "s", NOW, target.hosts, "here")
        mark = uuid4().hex
        environment = {**os.environ, MARK: mark}
        why: list[str] = []
        with subprocess.Popen(
            [sys.executable, "-c", program],
            start_new_session=True, env=environment, stdout=subprocess.PIPE,
        ) as child:  # fmt: skip
            if stop.is_set():
                child.stdout.readline()
            is_disk_short = lambda: False  # noqa: E731
            CrawlWatch(database, run_id, target, child, mark, stop, why, is_disk_short).run()
        assert list(members(mark)) == []
        return child.returncode, why

    return watched


def test_more_memory_than_allowed_ends_it_and_until_then_its_run_beats(watch, database):
    assert watch(HOARD, Event(), memory_mb=256) == (-15, ["memory_exceeded"])
    assert running_runs(database)[0].beat_at > NOW


def test_one_that_does_not_hear_is_killed_with_what_it_started_elsewhere(watch):
    stop = Event()
    stop.set()
    assert watch(DEAF, stop) == (-9, ["interrupted"])
