import json
import random
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spiders.decode import decode
from spiders.links import discover_links

_PAGES = Path(__file__).parents[3] / "../shared/data/pages"
_BASE = "https://www.town.example/news/"
_WORDS = (
    "市场监管部门提醒居民注意投资理财风险社区活动本周开放报名"
    "医院新增门诊学校公布招生办法公交线路调整通知"
)


def _title(number, least=10):
    rng = random.Random(number)
    start = rng.randrange(len(_WORDS) - 20)
    return f"{_WORDS[start : start + least + rng.randrange(8)]}之{number}"


def _urls(number=12, path="/news/2026/art_{}.html"):
    return [path.format(1_000 + index) for index in range(number)]


_CHROME = (
    "<div class='nav'>"
    + "".join(f"<a href='/c{n}/'>频道{n}</a>" for n in range(30))
    + "</div><div class='hot-right'><ul>"
    + "".join(f"<li><a href='/hot/{n}00.html'>{_title(n + 500, 6)}</a></li>" for n in range(8))
    + "</ul></div><div class='footer'>"
    + "".join(f"<a href='https://f{n}.example/'>友情链接单位第{n}号官方网站</a>" for n in range(20))
    + "</div>"
)


def _wrapped(middle):
    return f"<html><body>{_CHROME}<div class='main'>{middle}</div></body></html>"


def _plain_list(urls):
    return (
        "<ul class='list'>"
        + "".join(
            f"<li><a href='{u}'>{_title(i)}</a><span>2026-11-{i + 1:02}</span></li>"
            for i, u in enumerate(urls)
        )
        + "</ul>"
    )


def _table(urls):
    rows = "".join(
        f"<tr><td>{i}</td><td><a href='{u}' target='_blank'>{_title(i)}</a></td>"
        f"<td><a href='/user/{i}'>发布人{i}</a></td><td>11-{i + 1:02}</td></tr>"
        for i, u in enumerate(urls)
    )
    return f"<table class='t'><tbody>{rows}</tbody></table>"


def _categories_before_titles(urls):
    return (
        "<ul>"
        + "".join(
            f"<li>[<a href='/c/{i % 4}/'>家政服务</a>] <a href='{u}'>{_title(i)}</a>"
            f" 11-{i + 1:02}</li>"
            for i, u in enumerate(urls)
        )
        + "</ul>"
    )


def _cards(urls):
    return "".join(
        f"<div class='card {'card-big' if i == 0 else ''}'>"
        f"<a class='pic' href='{u}'><img src='x.jpg'></a>"
        f"<h3><a href='{u}'>{_title(i)}</a></h3><p>摘要文字……</p>"
        f"<a class='tag' href='/t/{i % 3}'>标签</a><a class='tag' href='/t/9'>房产</a>"
        f"<em>{i + 1}小时前</em></div>"
        for i, u in enumerate(urls)
    )


def _wrapping_anchors(urls):
    return "".join(
        f"<a class='item' href='{u}'><div><strong>{_title(i)}</strong><p>面议 {i}楼</p></div></a>"
        for i, u in enumerate(urls)
    )


def _definition_list(urls):
    return (
        "<dl>"
        + "".join(
            f"<dt><a href='{u}'>{_title(i)}</a></dt><dd>11月{i + 1}日</dd>"
            for i, u in enumerate(urls)
        )
        + "</dl>"
    )


def _broken_into_fives(urls):
    chunks = [urls[start : start + 5] for start in range(0, len(urls), 5)]
    return "".join(_plain_list(chunk) for chunk in chunks)


@pytest.mark.parametrize(
    "layout",
    [
        _plain_list,
        _table,
        _categories_before_titles,
        _cards,
        _wrapping_anchors,
        _definition_list,
        _broken_into_fives,
    ],
)
@pytest.mark.parametrize("path", ["/news/2026/art_{}.html", "/thread-{}-1-1.html", "/p?id={}"])
def test_the_main_list_is_found_in_any_layout(layout, path):
    urls = _urls(path=path)

    found = discover_links(_wrapped(layout(urls)), _BASE)

    assert [urlsplit(link.url)._replace(scheme="", netloc="").geturl() for link in found] == urls


def test_a_link_carries_its_full_text():
    html = _wrapped(
        "<ul>"
        + "".join(
            f"<li><a href='{u}' title='{_title(i, 14)}'>{_title(i, 14)[:9]}...</a> 11-0{i}</li>"
            for i, u in enumerate(_urls(8))
        )
        + "</ul>"
    )
    assert [link.text for link in discover_links(html, _BASE)] == [_title(i, 14) for i in range(8)]


