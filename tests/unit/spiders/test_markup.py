import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from spiders.markup import bounded_html


@pytest.mark.parametrize(
    "page",
    ["", "<p>短", "<ul>" + "<li>条目<p>文字" * 5_000, "<div><b>粗</b></div>" * 5_000],
    ids=["empty", "short", "unclosed items", "closed blocks"],
)
def test_an_ordinary_page_comes_back_as_it_is(page):
    assert bounded_html(page) == page


def test_what_is_too_deep_is_flattened_and_keeps_its_text():
    page = "".join(f"<div>{n} " for n in range(2_000)) + "</div>" * 2_000 + "<p>尾</p>"
    tree = LexborHTMLParser(bounded_html(page))
    text = tree.text(deep=True)
    assert "1999" in text
    assert "尾" in text
    assert len(tree.css("div")) == 512


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 1_000_000,
        "".join(f"<font color={n}>" for n in range(100_000)) + "<p>x",
        "<p>" + "".join(f"<i class=c{n}>" for n in range(500)) + "</p><p>x" * 1_000_000,
        "<a>" * 3_000_000,
    ],
    ids=["deep", "formatting", "reopened", "many"],
)
def test_hostile_markup_parses_in_bounded_time(page):
    started = time.monotonic()
    tree = LexborHTMLParser(bounded_html(page))
    assert tree.body is not None
    assert time.monotonic() - started < 15


@given(st.text(alphabet="<>/!-abdiv ='\"", max_size=200))
def test_any_text_is_bounded(text):
    assert bounded_html(text * 20, 1_000).count("x") == 0
