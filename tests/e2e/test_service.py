"""The service as real processes: killed, started twice, on one database, with a clock set back."""

import random
import signal
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event, Lock

import pytest

from core.ledger import RunState
from crawler.schedule import Service
from storage.database import open_database
from storage.runs import runs_between

SEED = 20261201
# Slots of this period last for decades: none ends while a test runs.
ONCE = "spider: article\nevery: 9999d\nstart_urls: ['{0}']"
LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Asked:
    """A page that takes a while; knows how many were asking at once."""

    def __init__(self, body: str) -> None:
        self.now = self.most = 0
        self._body = body.encode()
        self._lock = Lock()

    def __call__(self, connection) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.7)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(self._body)}"
        connection.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode() + self._body)
        with self._lock:
            self.now -= 1


def runs_of(url):
    with closing(open_database(url)) as database:
        return runs_between(database, LONG_AGO, LATER)


def url_of(folder):
    return f"sqlite:///{folder / 'adwatch.db'}"


@pytest.fixture
def article(e2e_pages):
    page, calm, _ = e2e_pages
    return page("清浦街道改造", *calm)


@pytest.mark.slow
def test_a_service_killed_at_random_moments_crawls_each_slot_once(desk, serve_bare, article):
    chance = random.Random(SEED)
    for number in range(3):
        server = serve_bare({"/a": Asked(article)})
        desk.target(f"t{number}", ONCE.format(f"{server.base}/a"))
    desk.adwatch("db", "upgrade")
    for _ in range(3):
        service = desk.start("serve")
        time.sleep(chance.uniform(1.5, 4.5))
        service.kill()
        service.wait()
    desk.adwatch("serve", "--once")
    runs = runs_of(url_of(desk.folder))
    finished = [run.target_id for run in runs if run.state is RunState.FINISHED]
    assert sorted(finished) == ["t0", "t1", "t2"]
    rest = {run.state for run in runs if run.target_id and run.state is not RunState.FINISHED}
    assert rest <= {RunState.LOST}
    assert len({(run.target_id, run.slot) for run in runs}) == len(runs)
    assert len({run.slot.partition("+")[0] for run in runs}) == 1


def test_a_second_service_in_a_folder_is_refused_and_hangup_ends_none(desk, site, article):
    site.put("/a", article)
    desk.target("a", ONCE.format(f"{site.base}/a"))
    service = desk.start("serve")
    try:
        give_up = time.monotonic() + 60
        while not site.asked["/a"]:
            assert time.monotonic() < give_up, desk.log
            time.sleep(0.05)
        refused = desk.adwatch("serve", "--once", expect=5)
        assert "another `adwatch serve` runs" in refused.stderr
        service.send_signal(signal.SIGHUP)
        with pytest.raises(Exception, match="timed out"):
            service.wait(timeout=0.5)
    finally:
        service.terminate()
    assert service.wait(timeout=60) == 0
    assert site.asked["/a"] == 1


@pytest.mark.slow
def test_two_services_on_one_database_crawl_each_slot_once_and_a_host_one_at_a_time(
    desk, serve_bare, article, tmp_path_factory
):
    asked = Asked(article)
    server = serve_bare({f"/{number}": asked for number in range(2)})
    for number in range(2):
        desk.target(f"t{number}", ONCE.format(f"{server.base}/{number}"))
    settings = (desk.folder / "adwatch.yml").read_text() + f"storage: {url_of(desk.folder)}\n"
    other = type(desk)(tmp_path_factory.mktemp("other"))
    (other.folder / "targets").mkdir()
    for folder in (desk.folder, other.folder):
        (folder / "adwatch.yml").write_text(settings)
    for path in (desk.folder / "targets").iterdir():
        (other.folder / "targets" / path.name).write_text(path.read_text())
    desk.adwatch("db", "upgrade")
    services = [one.start("serve", "--once") for one in (desk, other)]
    assert [service.wait(timeout=120) for service in services] == [0, 0]
    desk.adwatch("serve", "--once")
    runs = runs_of(url_of(desk.folder))
    assert sorted(run.target_id for run in runs) == ["t0", "t1"]
    assert {run.state for run in runs} == {RunState.FINISHED}
    assert sum(server.asked[f"/{number}"] for number in range(2)) == 2
    assert asked.most == 1


def test_a_clock_set_back_crawls_no_slot_and_sends_no_digest_twice(desk, site, article):
    site.put("/a", article)
    desk.target("a", f"spider: article\nevery: 1h\nstart_urls: ['{site.base}/a']")
    with (desk.folder / "adwatch.yml").open("a") as file:
        file.write(
            "alerts: {channels: {box: {kind: file, folder: box}}, routes: {digest: [box]}}\n"
            'schedule: {digest: {at: "08:40", days: every_day}}\n'
        )
    today = datetime.now(UTC).date()
    begun = datetime(today.year, today.month, today.day, 0, 55, tzinfo=UTC)  # 08:55 in Shanghai
    clocks = [begun - timedelta(hours=1), begun, begun - timedelta(hours=1), begun]
    sent = []
    for clock in clocks:
        Service(desk.folder, {}, Event(), lambda clock=clock: clock).run(once=True)
        sent.append(len(list((desk.folder / "box").glob("*.txt"))))
    assert sent == [0, 1, 1, 1]
    assert site.asked["/a"] == 2
    assert len(runs_of(url_of(desk.folder))) == 2
