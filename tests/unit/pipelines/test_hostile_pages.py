"""Pages made to be slow or to break their reader are read in bounded time, and their offer found."""

import time

import pytest

from core.errors import ReadingError
from core.records import PageState

# In CPU seconds, with room for a slow machine; what is quadratic takes minutes.
LIMIT_S = 20.0
POST = "<div class=post><p>甲 发表于 10:20</p><p>清浦的一句话，说到这里。</p></div>"
HOSTILE = {
    "deep elements": "<div>" * 100_000 + "深处的文字",
    "deep tables": "<table><tr><td>" * 30_000 + "深处的文字",
    "open formatting": "<b><i><u>" * 30_000 + "<p>深处的文字",
    "many paragraphs": "<p>清浦的一句话，说到这里。</p>" * 60_000,
    "many posts": POST * 6_000,
    "many ads": "<div class=ad><p>广告</p><p>清浦的一句话，说到这里。</p></div>" * 10_000,
    "labels in labels": "<div><span>广告</span>" * 5_000,
    "hiding rules": "<style>"
    + "".join(f".a{n}{{display:none}}" for n in range(10_000))
    + "</style><p class='a1 b'>清浦</p><script>"
    + "x" * 2_000_000
    + "</script>",
    "open style blocks": "<style>" + "@a{" * 60_000 + "</style><p>清浦</p>",
    "dates": "<p>2026年1月1日 </p>" * 30_000,
    "title pieces": "<title>" + "清浦 - " * 900 + "</title>" + "<h1>清浦</h1>" * 3_000,
    "nested JSON": "<script type='application/ld+json'>" + "[" * 100_000 + "</script><p>清浦</p>",
    "open literals": "<div id='js_content'></div>var msg_title item_show_type <script>"
    + "content_noencode: JsDecode('" * 10_000
    + "</script>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_in_bounded_time(pages, name):
    started = time.process_time()
    page = pages.read(HOSTILE[name])
    assert time.process_time() - started < LIMIT_S
    assert page.state is PageState.OK


def test_an_offer_on_a_deeply_nested_page_is_still_read(pages):
    page = pages.read(f"<div>{pages.offer}</div>" + "<div>" * 20_000 + pages.offer)
    assert sum(pages.offer in segment.text for segment in page.segments) >= 2


def test_control_characters_and_zero_widths_break_nothing(pages):
    text = "清浦\u200b公\x00告\x01\x1b[31m\u202e，这一句话说的是街道改造。\ufeff" * 3
    page = pages.read(pages.article("清\u200b浦公告", (text, *pages.calm)))
    assert page.state is PageState.OK
    assert pages.calm[0] in page.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"", "empty"), (b" \n\t\r\n", "empty"), (b"\x89PNG\r\n\x1a\n" + bytes(99), "not_html"),
     (b"%PDF-1.7 ...", "not_html"), (b"PK\x03\x04" + bytes(50), "not_html")],
)  # fmt: skip
def test_bytes_that_are_no_page_say_why(pages, body, reason):
    with pytest.raises(ReadingError, match=f"^{reason}:"):
        pages.read(body)


def test_a_page_cut_anywhere_is_read_as_far_as_it_goes(pages):
    whole = pages.article("清浦街道改造", pages.calm).encode()
    for cut in range(1, len(whole), 17):
        page = pages.read(whole[:cut])
        assert "\ufffd" not in page.title
    assert pages.calm[1] in pages.read(whole[: whole.index("附近".encode())]).text
