"""Entries of JSON interfaces, as real crawls of a site on loopback find them."""

import json

import pytest

FIELDS = {"id": "id", "title": "title", "text": "content"}
BARE = {"items": "data.list", "fields": FIELDS}


def entries(*numbers):
    return [
        {
            "id": n,
            "title": f"清浦<em>项目</em>第{n}号",
            "content": f"<p>一万元起投，第{n}期。</p>",
            "link": f"/item/{n}.html",
            "user": {"name": "清浦观察", "by": "王某"},
            "ctime": 1_763_600_000 + n,
            "pics": [{"url": f"/{n}.jpg"}],
        }
        for n in numbers
    ]


def answer(site, path, value, **reply):
    body = value if isinstance(value, str | bytes) else json.dumps(value)
    return site.page(path, body, **{"content_type": "application/json", **reply})


def test_entries_are_observed_with_their_fields(site, crawl):
    start = answer(site, "/api?size=2", {"code": 0, "data": {"list": entries(1, 2)}})
    fields = FIELDS | {"account": "user.name", "author": "user.by", "published": "ctime",
                       "images": "pics.url"}  # fmt: skip

    result = crawl("api", start, api=BARE | {"fields": fields})

    first = result.items[0]
    assert (first["title"], first["author"]) == ("清浦项目第1号", "王某")
    assert first["published_at"] == "2025-11-20T00:53:21+00:00"
    assert first["url"] == f"{start}#entry=1"
    assert "<p>一万元起投，第1期。</p>" in first["body"]
    assert f'<img src="{site.url}/1.jpg">' in first["body"]
    assert '"name": "清浦观察"' in first["body"], "the entry as it came is part of the evidence"
    assert (len(result.items), result.drops) == (2, {})


def test_entries_with_a_page_are_followed_or_named_by_it(site, crawl):
    start = answer(site, "/api", {"data": {"list": entries(1, 2)}})
    for n in (1, 2):
        site.page(f"/item/{n}.html", f"<h1>内容{n}</h1>")
    rule = {"items": "data.list", "fields": {"url": "link", "title": "title"}}

    followed = crawl("api", start, api=rule | {"follow": True})
    carried = crawl("api", start, api=rule)

    assert followed.paths == carried.paths == ["item/1.html", "item/2.html"]
    assert followed.items[0]["body"].startswith("<h1>")
    assert followed.items[0]["title"].startswith("清浦项目")
    assert [item["asked"] for item in carried.items] == [start, start]


def test_request_parameters_and_page_numbers_are_asked(site, crawl):
    for number in (1, 2, 3):
        numbers = range(3 * number, 3 * number + 3)
        path = f"/api?cat=a&kind=%E7%90%86%E8%B4%A2&p={number}"
        answer(site, path, {"data": {"list": entries(*numbers)}})
    rule = BARE | {"params": {"kind": "理财"}, "paging": {"by": "page", "param": "p"}}

    all_of_them = crawl("api", f"{site.url}/api?cat=a", api=rule, next={"pages": 3})
    bounded = crawl("api", f"{site.url}/api?cat=a", api=rule, next={"pages": 2})

    assert (len(all_of_them.items), len(bounded.items)) == (9, 6)
    assert all_of_them.drops == {}


def test_an_offset_counts_entries_and_a_page_without_news_ends_it(site, crawl):
    for offset, numbers in ((0, (1, 2)), (2, (3, 4)), (4, (3, 4))):
        answer(site, f"/api?start={offset}", {"data": {"list": entries(*numbers)}})
    paging = {"by": "offset", "param": "start", "start": 0, "step": 2}

    result = crawl("api", f"{site.url}/api", api=BARE | {"paging": paging}, next={"pages": 50})

    assert len(result.items) == 4
    assert len(site.asked) == 3


def test_a_cursor_is_taken_from_the_answer_until_there_is_no_more(site, crawl):
    def body(cursor, more, *numbers):
        return {"data": {"list": entries(*numbers), "next": cursor, "more": more}}

    start = answer(site, "/api", body("a/b=", 1, 1, 2))
    answer(site, "/api?after=a/b%3D", body("c", True, 3))
    answer(site, "/api?after=c", body("d", 0, 4))
    paging = {"by": "cursor", "param": "after", "path": "data.next", "more": "data.more"}

    result = crawl("api", start, api=BARE | {"paging": paging}, next={"pages": 50})

    assert len(result.items) == 4
    assert result.drops == {}


def test_a_next_link_is_followed_on_the_site_alone(site, crawl):
    start = answer(site, "/api", {"data": {"list": entries(1)}, "links": {"next": "/api2"}})
    away = "https://elsewhere.example.cn/api"
    answer(site, "/api2", {"data": {"list": entries(2)}, "links": {"next": away}})
    paging = {"by": "link", "path": "links.next"}

    result = crawl("api", start, api=BARE | {"paging": paging})

    assert (len(result.items), result.drops) == (2, {"offsite": 1})


@pytest.mark.parametrize(
    "wrapped",
    ["cb({});", "/**/ window.app.cb({})", "var list = {};", "for(;;);{}", ")]}}',\n{}",
     "try{{cb({});}}catch(e){{}}", "cb && cb({})"],
)  # fmt: skip
def test_wrappers_around_json_are_taken_off(site, crawl, wrapped):
    body = wrapped.format(json.dumps({"data": {"list": entries(1)}}))
    start = answer(site, "/api", body, content_type="text/javascript")
    result = crawl("api", start, api=BARE)
    assert (len(result.items), result.drops) == (1, {})


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig", "big5"])
def test_answers_are_read_in_any_encoding(site, crawl, encoding):
    value = {"data": {"list": [{"id": 1, "title": "公司招募合伙人", "content": "一千元起"}]}}
    body = json.dumps(value, ensure_ascii=False).encode(encoding)
    start = answer(site, "/api", body, content_type=f"application/json; charset={encoding}")
    assert crawl("api", start, api=BARE).items[0]["title"] == "公司招募合伙人"


