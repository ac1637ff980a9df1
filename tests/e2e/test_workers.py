"""Many workers on one queue: real PostgreSQL, real processes, two of them killed on the way."""

import json
import os
import signal
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from uuid import uuid4

import psutil
import psycopg
import pytest

from core.ledger import RunState
from storage.database import open_database
from storage.runs import runs_between

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("workers")]

HOSTS, TARGETS_A_HOST = 4, 2
SILENCE_S = 8
WORKER = ("worker", "--silence", str(SILENCE_S), "--crawls", "1", "--grace", "0")


@pytest.fixture
def queue_url(cluster):
    name = f"db_{uuid4().hex}"
    yield cluster.create(name, "template_adwatch")
    cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def bureau(desk, queue_url):
    """An installation whose crawls are taken by workers."""
    settings = desk.folder / "adwatch.yml"
    settings.write_text(
        f"{settings.read_text()}storage: {queue_url}\nworkers: procrastinate\n", encoding="utf-8"
    )
    desk.adwatch("db", "upgrade")
    return desk


def lay_sites(site, desk, e2e_pages):
    """Some targets a host, each of two pages, of which one promotes."""
    page, calm, promotion = e2e_pages
    for number in range(HOSTS * TARGETS_A_HOST):
        base = f"http://127.0.0.{number % HOSTS + 1}:{site.port}"
        told = (f"第{number}号项目：{promotion[0]}", promotion[1])
        site.put(f"/{number}/a.html", page(f"清浦消息第{number}条", *told))
        site.put(f"/{number}/b.html", page(f"清浦新闻第{number}条", f"第{number}页。", *calm))
        urls = [f"{base}/{number}/{one}.html" for one in "ab"]
        desk.target(f"site_{number}", f"spider: article\nstart_urls: {urls}")


def all_runs(url):
    database = open_database(url)
    try:
        return runs_between(database, datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC))
    finally:
        database.close()


def jobs_left(url):
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT status::text FROM procrastinate_jobs").fetchall()
    return Counter(row[0] for row in rows)


def wait_for(what, patience_s, why):
    give_up = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < give_up, why()
        time.sleep(0.2)


def is_crawling(worker):
    children = psutil.Process(worker.pid).children()
    return any("crawler.crawl_process" in child.cmdline() for child in children)


def end(workers):
    for one in workers:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGTERM)
    return [one.wait(30) for one in workers]


@pytest.mark.slow
def test_two_of_three_workers_are_killed_and_every_slot_is_crawled_once(
    many_hosts, bureau, queue_url, e2e_pages
):
    lay_sites(many_hosts, bureau, e2e_pages)
    bureau.adwatch("serve", "--once")
    bureau.adwatch("serve", "--once")  # another scheduler: the same slots
    assert jobs_left(queue_url) == {"todo": HOSTS * TARGETS_A_HOST}
    workers = [bureau.start(*WORKER) for _ in range(3)]
    try:
        for victim in workers[:2]:
            wait_for(lambda victim=victim: is_crawling(victim), 90, lambda: jobs_left(queue_url))
            os.kill(victim.pid, signal.SIGKILL)
        wait_for(lambda: not jobs_left(queue_url), 240, lambda: (jobs_left(queue_url), bureau.log))
    finally:
        codes = end(workers)
    assert codes[2] == 0
    runs = all_runs(queue_url)
    finished = Counter(run.target_id for run in runs if run.state is RunState.FINISHED)
    assert finished == {f"site_{number}": 1 for number in range(HOSTS * TARGETS_A_HOST)}
    assert Counter(run.state for run in runs) == {
        RunState.FINISHED: HOSTS * TARGETS_A_HOST,
        RunState.LOST: 2,
    }
    assert_never_two_on_a_host(runs)
    places = [place["url"] for finding in bureau.findings() for place in finding["places"]]
    assert len(places) == len(set(places)) == HOSTS * TARGETS_A_HOST
    bureau.adwatch("evidence", "verify")


def assert_never_two_on_a_host(runs):
    by_host = defaultdict(list)
    for run in runs:
        number = int(run.target_id.removeprefix("site_"))
        by_host[number % HOSTS].append((run.started_at, run.ended_at))
    for times in by_host.values():
        times.sort()
        for (_, ended), (started, _) in pairwise(times):
            assert ended <= started, times