def test_items_that_are_marked_up_differently_belong_to_the_list():
    items = "".join(
        f"<li class='{'top first' if i < 2 else 'row'}'>{'<b>' if i == 5 else ''}"
        f"<h3><a class='{'red' if i % 4 == 0 else ''}' href='{u}'>{_title(i)}</a></h3></li>"
        for i, u in enumerate(_urls())
    )
    assert len(discover_links(_wrapped(f"<ul class='posts'>{items}</ul>"), _BASE)) == 12


def test_a_list_in_a_comment_is_found():
    hidden = f"<code id='x'><!--{_plain_list(_urls())}--></code>"
    assert len(discover_links(_wrapped(hidden), _BASE)) == 12


@pytest.mark.parametrize(
    "template",
    ["<script>var page = {};</script>", "<script type='application/json'>{}</script>"],
)
def test_a_list_in_a_script_is_found(template):
    records = [
        {"id": i, "title": _title(i), "url": u.replace("?", "&amp;"), "tags": [{"name": "x"}]}
        for i, u in enumerate(_urls())
    ]
    data = json.dumps({"data": {"list": records}}, ensure_ascii=False)
    html = f"<body><div class='nav'><a href='/a'>首页</a></div>{template.format(data)}</body>"

    found = discover_links(html, _BASE)

    assert [link.text for link in found] == [_title(i) for i in range(12)]


def test_a_list_in_the_document_is_preferred_to_the_script_that_repeats_it():
    data = json.dumps([{"title": "另外的内容", "url": f"/x/{i}"} for i in range(50)])
    html = _wrapped(_plain_list(_urls())) + f"<script>var d = {data};</script>"
    assert len(discover_links(html, _BASE)) == 12


def test_a_base_element_is_obeyed():
    html = "<base href='https://cdn.town.example/x/'>" + _plain_list(_urls(path="art_{}.html"))
    assert discover_links(html, _BASE)[0].url == "https://cdn.town.example/x/art_1000.html"


@pytest.mark.parametrize("html", ["", "<", "no markup", "<a href='/x'>一</a>", "\x00" * 50])
def test_a_page_without_a_list_has_no_links(html):
    assert discover_links(html, _BASE) == ()


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "<a href='/x'>深</a>",
        "<ul>" + "<li><a href='/a1'>" * 100_000,
        "<div><p>" * 500 + "".join(f"<font color={n}>" for n in range(400)) + "<p>x" * 900_000,
        "<!--" * 1_000_000,
        "<b><i>" * 50_000 + "".join(f"<a href='/{n}.html'>标题内容在这里{n}" for n in range(2_000)),
        "".join(f"<a href='/{n}.html'>很长的标题文字内容{n}</a>" for n in range(1_000_000)),
        "<script>var a = " + "[" * 100_000 + "</script>",
        '<script>var a = [{url": ' * 20_000 + "</script>",
        "<!--" + "<a <a <a" * 300_000,
        "<p>" + "<div class=x><a href='/1.html'>" * 30_000 + "文" * 300_000,
        "<table>" * 5_000 + "<a href='/1'>x</a>",
    ],
    ids=[
        "deep",
        "unclosed",
        "reopened",
        "comments",
        "formatting",
        "million",
        "json",
        "starts",
        "comment",
        "text",
        "tables",
    ],
)
def test_hostile_markup_is_read_in_bounded_time(html):
    started = time.monotonic()
    found = discover_links(html, _BASE)
    assert time.monotonic() - started < 20
    assert len(found) <= 20_000


@pytest.mark.shared
@pytest.mark.skipif(not _PAGES.is_dir(), reason="the folder of real pages is absent")
def test_real_lists_are_found():
    rows = [json.loads(row) for row in (_PAGES / "list_gold.jsonl").read_text("utf-8").splitlines()]
    shares = []
    for row in rows:
        text = decode((_PAGES / row["file"]).read_bytes(), None).text
        found = {urlsplit(link.url).path for link in discover_links(text, "http://base.invalid/")}
        gold = {"/" + urlsplit(item["href"]).path.lstrip("/") for item in row["items"]}
        shares.append(2 * len(found & gold) / max(1, len(found) + len(gold)))
    assert sum(shares) / len(shares) > 0.9
