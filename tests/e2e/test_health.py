"""A target's health over real crawls: a captcha in place of a list, told once, and no finding lost."""

import json
import sqlite3

import pytest

CAPTCHAS = {
    "environment": "<title>环境异常</title><p>当前环境异常，完成验证后即可继续访问。</p><a href=#>去验证</a>",
    "slider": "<title>安全验证</title><p>请按住滑块，拖动到最右边</p>",
    "code": "<title>请验证</title><p>请输入图片中的验证码</p><input name=c><button>提交</button>",
    "often": "<title>提示</title><p>您的访问过于频繁，请稍后再试</p>",
}


@pytest.fixture
def board(lay_board, desk):
    (desk.folder / "adwatch.yml").write_text(
        "contact: mailto:test@example.cn\nnetwork: {allow: [127.0.0.0/8]}\n"
        "alerts: {channels: {duty: {kind: file, folder: told}}, routes: {operator: [duty]}}\n"
    )
    return lay_board(6, one_in=3)


def told(desk):
    database = sqlite3.connect(desk.folder / "adwatch.db")
    keys = [key for (key,) in database.execute("select key from message order by id")]
    database.close()
    return [key.split(":", 3)[3] for key in keys if key.startswith("health:board:")]


def test_a_captcha_in_place_of_everything_is_raised_told_once_and_closes_nothing(board, desk):
    desk.crawl()
    pages, before = dict(board.pages), desk.findings()
    walls = list(CAPTCHAS.values())
    for number, path in enumerate(pages):
        board.put(path, f"<html><body>{walls[number % len(walls)]}</body></html>")

    first = desk.crawl(expect=4)["board"]
    assert (first["health"], first["raised"], first["pages"]) == ("captcha", False, 0)
    assert told(desk) == []
    second, third = desk.crawl(expect=4)["board"], desk.crawl(expect=4)["board"]
    assert (second["health"], second["raised"], third["raised"]) == ("captcha", True, True)
    assert told(desk) == ["captcha"]
    assert "(raised, since " in desk.adwatch("targets", "list").stdout
    digest = desk.adwatch("digest").stdout
    assert "出现验证码" in digest
    assert "连续出现" in digest
    assert desk.findings() == before

    board.pages = pages
    back = desk.crawl()["board"]
    assert (back["health"], back["unchanged"], back["new"]) == ("ok", 6, 0)
    assert told(desk) == ["captcha", "captcha:ended"]
    states = [(row["id"], row["state"]) for row in desk.findings()]
    assert states == [(row["id"], row["state"]) for row in before]


@pytest.mark.soak
def test_pages_that_turn_into_captchas_are_states_and_never_content(board, desk):
    desk.crawl()
    before = desk.findings()
    paths = [path for path in board.pages if path.startswith("/p/")]
    for path, wall in zip(paths, CAPTCHAS.values(), strict=False):
        board.put(path, f"<html><body>{wall}</body></html>")

    row = desk.crawl(expect=4)["board"]

    assert (row["health"], row["states"]["captcha"], row["changed"]) == ("captcha", 4, 0)
    assert desk.findings() == before
    desk.adwatch("evidence", "verify")


@pytest.mark.soak
def test_a_run_tells_when_something_last_moved(board, desk):
    desk.crawl()
    desk.crawl()
    board.put(
        "/p/new.html", "<html><h1>新</h1><p>清浦县城今年又修好了一条路，路灯也亮了起来。</p></html>"
    )
    text = board.pages["/list"].body.decode()
    board.put(
        "/list",
        text.replace("</ul>", "<li><a href=/p/new.html>清浦县本周新闻又一条：路灯</a></li></ul>"),
    )
    desk.crawl()
    database = sqlite3.connect(desk.folder / "adwatch.db")
    reports = [
        json.loads(text) for (text,) in database.execute("select report from run order by id")
    ]
    database.close()
    first, second, third = reports
    assert (first["news"]["pauses"], second["news"], third["news"]["pauses"]) == (
        0,
        first["news"],
        1,
    )
    assert first["face"] == second["face"] != third["face"]
    assert third["lists"]["at"] > second["lists"]["at"] == first["lists"]["at"]
    assert third["newest_at"].startswith("2026-11-20")


def test_without_space_on_the_disk_nothing_is_crawled_until_there_is_some(site, desk, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/a", page("清浦街道改造", *calm))
    desk.target("one", f"spider: article\nstart_urls: ['{site.base}/a']")
    settings = desk.folder / "adwatch.yml"
    usual = settings.read_text(encoding="utf-8")
    settings.write_text(f"{usual}\ndisk: {{min_free: 900000TB}}\n", encoding="utf-8")
    row = desk.crawl(expect=None)["one"]
    assert (row["health"], row["pages"], site.asked["/a"]) == ("cut_short", 0, 0)
    assert row["drops"] == {"disk_full": 1}
    settings.write_text(usual, encoding="utf-8")
    assert desk.crawl()["one"]["new"] == 1
