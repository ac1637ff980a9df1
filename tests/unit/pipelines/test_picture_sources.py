"""Where the pictures of a page lie."""

from datetime import UTC, datetime

import pytest

from core.records import Capture, Hints
from pipelines.picture_sources import image_sources, image_urls
from pipelines.read_page import read_page_and_images

BASE = "https://www.example.cn/news/1.html"


def images_of(html, kind="article"):
    capture = Capture(BASE, BASE, 200, (), datetime(2026, 11, 30, tzinfo=UTC), html.encode())
    return read_page_and_images(capture, kind, Hints())[1]


@pytest.mark.parametrize(
    ("attributes", "sources"),
    [
        ({"src": "a.png"}, ["a.png"]),
        ({"data-src": "b.png", "src": "blank.gif"}, ["b.png", "blank.gif"]),
        ({"data-original": "b.png"}, ["b.png"]),
        ({"srcset": "s.png 480w, l.png 1600w, m.png 800w", "src": "s.png"}, ["l.png"]),
        ({"srcset": "one.png, two.png 2x"}, ["two.png"]),
        ({"src": "a.png", "width": "1", "height": "1"}, []),
        ({"src": "a.png", "width": "100%", "height": "auto"}, ["a.png"]),
        ({"src": ""}, []),
    ],
)
def test_the_picture_that_a_reader_sees_is_named(attributes, sources):
    assert image_sources(attributes) == sources


def test_addresses_are_absolute_and_each_stands_once():
    sources = ["/a.png", "https://www.example.cn/a.png", "//cdn.example.cn/b.png", "javascript:x"]
    assert image_urls(sources, BASE) == (
        "https://www.example.cn/a.png",
        "https://cdn.example.cn/b.png",
    )


def test_what_a_page_hides_is_no_picture_of_it(pages):
    hidden = "<div style='display:none'><img src=/hidden.png></div><img src=/seen.png>"
    html = pages.article("清浦老街", pages.calm, inside=hidden)
    assert images_of(html) == ("https://www.example.cn/seen.png",)


def test_an_official_accounts_article_has_its_later_loaded_pictures_and_its_shared_ones():
    html = (
        "<html><head><meta property='og:title' content='清浦老街'></head><body>"
        '<h1 id="activity-name">清浦老街</h1><a id="js_name">清浦发布</a>'
        "<div id=\"js_content\" style='visibility:hidden'><p>老街今天照常营业。</p>"
        "<img data-src='https://mmbiz.example.cn/one/640?wx_fmt=png'></div>"
        "<script>var picture_page_info_list = [{cdn_url: 'https://mmbiz.example.cn/two/0'}];</script>"
        "</body></html>"
    )
    assert images_of(html, kind="wechat") == (
        "https://mmbiz.example.cn/two/0",
        "https://mmbiz.example.cn/one/640?wx_fmt=png",
    )
