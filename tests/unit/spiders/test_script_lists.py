"""Lists that no link of the document leads to: they stand in scripts, templates and JSON."""

import json
import time
from urllib.parse import quote

import pytest

from core.target import LinkRule
from spiders.hidden_markup import hidden_markup
from spiders.js_literal import LiteralFault, LiteralReader
from spiders.links import discover_links
from spiders.listing import list_links

BASE = "https://news.example.cn/list"
ROWS = [(f"/item/{1000 + n}.html", f"清浦县第{n}批便民信息公布") for n in range(8)]
URLS = [f"https://news.example.cn{path}" for path, _ in ROWS]
STATE = {
    "page": {"user": None},
    "list": [{"id": n, "articleUrl": u, "title": t, "coverUrl": f"/{n}.jpg"} for n, (u, t) in enumerate(ROWS)],
}  # fmt: skip
TEXT = json.dumps(STATE)
MARKUP = "".join(f"<li><a href='{url}'>{title}</a></li>" for url, title in ROWS)
BARE = ",".join(f"{{id:{n},url:'{url}',title:'{title}',}}" for n, (url, title) in enumerate(ROWS))


def page(inside):
    menu = "".join(f"<a href='/c{n}'>栏目</a>" for n in range(3))
    return f"<html><body><div class=nav>{menu}</div>{inside}<p>清浦网</p></body></html>"


SCRIPTS = {
    "state": f"window.__INITIAL_STATE__={TEXT};(function(){{var s;}}());",
    "undefined": "window.__STATE__=" + TEXT.replace("null", "undefined"),
    "parsed": f"window.__DATA__ = JSON.parse({json.dumps(TEXT)});",
    "parsed single": "window.__DATA__ = JSON.parse('" + TEXT.replace("\\", "\\\\") + "');",
    "encoded": 'var d=JSON.parse(decodeURIComponent("%s"))',
    "bare keys": f"var list = [{BARE}];",
    "argument": f"render('list', {{total: 8, rows: [{BARE}]}}); // 列表",
    "nested call": f'__NUXT__=(function(a,b){{return {{layout:"x",data:[{{rows:[{BARE}]}}]}}}}(1,2))',
    "after noise": "var a=[1,2];f({x:y()});" * 30 + f"var list={TEXT}",
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_list_in_a_script_is_found_however_it_is_written(name):
    script = SCRIPTS[name].replace("%s", quote(TEXT))
    found = discover_links(page(f"<script>{script}</script>"), BASE)
    assert [link.url for link in found] == URLS
    assert found[0].text == ROWS[0][1]


HOLDERS = {
    "comment": f"<div class=box><!-- <ul>{MARKUP}</ul> --></div>",
    "script template": f"<script type='text/template' id=t><ul>{MARKUP}</ul></script>",
    "text/html": f"<script type=text/html><ul>{MARKUP}</ul></script>",
    "template": f"<template><ul>{MARKUP}</ul></template>",
    "textarea": f"<textarea style='display:none'>&lt;ul&gt;{MARKUP.replace('<', '&lt;')}</textarea>",
    "json": f"<script>FM.view({json.dumps({'ns': 'x', 'html': f'<ul>{MARKUP}</ul>'})})</script>".replace(
        "</a>", "<\\/a>"
    ).replace("</li>", "<\\/li>").replace("</ul>", "<\\/ul>"),
    "json escaped": "<script>FM.view({'html': '"
    + f"<ul>{MARKUP}</ul>".replace("'", "\\x27").replace("<", "\\u003c") + "'})</script>",
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDERS)
def test_a_list_in_markup_for_a_script_is_found_with_and_without_a_selector(name):
    html = page(HOLDERS[name])
    assert [link.url for link in discover_links(html, BASE)] == URLS
    assert [link.url for link in list_links(html, BASE, LinkRule(css="ul li a"))] == URLS
    assert [link.url for link in list_links(html, BASE, LinkRule(allow="/item/"))][-8:] == URLS


def test_a_pattern_finds_addresses_in_scripts_too():
    html = page(f"<script>{SCRIPTS['state']}</script>")
    assert set(URLS) <= {link.url for link in list_links(html, BASE, LinkRule(allow="/item/"))}


def test_pictures_and_menus_are_no_items():
    channels = [{"channelUrl": f"/c{n}", "name": f"栏目{n}"} for n in range(30)]
    data = json.dumps({"menu": channels, **STATE})
    found = discover_links(page(f"<script>window.x={data}</script>"), BASE)
    assert [link.url for link in found] == URLS


def test_a_template_that_no_script_has_filled_is_no_list():
    rows = "".join(
        f"<li><a href='/item/{{{{id{n}}}}}'>{{{{title}}}} 关于本地</a></li>" for n in range(8)
    )
    assert discover_links(f"<script type='text/template'>{rows}</script>", BASE) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a:1,'b':[.5,-2e3,],c:!0,d:undefined,}", {"a": 1, "b": [0.5, -2000.0], "c": True, "d": None}),
        ("['\\u4e00\\x41\\n\\'', `x`]", ["一A\n'", "x"]),
        ("{/* c */ $k: void 0, // d\n 2: null}", {"$k": None, "2": None}),
        ("['\\ud83d\\udcb0']", ["💰"]),
    ],
)  # fmt: skip
def test_literals_are_read_as_javascript_does(text, value):
    assert LiteralReader().read(text, 0) == (value, len(text))


@pytest.mark.parametrize("text", ["{a:f()}", "{a b}", "[1", "{a:'x}", "{a:1+1}", "[" * 5_000])
def test_what_is_no_literal_is_refused(text):
    with pytest.raises(LiteralFault):
        LiteralReader().read(text, 0)


@pytest.mark.parametrize(
    "script",
    [
        "var a=" + "[" * 2_000_000,
        "var a={" + "b:{" * 500_000,
        "x={a:'" * 500_000,
        "x=[" + "1," * 1_500_000 + "f()]",
        "var a=" + '[{"url":' * 300_000,
        "JSON.parse('" * 200_000,
        "a={/*" * 500_000,
        "<a <a <a " * 300_000 + "({x:'<a ',",
    ],
    ids=range(8),
)
def test_hostile_scripts_take_seconds_at_most(script):
    html = page(f"<script>url: {script}</script>" * 2 + f"<script>var d={TEXT}</script>")
    start = time.process_time()
    list(hidden_markup(html))
    discover_links(html, BASE)
    assert time.process_time() - start < 12
