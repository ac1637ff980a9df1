import gzip

import pytest

from spiders.feed_reader import FeedFault
from spiders.sitemap_reader import read_sitemap, robots_sitemaps

_BASE = "http://town.example/sitemap.xml"
_NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def _urlset(*rows):
    inner = "".join(
        f"<url><loc>{loc}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for loc, day in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {_NS}>{inner}</urlset>'


def test_the_newest_page_comes_first_and_undated_ones_last():
    body = _urlset(
        ("http://town.example/old", "2026-01-01"),
        ("http://town.example/bare", ""),
        ("http://town.example/new", "2026-11-01T10:00:00+08:00"),
        ("http://town.example/odd", "gestern"),
    )
    found = [link.url.rpartition("/")[2] for link in read_sitemap(body.encode(), _BASE, 10**6)]
    assert found == ["new", "old", "bare", "odd"]


def test_a_sitemap_without_namespace_or_as_plain_text_is_read():
    plain = read_sitemap(b"http://town.example/1\r\nhttp://town.example/2\n\n", _BASE, 10**6)
    bare = read_sitemap(b"<urlset><url><loc> /3 </loc></url></urlset>", _BASE, 10**6)
    assert [link.url for link in (*plain, *bare)] == [
        "http://town.example/1",
        "http://town.example/2",
        "http://town.example/3",
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(gzip.compress(b"a" * 5_000_000, mtime=0), "sitemap_too_large", id="bomb"),
        (b"\x1f\x8bnot really gzip", "sitemap_not_gzip"),
        (b"<html>404</html>", "sitemap_not_xml"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><urlset/>", "sitemap_dtd"),
        (b"", "sitemap_not_xml"),
    ],
)
def test_what_is_no_sitemap_says_why(body, reason):
    with pytest.raises(FeedFault) as fault:
        read_sitemap(body, _BASE, 1_000_000)
    assert fault.value.reason == reason


def test_no_more_addresses_are_read_than_a_sitemap_may_have():
    body = _urlset(*((f"http://town.example/{n}", "") for n in range(60_000)))
    assert len(read_sitemap(body.encode(), _BASE, 10**8)) == 50_000


def test_robots_lines_name_sitemaps():
    text = "User-agent: *\nDisallow:\nSITEMAP : /a.xml\nSitemap: http://x.example/b.xml # c\n"
    assert robots_sitemaps(text, "http://town.example/robots.txt") == (
        "http://town.example/a.xml",
        "http://x.example/b.xml",
    )


def test_a_site_is_read_from_its_robots_file_down_to_its_pages(site, crawl):
    start = site.page("/robots.txt", f"Sitemap: {site.url}/index.xml", content_type="text/plain")
    index = (
        f"<sitemapindex {_NS}><sitemap><loc>{site.url}/one.xml.gz</loc></sitemap>"
        f"<sitemap><loc>{site.url}/two.xml</loc></sitemap></sitemapindex>"
    )
    site.page("/index.xml", index, content_type="application/xml")
    packed = gzip.compress(_urlset((site.url + "/p/1", "2026-11-01")).encode())
    site.page("/one.xml.gz", packed, content_type="application/gzip")
    site.page("/two.xml", _urlset((site.url + "/p/2", ""), (site.url + "/q/3", "")))
    for path in ("/p/1", "/p/2", "/q/3"):
        site.page(path, "<p>页</p>")

    result = crawl("sitemap", start, links={"deny": "/q/"})

    assert result.paths == ["p/1", "p/2"]
    assert result.stats["adwatch/list_pages"] == 4
    assert result.drops == {}


def test_the_limit_keeps_the_newest(site, crawl):
    rows = [(f"{site.url}/p/{day}", f"2026-10-{day:02}") for day in range(1, 11)]
    start = site.page("/sitemap.xml", _urlset(*rows), content_type="text/xml")
    for day in range(1, 11):
        site.page(f"/p/{day}", "<p>页</p>")

    result = crawl("sitemap", start, limits={"pages": 4})

    assert result.paths == ["p/10", "p/8", "p/9"]
    assert result.drops == {"page_limit": 7}


def test_sitemaps_that_name_one_another_end(site, crawl):
    for name, other in (("a", "b"), ("b", "a")):
        site.page(
            f"/{name}.xml",
            f"<sitemapindex><sitemap><loc>/{other}.xml</loc></sitemap></sitemapindex>",
            content_type="text/xml",
        )
    result = crawl("sitemap", site.url + "/a.xml")
    assert result.items == []
    assert len(site.asked) == 2
