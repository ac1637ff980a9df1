import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.feed_reader import FeedFault, parse_date, read_feed

_BASE = "http://town.example/rss/feed.xml"
_RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>频道</title>
<link>http://town.example/</link>
<item><title>&lt;b&gt;第一&lt;/b&gt; 条</title><link>/a/1?x=1&amp;y=2</link>
<pubDate>Mon, 23 Nov 2026 08:00:00 +0800</pubDate><dc:creator>王编辑</dc:creator></item>
<item><title><![CDATA[第二条 & 更多]]></title><link><![CDATA[http://town.example/a/2?b=1&c=2]]></link></item>
<item><title>第三条</title><guid isPermaLink="true">http://town.example/a/3</guid></item>
<item><title>第四条</title><guid isPermaLink="false">tag:4</guid>
<content:encoded><![CDATA[<p>正文只在这里</p>]]></content:encoded></item>
<item><title>第五条</title></item>
</channel></rss>"""
_ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>
<entry><title type="html">甲 &amp;amp; 乙</title><link rel="enclosure" href="/e.mp3"/>
<link rel="alternate" href="../a.html"/><updated>2026-11-23T00:00:00Z</updated>
<author><name>李</name></author></entry></feed>"""
_RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="x"><title>c</title></channel>
<item rdf:about="http://town.example/r"><title>丙</title><link>http://town.example/r</link>
<dc:date>2026-11-22</dc:date></item></rdf:RDF>"""


def test_rss_entries_are_read():
    entries = read_feed(_RSS.encode(), None, _BASE)

    assert [entry.url for entry in entries] == [
        "http://town.example/a/1?x=1&y=2",
        "http://town.example/a/2?b=1&c=2",
        "http://town.example/a/3",
        None,
        None,
    ]
    assert [entry.title for entry in entries][:2] == ["第一 条", "第二条 & 更多"]
    assert entries[0].author == "王编辑"
    assert entries[0].published_at.isoformat() == "2026-11-23T00:00:00+00:00"
    assert entries[3].content == "<p>正文只在这里</p>"


def test_atom_and_rss_1_entries_are_read():
    (atom,) = read_feed(_ATOM.encode(), None, "http://town.example/x/atom")
    (rdf,) = read_feed(_RDF.encode(), None, _BASE)

    assert (atom.url, atom.title, atom.author) == ("http://town.example/a.html", "甲 & 乙", "李")
    assert (rdf.url, rdf.title) == ("http://town.example/r", "丙")
    assert rdf.published_at.isoformat() == "2026-11-21T16:00:00+00:00"


@pytest.mark.parametrize(
    "mangle",
    [
        lambda text: text.encode("gbk"),
        lambda text: text.replace("UTF-8", "gb2312").encode(),
        lambda text: ("\ufeff\n " + text).encode(),
        lambda text: text.replace("第三条", "第三条 R&D &nbsp;&copy; \x08").encode(),
        lambda text: text.replace("第三条", "第三条<br>").encode(),
        lambda text: text.replace("</channel></rss>", "").encode(),
    ],
    ids=["gbk", "lying", "leading", "entities", "unclosed", "cut"],
)
def test_mild_breakage_is_mended(mangle):
    entries = read_feed(mangle(_RSS), None, _BASE)
    assert entries[0].url == "http://town.example/a/1?x=1&y=2"
    assert entries[1].url == "http://town.example/a/2?b=1&c=2"
    assert entries[2].title.startswith("第三条")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "feed_not_xml"),
        (b"not a feed", "feed_not_xml"),
        (b'{"items": []}', "feed_not_xml"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "feed_not_xml"),
        (b"<html><body>404</body></html>", "feed_not_xml"),
        (b"<", "feed_not_xml"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "feed_not_xml"),
        (b"<?xml version='1.0'?><note>x</note>", "feed_not_feed"),
        (b"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'b'>]><rss>&a;</rss>", "feed_dtd"),
        (b"<!-- x --><!DOCTYPE rss SYSTEM 'file:///etc/passwd'><rss/>", "feed_dtd"),
    ],
)
def test_what_is_no_feed_says_why(body, reason):
    with pytest.raises(FeedFault) as fault:
        read_feed(body, None, _BASE)
    assert fault.value.reason == reason


def test_a_document_type_inside_an_entry_is_text():
    body = _RSS.replace("<p>正文", "<!DOCTYPE html><p>正文").encode()
    assert len(read_feed(body, None, _BASE)) == 5


def _entries_or_fault(body):
    try:
        return read_feed(body, None, _BASE)
    except FeedFault as fault:
        return fault.reason


@pytest.mark.parametrize(
    "body",
    [
        b"<rss>" + b"<a>" * 200_000,
        b"<rss><channel>" + b"<item><title>x</title></item>" * 300_000,
        b"<rss>" + b"&amp" * 1_000_000,
        b"<rss><title>" + b"a" * 20_000_000 + b"</title></rss>",
        b"<!--" * 500_000,
        b"<?xml " * 500_000,
    ],
    ids=["deep", "many", "ampersands", "long", "comments", "declarations"],
)
def test_a_hostile_feed_is_read_in_bounded_time(body):
    started = time.monotonic()
    assert len(_entries_or_fault(body)) <= 5_000
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Mon, 23 Nov 2026 08:00:00 GMT", "2026-11-23T08:00:00+00:00"),
        ("2026-11-23T08:00:00+08:00", "2026-11-23T00:00:00+00:00"),
        ("2026-11-23 08:00:00", "2026-11-23T00:00:00+00:00"),
        ("0001-01-01", None),
        ("昨天", None),
        ("", None),
        ("Mon, 99 Nov 2026 08:00:00 GMT", None),
    ],
)
def test_dates_are_aware_utc(text, wanted):
    found = parse_date(text)
    assert (found.isoformat() if found else None) == wanted


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_a_fault(body):
    found = _entries_or_fault(body)
    assert isinstance(found, tuple) or found.startswith("feed_")


def test_entries_are_fetched_with_what_the_feed_says_of_them(site, crawl):
    feed = site.page(
        "/feed", _RSS.replace("http://town.example", site.url), content_type="text/xml"
    )
    for path in ("/a/1?x=1&y=2", "/a/2?b=1&c=2", "/a/3"):
        site.page(path, "<p>页</p>")

    result = crawl("feed", feed)

    assert result.paths == ["a/1?x=1&y=2", "a/2?b=1&c=2", "a/3", "feed#entry=tag:4"]
    first, carried = result.items[0], result.items[-1]
    by_path = {item["url"].removeprefix(site.url): item for item in result.items}
    first, carried = by_path["/a/1?x=1&y=2"], by_path["/feed#entry=tag:4"]
    assert (first["title"], first["author"], first["kind"]) == ("第一 条", "王编辑", "feed")
    assert first["published_at"] == "2026-11-23T00:00:00+00:00"
    assert (carried["title"], carried["body"]) == ("第四条", "<p>正文只在这里</p>")
    assert result.drops == {"entry_without_link": 1}


def test_a_feed_that_is_none_is_a_counted_drop(site, crawl):
    urls = [
        site.page("/html", "<!doctype html><p>404"),
        site.page("/bomb", '<!DOCTYPE x [<!ENTITY a "aaa">]><rss>&a;</rss>'),
        site.page("/bare", "<rss><channel/></rss>"),
        site.page("/nothing", ""),
    ]
    result = crawl("feed", *urls)
    assert result.items == []
    assert result.drops == {"feed_not_xml": 2, "feed_dtd": 1, "feed_without_entries": 1}
