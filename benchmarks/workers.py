"""Many workers on one queue: throughput of one and two, and what is left when two of three are killed.

`python -m benchmarks.workers` takes some twenty minutes on two cores; `--targets 60 --hosts 12` less.
Everything runs on one machine: what two workers gain is bounded by its cores. The figure for fifty
workers is arithmetic on the database's own time per run, as it would have to be on fifty machines.
"""

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import psutil
import psycopg

from core.ledger import RunRecord, RunState
from storage.database import open_database
from storage.runs import runs_between
from tests.e2e.conftest import CALM, PROMOTION, Desk, Site, page
from tests.postgres_server import Cluster

PAGES = 4
SILENCE_S = 12
PATIENCE_S = 3_600
ON_PAPER = 50


class Bureau:
    """An installation with its own database, whose targets lie on many addresses of loopback."""

    def __init__(self, cluster: Cluster, site: Site, name: str, targets: int, hosts: int) -> None:
        self.url = cluster.create(name)
        self.targets, self.hosts = targets, hosts
        folder = cluster.folder / f"office_{name}"
        (folder / "targets").mkdir(parents=True)
        (folder / "adwatch.yml").write_text(
            f"contact: mailto:bench@example.cn\nnetwork: {{allow: [127.0.0.0/8]}}\n"
            f"storage: {self.url}\nworkers: procrastinate\n"
        )
        self.desk = Desk(folder)
        for number in range(targets):
            host = number % hosts
            base = f"http://127.0.{host // 250}.{host % 250 + 1}:{site.port}"
            urls = [f"{base}/{number}/{one}.html" for one in range(PAGES)]
            self.desk.target(f"site_{number}", f"spider: article\nstart_urls: {urls}")
        self.desk.adwatch("db", "upgrade")
        self.desk.adwatch("serve", "--once")

    def start(self) -> subprocess.Popen[bytes]:
        options = ("--silence", str(SILENCE_S), "--crawls", "1", "--grace", "0")
        return self.desk.start("worker", *options)

    def ask(self, query: str) -> list[tuple]:
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            return connection.execute(query).fetchall()

    @property
    def left(self) -> int:
        return self.ask("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'failed'")[0][0]

    def runs(self) -> tuple[RunRecord, ...]:
        database = open_database(self.url)
        try:
            return runs_between(database, datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC))
        finally:
            database.close()

    def wait_until_left(self, most: int) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while self.left > most:
            assert time.monotonic() < give_up, f"{self.left} jobs left"
            time.sleep(0.3)


def lay_pages(site: Site, targets: int) -> None:
    for number in range(targets):
        for one in range(PAGES):
            told = PROMOTION if one == 0 else CALM
            text = (f"第{number}号第{one}页。{told[0]}", *told[1:])
            site.put(f"/{number}/{one}.html", page(f"清浦消息第{number}条第{one}页", *text))


@contextmanager
def started(bureau: Bureau, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    workers = [bureau.start() for _ in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGTERM)
        for worker in workers:
            worker.wait(60)


def throughput(bureau: Bureau, workers: int, server: psutil.Process) -> tuple[float, float]:
    """Runs a second while jobs wait for everybody, and the database's seconds of a core a run."""
    with started(bureau, workers):
        bureau.wait_until_left(bureau.targets - workers)  # they have started up
        begun, spent, before = time.monotonic(), core_seconds(server), bureau.left
        bureau.wait_until_left(0)
        took = time.monotonic() - begun
        return before / took, (core_seconds(server) - spent) / before


def core_seconds(server: psutil.Process) -> float:
    """What the server and its processes have worked, those that have ended included."""
    living = [one.cpu_times() for one in server.children()]
    own = server.cpu_times()
    ended = own.children_user + own.children_system
    return ended + sum(times.user + times.system for times in [own, *living])


def kill_two(bureau: Bureau) -> None:
    with started(bureau, 3) as workers:
        for number, victim in enumerate(workers[:2], 1):
            bureau.wait_until_left(bureau.targets * (3 - number) // 3)
            while not is_crawling(victim):
                time.sleep(0.05)
            os.kill(victim.pid, signal.SIGKILL)
            print(f"worker {number} killed while {bureau.left} jobs were left")
        bureau.wait_until_left(0)
    check(bureau)


def is_crawling(worker: subprocess.Popen[bytes]) -> bool:
    children = psutil.Process(worker.pid).children()
    return any("crawler.crawl_process" in child.cmdline() for child in children)


def check(bureau: Bureau) -> None:
    runs = bureau.runs()
    finished = Counter(run.target_id for run in runs if run.state is RunState.FINISHED)
    assert finished == {f"site_{number}": 1 for number in range(bureau.targets)}
    by_host = defaultdict(list)
    for run in runs:
        host = int(run.target_id.removeprefix("site_")) % bureau.hosts
        by_host[host].append((run.started_at, run.ended_at))
    for times in by_host.values():
        assert all(ended <= begun for (_, ended), (begun, _) in pairwise(sorted(times))), times
    pages = bureau.ask("SELECT count(*), count(DISTINCT url) FROM page")[0]
    assert pages == (bureau.targets * PAGES, bureau.targets * PAGES)
    assert bureau.ask("SELECT count(*) FROM observation")[0][0] == bureau.targets * PAGES
    bureau.desk.adwatch("evidence", "verify")
    lost = sum(run.state is RunState.LOST for run in runs)
    print(
        f"{bureau.targets} targets on {bureau.hosts} hosts: each slot finished once, {lost} runs"
        f" lost and taken up, never two on a host, {pages[0]} pages stored once, evidence holds"
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--targets", type=int, default=300)
    options.add_argument("--hosts", type=int, default=60)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="adwatch-workers-"))
    cluster, site = Cluster(folder), Site("0.0.0.0")  # noqa: S104 (all of loopback)
    folder.chmod(0o755)
    cluster.start(fsync=True)
    server = psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))
    print(f"load of the machine when it began: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    try:
        lay_pages(site, chosen.targets)
        few = max(8, chosen.targets // 8)
        one, database_s = throughput(Bureau(cluster, site, "one", few, chosen.hosts), 1, server)
        two, _ = throughput(Bureau(cluster, site, "two", few, chosen.hosts), 2, server)
        print(f"1 worker: {one:.2f} runs/s; 2 workers: {two:.2f} runs/s, {two / one:.2f} times")
        print(f"the database works {database_s * 1000:.0f} ms of a core a run of {PAGES} pages")
        busy = ON_PAPER * one * database_s
        print(
            f"on paper, {ON_PAPER} workers of machines of their own: {ON_PAPER * one:.0f} runs/s"
            f" would keep {busy:.2f} cores of the database busy; one core of it bears"
            f" {1 / database_s:.0f} runs/s"
        )
        kill_two(Bureau(cluster, site, "killed", chosen.targets, chosen.hosts))
    finally:
        site.close()
        cluster.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
