"""The written digest: what mail clients get, and what hostile text can do in it."""

import random
import re
from datetime import UTC, datetime

import pytest
from lxml import html as parser

from alerts.digest_brief import digest_brief
from alerts.excerpt import excerpt
from alerts.render import (
    MAX_HTML_BYTES,
    digest_html,
    digest_message,
    digest_text,
    safe_link,
    write_digest,
)
from core.ledger import EvidenceFacts, Health

HOSTILE = "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>\u202e月息两分\x00到期还本"


def pieces(html):
    return parser.fromstring(html)


def hostile(of):
    return of.finding(
        text=HOSTILE, quotes=("月息两分",), title=HOSTILE, account='"><b onclick=x>', keywords=("<i>",),
        places=(of.place(1, "javascript:alert(1)"), of.place(2, 'https://a.example.cn/?q="><svg onload=x>')),
    )  # fmt: skip


def facts(seq=7, shot=None):
    return EvidenceFacts(
        seq, "cd" * 32, datetime(2026, 11, 22, 1, tzinfo=UTC),
        "https://a.example.cn/1", "https://a.example.cn/1", (), 200, "192.0.2.1", "ab" * 32, shot,
    )  # fmt: skip


def test_html_is_tables_with_inlined_styles_and_nothing_remote(of):
    page = digest_html(of.digest([of.finding()]), {})
    tree = pieces(page)
    assert tree.xpath("//td[@style]")
    assert not tree.xpath("//img | //script | //link | //iframe | //form | //object")
    assert not re.search(r"url\(|@import", page)
    assert "display:flex" not in page.replace(" ", "")


def test_hostile_text_stays_text_and_hostile_addresses_are_no_links(of):
    page = digest_html(of.digest([hostile(of)]), {1: "F1.html"})
    tree = pieces(page)
    assert not tree.xpath("//script | //img | //svg | //i")
    assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]
    hrefs = tree.xpath("//a/@href")
    assert all(not href.startswith("javascript") for href in hrefs)
    assert "javascript:alert(1)" in tree.text_content()
    assert "\u202e" not in page
    assert "\x00" not in page


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT:x", "//a.example.cn", "https://", "x",
     "http://a.example.cn/\u202egpj.exe", "http://[bad/", "file:///etc/passwd", ""],
)  # fmt: skip
def test_only_web_addresses_can_be_clicked(url):
    assert safe_link(url) is None


def test_the_sentence_is_marked_in_html_and_text(of):
    digest = of.digest([of.finding()])
    marked = [node.text for node in pieces(digest_html(digest, {})).xpath("//b")]
    assert "月息两分" in marked
    assert "【月息两分】" in digest_text(digest)


def test_the_first_lines_of_the_text_say_it_all(of):
    digest = of.digest(
        [of.finding()], backlog=4, health=(of.health("a", Health.FAILED, "timeout"),)
    )
    head = digest_text(digest).splitlines()[:5]
    assert head[0] == digest.subject
    assert head[2] == "采集异常：a 站（采集失败）"
    assert head[3] == "新增疑似 1 · 其中高危 1 · 待办复核 4 · 站点异常 1"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_day_is_said_calmly_with_the_crawl_health(of, language):
    digest = of.digest(
        [], language=language, health=(of.health("forum", Health.BLOCKED, "captcha"),)
    )
    for said in (digest_html(digest, {}), digest_text(digest)):
        assert digest.words["nothing"].format(ok=0, all=1) in said
        assert "forum" in said


def test_many_long_findings_stay_under_the_size_that_mail_clients_cut_at(of):
    chance = random.Random(1)
    made = []
    for number in range(120):
        text = "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(400))
        places = tuple(of.place(at, f"https://a.example.cn/{'x' * 300}/{at}") for at in range(4))
        made.append(of.finding(number + 1, text, quotes=(text[5:60],), places=places))
    digest = of.digest(made)
    page = digest_html(digest, {})
    assert len(page.encode()) <= MAX_HTML_BYTES < 100_000
    shown = len(
        pieces(page).xpath("//span[contains(@style, 'font-weight: bold') and contains(., '. ')]")
    )
    assert 10 < shown <= 30
    assert f"其余 {120 - shown} 条" in page


def test_long_quotes_are_cut_and_said_to_be(of):
    text = "开头。" + "很长的一句话，" * 200 + "月息两分" + "，还没说完" * 200
    said = "".join(
        piece.text for piece in excerpt(text, of.finding(text=text, quotes=("月息两分",)).hits)
    )
    assert len(said) < 600
    assert said.startswith("…")
    assert said.endswith("…")


def test_written_files_link_to_evidence_pages_that_show_the_capture(of, tmp_path):
    shot = tmp_path / "shot"
    shot.write_bytes(b"\xff\xd8jpeg")
    digest = of.digest([of.finding()])
    files = write_digest(
        digest,
        tmp_path / "out",
        evidence={7: facts(shot="ef" * 32)},
        screenshot=lambda _: shot.read_bytes(),
    )
    href = next(h for h in pieces(files.html.read_bytes()).xpath("//a/@href") if "evidence" in h)
    page = (files.html.parent / href).read_text(encoding="utf-8")
    for said in ("ab" * 32, "cd" * 32, "192.0.2.1", "2026-11-22T01:00:00Z", "19900001234"):
        assert said in page
    picture = pieces(page).xpath("//img/@src")[0]
    assert (files.html.parent / href).parent.joinpath(picture).read_bytes() == b"\xff\xd8jpeg"


def test_an_evidence_page_runs_nothing(of, tmp_path):
    digest = of.digest([hostile(of)])
    files = write_digest(digest, tmp_path, evidence={7: facts()}, screenshot=lambda _: None)
    tree = pieces(files.pages[1].read_bytes())
    assert not tree.xpath("//script | //svg")
    assert tree.xpath("//meta[@http-equiv='Content-Security-Policy']")


def test_the_message_names_counts_and_carries_the_sheet(of, tmp_path):
    digest = of.digest([of.finding()])
    files = write_digest(digest, tmp_path, evidence={}, screenshot=lambda _: None)
    message = digest_message(digest, files, "digest-20261122-all")
    assert message.subject == digest.subject
    assert message.data["findings"] == [1]
    assert message.attachments[0].name == "adwatch-20261122.xlsx"
    names = {
        digest_message(digest, files, f"digest-20261122-{audience}").attachments[0].name
        for audience in ("all", "环翠", "文登")
    }
    assert len(names) == 3
    assert all(name.isascii() for name in names)
    assert "evidence/F1" not in message.html
    assert "证据 7 号" in message.html


def test_the_review_page_is_linked_where_there_is_one(of):
    digest = of.digest([of.finding()], review_url="https://review.example.cn")
    assert "https://review.example.cn/findings/1" in digest_html(digest, {})
    assert "https://review.example.cn/findings/1" in digest_text(digest)


def test_what_failed_stands_before_the_findings_and_too_much_of_it_is_counted(of):
    health = tuple(of.health(f"site{n}", Health.FAILED, "timeout") for n in range(7))
    digest = of.digest([of.finding()], health=health, review_url="https://review.example.cn")
    shown = (digest_text(digest), pieces(digest_html(digest, {})).text_content())
    for said in (*shown, digest_brief(digest)):
        assert said.index("site4 站") < said.rindex(digest.items[0].heading)
    for said in shown:
        assert "等 7 个" in said
    assert "去复核：https://review.example.cn\n" in shown[0]
    assert 'href="https://review.example.cn"' in digest_html(digest, {})
