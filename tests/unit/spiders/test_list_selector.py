"""Selectors that say a page's list: the right links today, and names that last."""

import pytest

from spiders.link_candidates import selected_links
from spiders.links import discover_links
from spiders.list_selector import list_selector

BASE = "http://news.example.cn/invest/"
TITLES = [f"清浦县第{n}批便民信息和招聘启事公布" for n in "一二三四五六七八九十"]


def shell(inside: str, head: str = "", foot: str = "") -> str:
    menu = "".join(f'<li><a href="/c{n}/">栏目{n}</a></li>' for n in range(8))
    return (
        f'<html><body><div class="nav"><ul>{menu}</ul></div>{head}'
        f'<div class="main">{inside}</div>{foot}'
        '<div class="footer"><a href="/about">关于我们</a> <a href="/contact">联系我们</a></div>'
        "</body></html>"
    )


def found_by_css(html: str) -> list[str]:
    selector = list_selector(html, BASE)
    assert selector is not None
    links = selected_links(html, BASE, selector.css)
    assert links == selector.links
    return [link.text for link in links]


def items(form: str) -> str:
    return "".join(
        form.format(n=1000 + at, title=title, cls=f"item{at}") for at, title in enumerate(TITLES)
    )


@pytest.mark.parametrize(
    "inside",
    [
        "<ul class='news'>"
        + items("<li><a href='/i/{n}.html'>{title}</a><span>2026-11-20</span></li>")
        + "</ul>",
        "<table><tr>"
        + items(
            "<tr><td><a href='/b/{n}'>家政</a></td><td><a href='/i/{n}.html'>{title}</a></td>"
            "<td><a href='/u/{n}'>发布人{n}</a></td></tr>"
        )
        + "</table>",
        items(
            "<div class='card {cls}'><a href='/i/{n}.html'><img src='x.jpg'></a>"
            "<h3><a href='/i/{n}.html'>{title}</a></h3><p>摘要 2026-11-20</p></div>"
        ),
        "<dl>"
        + items("<dd>[<a href='/c/{n}'>分类</a>] <a href='/i/{n}.html'>{title}</a> 11-20</dd>")
        + "</dl>",
        "<div id='list'>"
        + items("<p><a class='t' href='?id={n}'>{title}</a> 2026-11-20</p>")
        + "</div>",
    ],
    ids=["ul", "table", "cards", "slots", "paragraphs"],
)
def test_the_selector_finds_what_is_found_by_shape_and_nothing_else(inside):
    assert found_by_css(shell(inside)) == TITLES


def test_ads_among_the_items_and_a_ranking_beside_them_are_left_out():
    rows = [
        f"<li><a href='/i/{n}.html'>{title}</a> 11-20</li>" for n, title in enumerate(TITLES, 100)
    ]
    rows.insert(
        3, "<li class='ad'><div><a href='http://ad.example.com/x'>广告位招租</a></div></li>"
    )
    rank = "".join(f"<li><a href='/i/{n}.html'>热门第{n}条新闻</a></li>" for n in range(900, 906))
    html = shell(
        f"<ul class='news'>{''.join(rows)}</ul>", head=f"<div class='hot'><ul>{rank}</ul></div>"
    )
    assert found_by_css(html) == TITLES


def test_names_with_numbers_and_names_of_states_are_not_used():
    rows = "".join(
        f"<li class='first on'><a class='css-1x9f2a' href='/i/{n}.html'>{title}</a> 11-20</li>"
        for n, title in enumerate(TITLES, 100)
    )
    selector = list_selector(shell(f"<ul id='list20261130' class='zx'>{rows}</ul>"), BASE)
    assert selector is not None
    assert not any(word in selector.css for word in ("2026", "css-", "first", ".on"))
    assert selector.css == "ul.zx a"


def test_a_selector_names_something_beside_the_link():
    rows = items("<li><a href='/i/{n}.html'>{title}</a> 11-20</li>")
    selector = list_selector(f"<html><body><ul class='only'>{rows}</ul></body></html>", BASE)
    assert selector is not None
    assert selector.css == "ul.only a"


def test_a_list_in_a_comment_is_selected_there_as_well():
    rows = items("<li class='j_thread'><a class='tit' href='/p/{n}'>{title}</a> 11-20</li>")
    html = f"<html><body><code><!--<ul class='threads'>{rows}</ul>--></code></body></html>"
    assert [link.text for link in discover_links(html, BASE)] == TITLES
    assert found_by_css(html) == TITLES


@pytest.mark.parametrize("html", ["", "<p>no link</p>", "<a href='/x'>one</a>", "<a" * 5000])
def test_where_there_is_no_list_there_is_no_selector(html):
    assert list_selector(html, BASE) is None


def test_a_list_nested_thousands_deep_is_found_whole():
    row = "<div class='a b c'><div class='d'><a href='/i/{n}.html'>{n} 一条消息的标题</a>"
    html = "".join(row.format(n=n) for n in range(3_000))
    selector = list_selector(html, BASE)
    assert selector is not None
    assert (selector.css, len(selector.links)) == ("div.d a", 3_000)
