"""Crawls killed with SIGKILL at random moments: the next one completes, nothing lost or doubled."""

import os
import random
import signal
import time
from contextlib import closing, suppress

import psutil
import pytest

from storage.audit import verify_evidence
from storage.database import open_database
from storage.evidence import EvidenceStore

pytestmark = pytest.mark.own_readers

PAGES = 60
SEED = 20261123


@pytest.fixture
def board(lay_board):
    """A list of sixty pages: every tenth promotes, each with words of its own."""
    return lay_board(PAGES, one_in=10)


def processes_of(folder):
    """Crawl processes and readers that work in an installation's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder) and "python" in process.name():
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until_gone(folder, patience_s=10):
    give_up = time.monotonic() + patience_s
    while left := processes_of(folder):
        assert time.monotonic() < give_up, [process.cmdline() for process in left]
        time.sleep(0.1)


def kill_tree(command):
    """SIGKILL to a command and to all that it has started."""
    victims = psutil.Process(command.pid).children(recursive=True)
    command.kill()
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.kill()


def kill_group(command):
    os.killpg(command.pid, signal.SIGKILL)


def verify(folder):
    """What `adwatch evidence verify` finds, without its start; nothing where nothing was stored."""
    if (folder / "adwatch.db").exists():
        with closing(open_database(f"sqlite:///{folder / 'adwatch.db'}")) as database:
            assert verify_evidence(database, EvidenceStore(folder / "evidence")).holds


@pytest.mark.slow
def test_ten_kills_of_a_crawl_lose_and_double_nothing(board, desk):
    chance = random.Random(SEED)
    desk.adwatch("db", "upgrade")
    for kill in [kill_tree, kill_group] * 5:
        command = desk.start("crawl", "--all")
        time.sleep(chance.uniform(0.3, 4.5))
        kill(command)
        command.wait()
        verify(desk.folder)
    final = desk.crawl()["board"]
    assert final["pages"] == PAGES
    assert (final["health"], final["drops"]) == ("ok", {})
    desk.adwatch("evidence", "verify")
    places = [place["url"] for finding in desk.findings() for place in finding["places"]]
    assert sorted(places) == sorted(f"{board.base}/p/{n}.html" for n in range(0, PAGES, 10))
    again = desk.crawl()["board"]
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, PAGES)


def test_a_crawl_ends_with_the_command_that_was_killed(board, desk):
    command = desk.start("crawl", "--all")
    give_up = time.monotonic() + 60
    while not any(path.startswith("/p/") for path in board.asked):
        assert time.monotonic() < give_up, desk.log
        time.sleep(0.02)
    os.kill(command.pid, signal.SIGKILL)
    command.wait()
    wait_until_gone(desk.folder)


def test_a_killed_crawl_process_is_a_failed_run_and_its_readers_are_gone(board, desk):
    command = desk.start("crawl", "--all")
    give_up = time.monotonic() + 60
    while not any(path.startswith("/p/") for path in board.asked):
        assert time.monotonic() < give_up, desk.log
        time.sleep(0.02)
    child = next(
        process
        for process in psutil.Process(command.pid).children()
        if "crawler.crawl_process" in process.cmdline()
    )
    child.kill()
    assert command.wait(timeout=60) == 4
    wait_until_gone(desk.folder)


@pytest.mark.soak
@pytest.mark.slow
def test_an_interrupted_crawl_ends_soon_though_the_site_hangs(site, desk):
    site.put("/slow", "", act="hang")
    desk.target("slow", f"spider: article\nstart_urls: ['{site.base}/slow']", "timeout_s: 60")
    command = desk.start("crawl", "slow")
    give_up = time.monotonic() + 60
    while not site.asked["/slow"]:
        assert time.monotonic() < give_up, desk.log
        time.sleep(0.05)
    os.kill(command.pid, signal.SIGINT)
    assert command.wait(timeout=40) == 130
    wait_until_gone(desk.folder)