LOGIN = {"code": 401, "msg": "请先登录", "data": None}
HOSTILE = {
    "refused": ({"code": 500, "msg": "系统错误", "data": {"list": entries(1)}}, "api_refused",
                'code: 500 stands there, not 0; the answer says code 500, "系统错误"'),
    "login": (LOGIN, "login", "code: 401 stands there"),
    "captcha": ({"code": 9, "message": "访问过于频繁"}, "captcha", "访问过于频繁"),
    "no list": ({"code": 0, "data": {"rows": []}}, "api_no_list",
                "data.list: there is no 'list' at data, where an object with rows stands"),
    "no list at all": ({"code": 0}, "api_no_list", "there is no 'data' at the top"),
    "null": ({"code": 0, "data": {"list": None}}, "api_not_a_list", "data.list: null stands there"),
    "object": ({"code": 0, "data": {"list": {"a": 1}}}, "api_not_a_list", "an object with a"),
    "empty list": ({"code": 0, "data": {"list": []}}, "list_without_items", "an empty list"),
    "html": ("<html><p>维护中</p></html>", "api_html", "an HTML page stands there"),
    "wall": ("<html><p>当前环境异常，请完成验证</p></html>", "captcha", "HTML page"),
    "broken": ('{"code": 0, "data": {"list": [', "api_not_json", "at character"),
    "text": ("ok", "api_not_json", "no JSON"),
    "trailing": ('{"code": 0} and more', "api_not_json", "after the JSON follows"),
    "binary": (b"\x89PNG\r\n\x1a\n", "api_not_json", "an image"),
    "nested": ("[" * 100_000 + "]" * 100_000, "api_too_deep", "levels deep"),
    "nested a little": ("[" * 150 + "]" * 150, "api_too_deep", "levels deep"),
    "many": ("[" + "1," * 3_000_000 + "1]", "api_too_large", "3000001 values"),
    "number": ('{"code": ' + "9" * 5_000 + "}", "api_number", "too long"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_that_cannot_be_read_is_counted_and_told(site, crawl, name):
    value, reason, said = HOSTILE[name]
    bad = answer(site, "/bad", value)
    good = answer(site, "/good", {"code": 0, "data": {"list": entries(1)}})
    rule = BARE | {"success": {"path": "code", "values": [0]}}
    if name == "captcha":
        rule = BARE

    result = crawl("api", bad, good, api=rule)

    assert result.drops == {reason: 1}
    assert said in result.stats[f"adwatch/said/{reason}"]
    assert len(result.items) == 1, "the next address is unharmed"


def test_entries_of_wrong_types_are_told_by_their_path(site, crawl):
    found = [
        7,
        {"title": "无编号", "content": "一"},
        {"id": 1, "title": ["x"], "content": "二", "when": "昨天晚些时候", "pics": [5]},
        {"id": 2, "title": "", "content": {"html": "三"}},
        {"id": 3, "title": "好", "content": "四", "when": 1e300},
        {"id": float("inf"), "title": "无限", "content": "五"},
        {"id": 3, "title": "又", "content": "六"},
    ]
    fields = FIELDS | {"published": "when", "images": "pics", "author": "by.name"}
    start = answer(site, "/api", {"data": {"list": found}})

    result = crawl("api", start, api=BARE | {"fields": fields})

    assert result.drops == {
        "api_entry_type": 1, "api_no_id": 2, "api_field_type": 6, "api_no_text": 1,
        "api_field_missing": 1,
    }  # fmt: skip
    assert [item["title"] for item in result.items] == ["", "好"]
    for said in ("data.list.0: 7, not an object", "data.list.2.title: a list of 1 stands there",
                 "data.list.2.when: the text '昨天晚些时候' stands there, which is no date",
                 "data.list.2.pics: 5 stands there, not an address",
                 "data.list.3.content: an object with html stands there",
                 "author: no entry has it; by.name: there is no 'by' at the top"):  # fmt: skip
        assert said in result.log


def test_text_that_came_escaped_or_plain_is_text_all_the_same(site, crawl):
    found = [
        {"id": 1, "title": "a", "content": "&lt;p&gt;本金&lt;b&gt;安全&lt;/b&gt;&lt;/p&gt;"},
        {"id": 2, "title": "b", "content": "收益 < 三成\n第二行 & 更多"},
        {"id": 3, "title": "c", "content": ["第一段", "第二段"]},
        {"id": 4, "title": "</title><script>x()</script>d", "content": "</script><p>四</p>"},
    ]
    start = answer(site, "/api", {"data": {"list": found}})

    bodies = [item["body"] for item in crawl("api", start, api=BARE).items]

    assert "<p>本金<b>安全</b></p>" in bodies[0]
    assert "<p>收益 &lt; 三成</p><p>第二行 &amp; 更多</p>" in bodies[1]
    assert "<p>第一段</p><p>第二段</p>" in bodies[2]
    assert "<title>x()d</title>" in bodies[3] or "<title>d</title>" in bodies[3]
    assert bodies[3].count("</script>") == 2, "the kept source cannot end its own element"
