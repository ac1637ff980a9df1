"""Selectors of the next page: only names that mean "next" on every page."""

import pytest

from spiders.next_selector import next_selector
from spiders.page_links import linked_feeds

BASE = "http://news.example.cn/list.html"


@pytest.mark.parametrize(
    ("pager", "css"),
    [
        ("<a class='next' href='list_2.html'>下一页</a>", "a.next"),
        ("<a class='btn nxt' href='list_2.html'>下一页</a>", "a.nxt"),
        ("<a id='sogou_next' href='list_2.html'>下一页</a>", "#sogou_next"),
        ("<li class='next'><a href='list_2.html'>下一页</a></li>", "li.next > a"),
        ("<a rel='next' href='list_2.html'>&gt;</a>", 'a[rel~="next"]'),
        ("<a title='下一页' href='list_2.html'>&gt;</a>", 'a[title="下一页"]'),
        ("<a class='n' href='list_2.html'>下一页</a>", None),
        ("<span>1</span><a href='list_2.html'>2</a><a href='list_3.html'>3</a>", None),
    ],
)
def test_what_names_itself_next_is_selected_and_nothing_else(pager, css):
    html = f"<html><body><div class='pages'>{pager}</div></body></html>"
    assert next_selector(html, BASE) == ("http://news.example.cn/list_2.html", css)


def test_a_selector_that_would_find_another_link_first_is_not_given():
    html = "<a class='next' href='/other.html'>相关</a><a class='next' href='list_2.html' rel=next>></a>"
    url, css = next_selector(html, BASE)
    assert url == "http://news.example.cn/list_2.html"
    assert css == 'a[rel~="next"]'


def test_without_a_next_page_there_is_neither():
    assert next_selector("<p>nothing</p>", BASE) == (None, None)


def test_feeds_are_those_that_the_head_links_to():
    html = (
        "<head><link rel=alternate type='application/rss+xml' href='/rss.xml'>"
        "<link rel='alternate stylesheet' type='text/css' href='/x.css'>"
        "<link rel=alternate type='application/atom+xml; charset=utf-8' href='atom.xml'>"
        "<link rel=alternate hreflang=en href='/en/'>"
        "<link rel=alternate type='application/rss+xml' href='javascript:void(0)'></head>"
    )
    assert linked_feeds(html, BASE) == (
        "http://news.example.cn/rss.xml",
        "http://news.example.cn/atom.xml",
    )
