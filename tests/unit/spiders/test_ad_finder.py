"""Which drawn elements are ads, told from plain records of a page."""

import pytest

from spiders.ad_elements import drawn_page
from spiders.ad_finder import find_ads
from spiders.ad_rules import load_ad_rules
from spiders.ad_words import label_in

URL = "https://news.example.cn/"


def row(parent, tag, box=(0, 0, 300, 100), *, names="", fixed=False, text="", pseudo="", href="", source="", said=()):  # fmt: skip
    return [parent, tag, names, list(box), fixed, text, len(text), pseudo, href, source, list(said)]


def found(*rows, hidden=()):
    body = [row(-1, "html", (0, 0, 1280, 9000)), row(0, "body", (0, 0, 1280, 9000))]
    told = {"elements": [*body, *rows], "size": [1280, 9000], "base": URL}
    return find_ads(drawn_page(told), URL, load_ad_rules().is_ad_address, hidden)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("广告", "广告"), ("【广告】", "广告"), ("广告 ×", "广告"), ("AD", "AD"), ("推广", "推广"),
        ("某某公司 · 广告", "广告"), ("广告法修订草案公布", ""), ("户外广告管理办法征求意见", ""),
    ],
)  # fmt: skip
def test_a_label_says_nothing_else(text, label):
    assert label_in(text) == label


def test_a_link_named_advertising_labels_nothing():
    menu = (
        row(1, "div"),
        row(2, "a", text="广告", href="/ads"),
        row(2, "a", text="招聘", href="/jobs"),
    )
    assert found(*menu) == ()


def test_ads_side_by_side_in_a_named_box_are_ads_each():
    box = row(1, "div", (0, 0, 600, 200), names="ads")
    one = (
        row(2, "div", names="ad-item"),
        row(3, "a", text="新米上市", href="https://a.example.com/"),
    )
    two = (
        row(2, "div", names="ad-item"),
        row(5, "a", text="棉鞋三折", href="https://b.example.com/"),
    )
    assert [ad.destination for ad in found(box, *one, *two)] == [
        "https://a.example.com/", "https://b.example.com/",
    ]  # fmt: skip


def test_a_picture_of_a_standard_size_is_an_ad_only_where_it_leads_off_the_site():
    for href, number in (("https://b.example.com/x", 1), ("/own", 0)):
        picture = row(2, "img", (0, 0, 300, 250), source="/p.png")
        assert len(found(row(1, "a", (0, 0, 300, 250), href=href), picture)) == number


def test_a_page_of_nothing_but_ads_is_told_like_any_other():
    slots = [
        row(1, "div", (0, 60 * number, 300, 50), names="ad", text="广告", href=f"/go/{number}")
        for number in range(7_000)
    ]
    marked = [row(1, "div", (0, 60 * number, 300, 50), text="推广") for number in range(7_000)]
    assert len(found(*slots)) == 7_000
    assert found(*marked) == ()


def test_a_region_of_the_page_is_no_ad_whatever_its_name():
    text = "街道改造" * 300
    assert found(row(1, "div", names="promotion"), row(2, "p", text=text[:80] + "x" * 900)) == ()


def test_exceptions_and_selectors_of_a_list_are_obeyed(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("||tea.example.org^\n@@||ok.tea.example.org^\nexample.cn##.slot-x\n##.slot-y\n")
    rules = load_ad_rules((str(file),))
    assert rules.is_ad_address("https://tea.example.org/a.png", URL, "image")
    assert not rules.is_ad_address("https://ok.tea.example.org/a.png", URL, "image")
    selectors = rules.selectors(URL, ["slot-y"], [])
    assert ".slot-x" in selectors
    assert ".slot-y" in selectors
