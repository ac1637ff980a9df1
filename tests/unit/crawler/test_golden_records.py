"""Saved pages and their golden records: written, read again, compared field by field."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import LookError
from core.records import Capture
from core.target import Target
from crawler.capture_document import capture_document, capture_from
from crawler.golden_records import (
    SavedPage,
    differences,
    load_saved,
    read_record,
    refuse_unfit,
    saved_pages,
    write_saved,
)
from crawler.list_reading import read_list

ZONE = "Asia/Shanghai"
BASE = "http://news.example.cn"


def capture(body: str, path: str = "/list") -> Capture:
    return Capture(
        BASE + path, BASE + path, 200, (("Content-Type", "text/html; charset=utf-8"),),
        datetime(2026, 11, 24, 4, tzinfo=UTC), body.encode(),
    )  # fmt: skip


def target(spider: str = "listing", **more) -> Target:
    return Target(id="t", title="t", spider=spider, start_urls=(f"{BASE}/list",), **more)


ROWS = "".join(
    f"<li><a href='/i/{n}.html'>清浦县第{n}批便民信息</a> 11-20</li>" for n in range(100, 110)
)
LIST = (
    f"<html><body><ul class='news'>{ROWS}</ul><a class=next href='/list_2'>下一页</a></body></html>"
)
PAGE = (
    "<html><head><title>街道改造_清浦网</title></head><body><h1>街道改造</h1><p>2026-11-20 23:12</p>"
    "<div class='c'><p>清浦县城今年完成了三条街道的改造，路面平整，路灯也换成了新的，招牌统一做了清洗。</p></div></body></html>"
)


def test_a_list_and_its_item_are_written_and_read_the_same(tmp_path):
    pages = saved_pages(target(), [capture(LIST), capture(PAGE, "/i/100.html")])
    assert [(one.role, one.title_hint) for one in pages] == [
        ("list", ""),
        ("page", "清浦县第100批便民信息"),
    ]
    for one in pages:
        record = read_record(target(), one, ZONE)
        refuse_unfit(one, record)
        write_saved(tmp_path, one, record)
    again = load_saved(tmp_path)
    assert list(again) == ["list", "page"]
    for name, (saved, was) in again.items():
        assert list(differences(name, was, read_record(target(), saved, ZONE))) == []
    assert again["list"][1]["further"] == [f"{BASE}/list_2"]
    assert len(again["list"][1]["links"]) == 10
    assert again["page"][1]["published_day"] == "2026-11-20"
    assert again["page"][1]["body_chars"] > 20


def test_a_selector_that_finds_less_differs_in_its_links():
    saved = SavedPage("list", capture(LIST))
    was = read_record(target(), saved, ZONE)
    narrow = target(links={"css": "li:first-child a"})
    found = list(differences("list", was, read_record(narrow, saved, ZONE)))
    assert [one.field for one in found] == ["links", "further"] or [one.field for one in found] == [
        "links"
    ]
    assert found[0].was.startswith("10, 9 gone: http://news.example.cn/i/101.html")
    assert "and 6 more" in found[0].was
    assert found[0].now == "1, none new"


def test_a_field_that_is_gone_or_new_is_said_as_nothing():
    was, now = {"title": "甲", "links": ["a", "b"]}, {"title": "", "links": ["b", "a"]}
    found = {one.field: (one.was, one.now) for one in differences("page", was, now)}
    assert found["title"] == ("甲", "nothing")
    assert found["links"] == ("2 in that order", "2 in another order or number")


@pytest.mark.parametrize(
    ("saved", "word"),
    [
        (SavedPage("list", capture("<p>请登录</p>")), "nothing is found on this list"),
        (SavedPage("page", capture("<h1>请先登录后查看</h1><input type=password>")), "login"),
        (SavedPage("page", capture("")), "empty"),
    ],
)
def test_pages_that_are_not_what_is_watched_are_not_saved(saved, word):
    with pytest.raises(LookError, match=word):
        refuse_unfit(saved, read_record(target(), saved, ZONE))


def test_a_broken_record_is_an_error_that_names_the_file(tmp_path):
    one = SavedPage("page", capture(PAGE))
    path = write_saved(tmp_path, one, read_record(target(), one, ZONE))
    path.write_text("{", encoding="utf-8")
    with pytest.raises(LookError, match=r"page\.json: not a golden record"):
        load_saved(tmp_path)
    path.write_text(json.dumps({"record": {}}), encoding="utf-8")
    with pytest.raises(LookError, match="not a golden record"):
        load_saved(tmp_path)


def test_a_capture_survives_its_document():
    whole = replace(capture(PAGE), redirects=("http://a.cn/",), server_address="1.2.3.4:80")
    assert capture_from(json.loads(json.dumps(capture_document(whole))), whole.body) == whole


@pytest.mark.parametrize(
    ("spider", "body", "items"),
    [
        ("feed", "<rss><channel><item><link>/1</link><title>一</title></item></channel></rss>", 1),
        ("sitemap", "<urlset><url><loc>http://news.example.cn/1</loc></url></urlset>", 1),
        ("listing", LIST, 10),
        ("listing", "<p>x</p>", 0),
    ],
)
def test_lists_of_every_kind_are_read_without_a_crawl(spider, body, items):
    reading = read_list(target(spider), capture(body))
    assert len(reading.items) == items
    assert bool(reading.drops) == (items == 0)
    assert not reading.is_content


def test_an_official_accounts_article_is_content_where_a_list_could_be():
    body = "<div id='js_content'><p>正文</p></div><script>var msg_title = 'x';</script>"
    (saved,) = saved_pages(target("wechat"), [capture(body)])
    assert saved.role == "page"
