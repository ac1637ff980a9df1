"""What a preview says to a person and to a program."""

from datetime import UTC, datetime

import pytest

from core.records import Link
from core.target import Robots, Target
from crawler.look_faults import fault_sentence
from crawler.looks import Drop, ListSeen, Look, PageSeen, RobotsSeen, robots_verdict
from crawler.preview_report import is_sound, preview_document, preview_lines
from crawler.printable import json_line, printable

URL = "http://news.example.cn/list"
TARGET = Target(id="t", title="t", spider="listing", start_urls=(URL,))


def page(state: str = "ok", **fields) -> PageSeen:
    values = {
        "url": f"{URL}/1", "state": state, "message": "", "title": "标题", "account": "",
        "published_at": datetime(2026, 11, 20, 20, tzinfo=UTC), "text_chars": 300,
        "encoding": "utf-8", "level": "none", "rendered": False, "elapsed_s": 0.25,
    }  # fmt: skip
    return PageSeen(**(values | fields))


def robots(text: str, status: int = 200) -> RobotsSeen:
    return RobotsSeen("http://news.example.cn/robots.txt", status, text)


@pytest.mark.parametrize(
    ("look", "target", "said"),
    [
        (Look(robots=(robots("User-agent: *"),)), TARGET, "allows"),
        (Look(robots=(robots("", 404),)), TARGET, "none (HTTP 404), so allowed"),
        (Look(drops=(Drop("robots", URL),), robots=(robots("x"),)), TARGET, "refuses"),
        (Look(), TARGET, "could not be asked for"),
        (
            Look(),
            TARGET.model_copy(update={"robots": Robots(obey=False, reason="agreed")}),
            "not obeyed: agreed",
        ),
    ],
)
def test_the_verdict_of_robots_txt_is_said_in_words(look, target, said):
    assert robots_verdict(look, target, URL) == said


def test_only_pages_of_content_count_as_filled():
    look = Look(
        lists=(ListSeen(URL, 9, tuple(Link(f"{URL}/{n}", f"第{n}条") for n in range(9)), (f"{URL}2",), 0.1),),
        pages=(page(), page(account="清浦", published_at=None), page("login", title="", message="请登录")),
        drops=(Drop("http_404", f"{URL}/x"),),
    )  # fmt: skip
    lines = "\n".join(preview_lines(look, TARGET, "Asia/Shanghai"))
    assert "filled  title 2/2, account 1/2, published_at 1/2, text 2/2" in lines
    for said in ("9 links", "… and 4 more", f"goes on at {URL}2", "date 2026-11-21", "请登录",
                 "there is no such page (HTTP 404)"):  # fmt: skip
        assert said in lines
    document = preview_document(look, TARGET)
    assert (document["sound"], document["states"]) == (True, {"ok": 2, "login": 1})
    assert not is_sound(Look(pages=(page("captcha"),)))


@pytest.mark.parametrize(
    "reason", ["http_404", "http_418", "dns", "robots", "private_address", "odd_one"]
)
def test_every_reason_makes_a_sentence_that_begins_with_the_address(reason):
    said = fault_sentence(reason, URL)
    assert said.startswith(f"{URL}: ")
    assert "{" not in said.replace("network: {allow", "").replace("robots: {obey", "")


def test_what_comes_from_a_page_does_not_command_the_terminal():
    assert printable("标题\x1b[31m\n\u202ered\x00") == "标题 [31m  red "
    assert json_line({"a": "\ud83d标"}) == '{"a": "?标"}'
