"""The text of a proposed file: valid whatever the page says, and read as it was meant."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records import Link
from core.target import TARGET_ID
from crawler.proposal import Proposal
from crawler.target_text import checked_target_text, suggested_id, target_text
from crawler.targets import load_target

NOW = datetime(2026, 11, 30, tzinfo=UTC)
URL = "http://news.example.cn/list.html"


def loaded(text, tmp_path):
    path = tmp_path / "t.yml"
    path.write_text(text, encoding="utf-8")
    target, faults = load_target(path, "t.yml", ())
    assert faults == ()
    return target


def test_every_part_of_a_proposal_stands_in_the_file(tmp_path):
    proposal = Proposal(
        URL, "listing", "标题", ("因为",), (Link("http://a.cn/1", "一"),), 12, css="ul.x a",
        allow="://a\\.cn/", next_css='a[title="下一页"]', next_url="http://a.cn/2", browser=True,
        browser_why="scripts", encoding="gb18030", robots="allows", also=("feed",), doubts=("hm",),
    )  # fmt: skip
    text = checked_target_text(proposal, "t", ("环翠区",), NOW)
    target = loaded(text, tmp_path)
    assert target.links.css == "ul.x a"
    assert target.links.allow == "://a\\.cn/"
    assert target.next.css == 'a[title="下一页"]'
    assert (target.browser, target.expect.min_pages) == (True, 6)
    for word in ("因为", "一 http://a.cn/1", "and 11 more", "gb18030", "allows", "hm", "环翠区"):
        assert f"{word}" in text


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_title_ends_a_comment_or_breaks_the_file(title, sample):
    proposal = Proposal(
        URL, "feed", title or "x", (sample,), (Link(URL, sample),), 1, doubts=(title,),
        robots=sample, encoding=title,
    )  # fmt: skip
    text = target_text(proposal, "t", (), NOW)
    for line in text.splitlines():
        assert line.startswith(("#", "title: ", "spider: ", "start_urls: ", "every: ", "limits: ",
                                "expect: ", "labels: "))  # fmt: skip
    checked_target_text(proposal, "t", (), NOW)


@pytest.mark.parametrize(
    ("url", "stem"),
    [
        ("http://www.example.cn/", "example_cn"),
        ("https://life.example.cn/invest/list.html?p=1", "life_example_cn_invest_list"),
        ("http://127.0.0.1:8000/a/B-c.php", "127_0_0_1_a_b_c"),
        ("http://xn--fiq228c.cn/%E4%B8%AD/", "xn_fiq228c_cn_e4_b8_ad"),
    ],
)
def test_an_address_gives_a_file_name(url, stem):
    assert suggested_id(url) == stem


@given(st.text(alphabet=st.characters(max_codepoint=0x7F), max_size=200))
def test_every_address_gives_a_sound_id(path):
    assert TARGET_ID.fullmatch(suggested_id(f"http://example.cn/{path}"))
