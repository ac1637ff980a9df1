"""A crawl through the real command: incremental, and with everything a site can do wrong."""

import fcntl
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

ADWATCH = str(Path(sys.executable).parent / "adwatch")


def adwatch(office: Path, *command: str, expect: int | None = 0) -> str:
    done = subprocess.run(
        [ADWATCH, "--config", str(office), *command],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    if expect is not None:
        assert done.returncode == expect, (done.returncode, done.stdout, done.stderr, logs(office))
    return done.stdout


def logs(office: Path) -> str:
    return "\n".join(
        path.read_text(errors="replace")[-3000:] for path in office.glob(".adwatch/logs/*.log")
    )


def findings(office: Path) -> list[dict]:
    lines = adwatch(office, "findings", "list", "--json").splitlines()
    return [json.loads(line) for line in lines]


def crawl(office: Path, *ids: str, expect: int | None = 0) -> dict[str, dict]:
    out = adwatch(office, "crawl", *(ids or ("--all",)), "--json", expect=expect)
    return {row["id"]: row for row in json.loads(out)}


def write_target(office: Path, name: str, text: str) -> None:
    (office / "targets" / f"{name}.yml").write_text(
        text + "limits: {delay_s: 0, concurrency: 4, timeout_s: 3}\n", encoding="utf-8"
    )


def listing(site, *paths: str) -> str:
    items = "".join(
        f'<li><a href="{path}">清浦县本周新闻第{number}条：街道改造与居民生活</a>'
        f"<span>2026-11-{number + 1:02}</span></li>"
        for number, path in enumerate(paths)
    )
    return f"<html><body><ul class=list>{items}</ul></body></html>"


@pytest.fixture
def board(site, office, e2e_pages):
    page, calm, promotion = e2e_pages
    paths = [f"/a/{number}.html" for number in range(8)]
    for number, path in enumerate(paths):
        site.put(path, page(f"清浦街道改造第{number}期完工", *calm, f"这是第{number}期的报道。"))
    site.put("/a/3.html", page("共富合伙人招募", *promotion))
    site.put("/a/5.html", page("清浦合伙人招募通知", *promotion))
    site.put("/list", listing(site, *paths))
    write_target(
        office, "board", f"title: 论坛\nspider: listing\nstart_urls: ['{site.base}/list']\n"
    )
    return site


@pytest.mark.slow
def test_an_unchanged_site_is_asked_conditionally_and_flagged_once(board, office, e2e_pages):
    first = crawl(office)["board"]
    assert (first["pages"], first["new"], first["suspect"]) == (8, 8, 2)
    found = findings(office)
    assert len(found) == 1
    assert len(found[0]["places"]) == 2

    second = crawl(office)["board"]
    assert (second["new"], second["changed"], second["unchanged"]) == (0, 0, 8)
    assert all(board.not_modified[f"/a/{number}.html"] == 1 for number in range(8))
    assert board.not_modified["/list"] == 1
    again = findings(office)
    assert [row["id"] for row in again] == [found[0]["id"]]
    assert [row["state"] for row in again] == ["new"]

    page, _, promotion = e2e_pages
    changed = promotion[0].replace("月息两分", "月息三分")
    board.put("/a/3.html", page("共富合伙人招募", changed, promotion[1]))
    adwatch(office, "findings", "decide", str(found[0]["id"]), "dismissed",
            "--reason", "看过", "--by", "test")  # fmt: skip
    third = crawl(office)["board"]
    assert (third["new"], third["changed"], third["unchanged"]) == (0, 1, 7)
    reopened = findings(office)
    assert [row["id"] for row in reopened] == [found[0]["id"]]
    assert reopened[0]["state"] == "reopened"
    adwatch(office, "evidence", "verify")


def test_the_site_learns_who_asks(board, office):
    crawl(office)
    assert all("adwatch" in agent and "test@example.cn" in agent for agent in board.agents)


@pytest.mark.soak
@pytest.mark.slow
def test_everything_a_site_does_wrong_is_counted_and_the_run_goes_on(site, office, e2e_pages):
    page, calm, promotion = e2e_pages
    site.put("/good", page("清浦街道改造", *calm))
    site.put("/promotion", page("合伙人招募", *promotion))
    site.put("/empty", "")
    site.put("/500", "boom", status=500)
    site.put("/reset", "", act="reset")
    site.put("/hang", "", act="hang")
    site.put("/truncated", page("清浦河道整治", *calm), act="truncate")
    site.put("/huge", b"<html><body>" + "<p>清浦</p>".encode() * 5_000_000)
    site.put("/deep", "<div>" * 100_000 + "深处的文字" + "</div>" * 100_000)
    site.put("/image", b"\x89PNG\r\n\x1a\n" + bytes(2_000))
    site.put("/odd", page("清浦\u200b公\u0000告", *calm, "控制\x01字符\x1b[31m与\u202e方向"))
    paths = ["good", "promotion", "empty", "500", "reset", "hang", "truncated", "huge", "deep",
             "image", "odd", "missing"]  # fmt: skip
    urls = ", ".join(f"'{site.base}/{path}'" for path in paths)
    write_target(office, "mixed", f"title: 杂\nspider: article\nstart_urls: [{urls}]\n")
    site.put("/feed", "this is no feed at all")
    write_target(office, "feed", f"title: 源\nspider: feed\nstart_urls: ['{site.base}/feed']\n")
    rows = crawl(office, expect=4)
    mixed = rows["mixed"]
    for reason in ("empty", "http_500", "http_404", "not_html"):
        assert mixed["drops"].get(reason), mixed["drops"]
    # Of twelve addresses each is either a stored page or a counted drop.
    assert mixed["pages"] + sum(mixed["drops"].values()) == len(paths)
    assert mixed["suspect"] == 1
    assert mixed["pages"] >= 3
    assert rows["feed"]["health"] == "empty"
    assert rows["feed"]["drops"], "a feed that is no XML is counted"
    adwatch(office, "evidence", "verify")
    assert len(findings(office)) == 1


@pytest.mark.soak
@pytest.mark.slow
def test_a_second_crawl_of_a_target_under_way_is_refused_with_code_5(site, desk, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/slow", page("慢", *calm), act="hang")
    desk.target("slow", f"spider: article\nstart_urls: ['{site.base}/slow']", "timeout_s: 15")
    first = desk.start("crawl", "slow")
    while not site.asked["/slow"]:
        assert first.poll() is None, desk.log
        time.sleep(0.05)
    second = desk.adwatch("crawl", "slow", expect=None)
    assert second.returncode == 5
    assert "slow: another crawl of this target is under way" in second.stderr
    assert first.poll() is None  # the one under way is left alone
    assert first.wait(timeout=120) == 4  # its page never came


def test_a_locked_target_does_not_hide_what_became_of_the_others(site, desk, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/calm", page("街道改造", *calm))
    for name in ("held", "free"):
        desk.target(name, f"spider: article\nstart_urls: ['{site.base}/calm']")
    locks = desk.folder / ".adwatch" / "locks"
    locks.mkdir(parents=True)
    with (locks / "held.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = desk.adwatch("crawl", "--all", "--json", expect=5)
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert rows["free"]["new"] == 1
    assert rows["held"]["health"] == "never_run"
    assert "held: another crawl of this target is under way" in done.stderr


def test_a_private_address_is_refused_unless_it_is_allowed(site, office, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/inside", page("内网", *calm))
    (office / "adwatch.yml").write_text("contact: x@example.cn\n")
    write_target(
        office, "inside", f"title: 内\nspider: article\nstart_urls: ['{site.base}/inside']\n"
    )
    row = crawl(office, expect=4)["inside"]
    assert row["pages"] == 0
    assert row["drops"]
    assert not site.asked
