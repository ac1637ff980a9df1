"""Targets that are asked, JSON interfaces and searches, through the commands and into the database."""

import json
from contextlib import closing

import pytest

from storage.database import open_database
from storage.intake import known_page

JSON = "application/json"


@pytest.fixture
def interface(site, e2e_pages):
    """Four entries that carry their texts, one of them an advertisement."""
    _, calm, promotion = e2e_pages
    texts = [calm, promotion, calm, calm]
    entries = [
        {"aid": 70 + n, "title": f"第{n}号消息", "content": "".join(f"<p>第{n}号。{one}</p>" for one in text),
         "nickname": "清浦观察", "ctime": 1_763_600_000 + n}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    site.put(
        "/api/list?page=1", json.dumps({"code": 0, "data": {"list": entries}}), content_type=JSON
    )
    site.put("/api/list?page=2", json.dumps({"code": 0, "data": {"list": []}}), content_type=JSON)
    return site


RULE = (
    "api: {items: data.list, fields: {id: aid, title: title, text: content, account: nickname,"
    " published: ctime}, paging: {by: page, param: page}}"
)


def test_entries_are_read_judged_and_stored_once(interface, desk):
    desk.target("api", f"spider: api\nstart_urls: ['{interface.base}/api/list']\n{RULE}")

    first, again = desk.crawl()["api"], desk.crawl()["api"]

    assert (first["health"], first["new"], first["suspect"]) == ("ok", 4, 1)
    assert (again["new"], again["unchanged"]) == (0, 4)
    assert {key: first["states"][key] for key in ("fill_account", "fill_published_at")} == {
        "fill_account": 4, "fill_published_at": 4,
    }  # fmt: skip
    (finding,) = desk.findings()
    assert (finding["title"], finding["account"]) == ("第1号消息", "清浦观察")
    desk.adwatch("evidence", "verify")
    with closing(open_database(f"sqlite:///{desk.folder}/adwatch.db")) as database:
        assert known_page(database, "api", f"{interface.base}/api/list#entry=71").observation_id


def test_a_preview_shows_what_would_be_collected(interface, desk):
    desk.target("api", f"spider: api\nstart_urls: ['{interface.base}/api/list']\n{RULE}")
    found = json.loads(desk.adwatch("targets", "preview", "api", "-n", "2", "--json").stdout)
    assert (found["sound"], found["lists"][0]["count"]) == (True, 4)
    assert [page["title"] for page in found["pages"]] == ["第0号消息", "第1号消息"]
    assert found["pages"][1]["level"] == "high"


def test_a_preview_of_a_wrong_path_says_what_stands_there(interface, desk):
    wrong = RULE.replace("data.list", "data.rows")
    desk.target("api", f"spider: api\nstart_urls: ['{interface.base}/api/list']\n{wrong}")
    done = desk.adwatch("targets", "preview", "api", expect=1)
    assert "data.rows: there is no 'rows' at data, where an object with list stands" in done.stdout
    assert desk.crawl(expect=4)["api"]["health"] == "empty"
    assert "data.rows" in desk.adwatch("targets", "list").stdout


def test_a_json_address_is_proposed_with_paths_that_work(interface, desk):
    done = desk.adwatch("targets", "add", f"{interface.base}/api/list?page=1", "--id", "api")
    text = (desk.folder / "targets" / "api.yml").read_text(encoding="utf-8")
    assert '"items": "data.list"' in text
    assert "spider: api" in text
    assert done.returncode == 0
    row = desk.crawl()["api"]
    assert (row["new"], row["suspect"]) == (4, 1)


def test_pages_of_an_interface_can_be_saved_and_tested(interface, desk):
    desk.target("api", f"spider: api\nstart_urls: ['{interface.base}/api/list']\n{RULE}")
    desk.adwatch("targets", "test", "api", "--save")
    assert "0 fields differ" in desk.adwatch("targets", "test", "api").stderr


def test_a_search_is_previewed_and_its_words_counted(site, desk, e2e_pages):
    page, calm, promotion = e2e_pages
    for number in range(10, 16):
        site.put(
            f"/item/{number}.html", page(f"第{number}条", *(promotion if number == 11 else calm))
        )
    rows = "".join(
        f"<li><a href='/item/{n}.html'>关于保本的第{n}条本地信息</a></li>" for n in range(10, 16)
    )
    site.put("/so?q=%B1%A3%B1%BE", f"<ul class=r>{rows}</ul>".encode("gbk"))
    site.put("/so?q=%D4%AD%CA%BC%B9%C9", "<p>没有找到</p>".encode("gbk"))
    (desk.folder / "targets" / "words.txt").write_text("# 词\n保本\n原始股\n", encoding="utf-8")
    desk.target("so", f"spider: search\nstart_urls: ['{site.base}/so?q={{word}}']\n"
                      "search: {words_file: words.txt, encoding: gbk}")  # fmt: skip

    shown = json.loads(desk.adwatch("targets", "preview", "so", "-n", "3", "--json").stdout)
    assert sorted(one["count"] for one in shown["lists"]) == [0, 6]
    assert len(shown["pages"]) == 3

    row = desk.crawl()["so"]
    assert (row["health"], row["pages"], row["yields"]) == ("ok", 6, {"保本": 6, "原始股": 0})
    assert "1 of 2 words yield nothing: 原始股" in row["detail"]

    site.put("/so?q=%B1%A3%B1%BE", "<p>没有找到</p>".encode("gbk"))
    row = desk.crawl(expect=4)["so"]
    assert row["health"] == "empty"
    assert "none of 2 words yields anything" in row["detail"]
