"""Crawls killed with SIGKILL at random moments: the next one completes, nothing lost or doubled."""

import os
import random
import signal
import time

import psutil
import pytest

PAGES = 60
KILLS = 10
SEEDS = (20261123,)


@pytest.fixture
def board(site, desk, e2e_pages):
    """A list of sixty pages: every tenth promotes, each with words of its own."""
    page, calm, promotion = e2e_pages
    paths = [f"/p/{number}.html" for number in range(PAGES)]
    for number, path in enumerate(paths):
        text = (f"第{number}号项目：{promotion[0]}", promotion[1]) if number % 10 == 0 else calm
        site.put(path, page(f"清浦消息第{number}条", f"本页是第{number}页。", *text))
    items = "".join(
        f'<li><a href="{path}">清浦县本周新闻第{number}条：街道改造与居民生活</a></li>'
        for number, path in enumerate(paths)
    )
    site.put("/list", f"<html><body><ul class=list>{items}</ul></body></html>")
    desk.target("board", f"spider: listing\nstart_urls: ['{site.base}/list']")
    return site


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


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_kills_of_the_commands_group_lose_and_double_nothing(board, desk, seed):
    print(f"seed {seed}")  # noqa: T201 (shown when the test fails)
    chance = random.Random(seed)
    for _ in range(KILLS):
        command = desk.start("crawl", "--all")
        time.sleep(chance.uniform(0.3, 6.0))
        os.killpg(command.pid, signal.SIGKILL)
        command.wait()
        desk.adwatch("evidence", "verify")
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
        if "crawler.crawl_start" in process.cmdline()
    )
    child.kill()
    assert command.wait(timeout=60) == 4
    wait_until_gone(desk.folder)


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