def sql(url, statement):
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


@pytest.mark.soak
@pytest.mark.slow
def test_a_stopped_worker_hands_back_a_missing_target_is_told_and_a_rescan_is_shared(
    many_hosts, bureau, queue_url, e2e_pages
):
    page, _, promotion = e2e_pages
    settings = bureau.folder / "adwatch.yml"
    channel = f"{{kind: file, folder: {bureau.folder}/told}}"
    settings.write_text(
        f"{settings.read_text()}alerts: {{channels: {{duty: {channel}}}, routes: {{operator: [duty]}}}}\n"
    )
    slow = f"http://127.0.0.1:{many_hosts.port}/slow.html"
    many_hosts.put("/slow.html", "", act="hang")
    bureau.target("slow", f"spider: article\nstart_urls: ['{slow}']", limits="timeout_s: 60")
    bureau.target("gone", "spider: article\nstart_urls: ['http://127.0.0.2/']")
    bureau.adwatch("serve", "--once")
    (bureau.folder / "targets" / "gone.yml").unlink()
    sql(queue_url, "UPDATE procrastinate_jobs SET attempts = 3 WHERE args->>'target_id' = 'gone'")

    worker = bureau.start(*WORKER, "--crawls", "2")
    wait_for(lambda: many_hosts.asked["/slow.html"] and jobs_left(queue_url)["failed"] == 1, 90,
             lambda: jobs_left(queue_url))  # fmt: skip
    assert end([worker]) == [0]
    assert jobs_left(queue_url) == {"todo": 1, "failed": 1}
    assert len(sql(queue_url, "SELECT key FROM message WHERE key LIKE 'job-%'")) == 1

    many_hosts.put("/slow.html", page("清浦消息", *promotion))
    worker = bureau.start(*WORKER)
    try:
        wait_for(lambda: not jobs_left(queue_url)["todo"] + jobs_left(queue_url)["doing"], 90,
                 lambda: jobs_left(queue_url))  # fmt: skip
        first, second = all_runs(queue_url)
        assert (first.state, second.state) == (RunState.FAILED, RunState.FINISHED)
        assert second.slot == f"{first.slot}+1"
        sql(queue_url, "UPDATE assessment SET rulebook = repeat('0', 64)")
        sql(queue_url, "UPDATE finding SET rulebook = repeat('0', 64), level = 1")
        rescanned = json.loads(bureau.adwatch("rescan", "--json").stdout)
    finally:
        end([worker])
    assert (rescanned["observations"], rescanned["failed"]) == (1, 0)
    assert jobs_left(queue_url) == {"failed": 1}


@pytest.mark.soak
@pytest.mark.slow
def test_a_worker_whose_database_goes_away_ends_its_crawl_and_begins_it_anew(
    many_hosts, bureau, cluster, queue_url, e2e_pages
):
    page, _, promotion = e2e_pages
    many_hosts.put("/slow.html", "", act="hang")
    slow = f"http://127.0.0.1:{many_hosts.port}/slow.html"
    bureau.target("slow", f"spider: article\nstart_urls: ['{slow}']", limits="timeout_s: 60")
    bureau.adwatch("serve", "--once")
    worker = bureau.start(*WORKER)
    try:
        wait_for(lambda: many_hosts.asked["/slow.html"], 90, lambda: jobs_left(queue_url))
        crawl = next(one for one in psutil.Process(worker.pid).children()
                     if "crawler.crawl_process" in one.cmdline())  # fmt: skip
        cluster.stop()
        try:
            wait_for(lambda: not crawl.is_running(), 60, lambda: bureau.log)
        finally:
            many_hosts.put("/slow.html", page("清浦消息", *promotion))
            cluster.resume()
        assert worker.poll() is None
        wait_for(lambda: not jobs_left(queue_url), 90, lambda: (jobs_left(queue_url), bureau.log))
    finally:
        codes = end([worker])
    assert codes == [0]
    assert [run.state for run in all_runs(queue_url)][-1] is RunState.FINISHED
    assert len(bureau.findings()) == 1
