"""What sites send by mistake or by malice, through the real command: counted, and the run goes on."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

ADWATCH = str(Path(sys.executable).parent / "adwatch")
GB = "text/html; charset=gb2312"


@pytest.fixture
def crawl(office):
    """Crawls one target of the given kind; its row of the report."""

    def run(spider: str, *urls: str, expect: int = 0, more: str = "") -> dict:
        (office / "targets" / "it.yml").write_text(
            f"title: 坏输入\nspider: {spider}\nstart_urls: {json.dumps(urls)}\n{more}"
            "limits: {delay_s: 0, concurrency: 4, timeout_s: 10}\n"
        )
        done = subprocess.run(
            [ADWATCH, "--config", str(office), "crawl", "it", "--json"],
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)[0]

    return run


def found_places(office: Path) -> list[str]:
    done = subprocess.run(
        [ADWATCH, "--config", str(office), "findings", "list", "--json"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted(place["url"] for row in rows for place in row["places"])


def test_offers_are_found_whatever_encoding_they_claim(site, office, crawl, e2e_pages):
    page, _, promotion = e2e_pages
    text = page("合伙人招募", *promotion)
    honest = text.replace("charset=utf-8", "charset=gb2312")
    site.put("/gbk", honest.encode("gb18030"), content_type="text/html")
    site.put("/gbk-says-utf8", text.encode("gb18030"))
    site.put("/utf8-says-gbk", text.encode(), content_type=GB)
    site.put("/no-charset", text.replace("<meta charset=utf-8>", "").encode("gb18030"),
             content_type="text/html")  # fmt: skip
    site.put("/unknown-charset", text.encode(), content_type="text/html; charset=klingon")
    site.put("/utf16", text.encode("utf-16"), content_type="text/html")
    site.put("/no-type", text, content_type="application/octet-stream")
    paths = sorted(site.pages)
    row = crawl("article", *(site.base + path for path in paths))
    assert (row["pages"], row["drops"]) == (len(paths), {})
    assert found_places(office) == [site.base + path for path in paths]


def test_pages_in_the_place_of_content_are_states_not_content(site, crawl, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/ok", page("清浦街道改造", *calm))
    site.put("/login", "<title>登录</title><form><p>请登录后查看</p><input type=password></form>")
    site.put("/captcha", "<title>安全验证</title><p>访问过于频繁，请输入验证码</p>")
    site.put("/deleted", "<title>提示</title><p>该帖子已被作者删除</p>")
    row = crawl("article", *(site.base + path for path in site.pages), expect=4)
    assert row["health"] == "captcha", "two of four pages wanted a login or a captcha"
    states = {name: count for name, count in row["states"].items() if "fill" not in name}
    assert states == {"ok": 1, "login": 1, "captcha": 1, "deleted": 1}
    assert (row["new"], row["suspect"]) == (1, 0)


def test_feeds_and_sitemaps_that_are_none_are_counted_by_reason(site, crawl):
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    site.put("/bomb", f"{bomb}]><rss><channel><item><title>&j;</title></item></channel></rss>")
    site.put("/html", "<html><body>not a feed</body></html>")
    site.put("/image", b"\x89PNG\r\n\x1a\n" + bytes(300))
    site.put("/empty", "")
    site.put("/cut", "<rss><channel><item><link>/a")
    urls = [site.base + path for path in site.pages]
    row = crawl("feed", *urls, expect=4)
    assert row["pages"] == 0
    assert {"feed_dtd", "feed_not_xml"} <= set(row["drops"])
    assert sum(row["drops"].values()) >= len(urls)

    site.put("/bomb.gz", gzip.compress(b"<urlset>" + b" " * 60_000_000))
    site.put("/broken.gz", gzip.compress(b"<urlset></urlset>")[:12])
    row = crawl("sitemap", f"{site.base}/bomb.gz", f"{site.base}/broken.gz", f"{site.base}/html",
                expect=4)  # fmt: skip
    assert row["pages"] == 0
    assert sum(row["drops"].values()) >= 3


def test_a_broken_feed_still_leads_to_its_pages(site, office, crawl, e2e_pages):
    page, calm, promotion = e2e_pages
    site.put("/a", page("清浦街道改造", *calm))
    site.put("/b", page("合伙人招募", *promotion))
    site.put(
        "/feed",
        f"<?xml version='1.0' encoding='gb2312'?><rss><channel><item><title>A & B&nbsp;</title><link>"
        f"{site.base}/a</link></item><item>\x0b<link>{site.base}/b</link><pubDate>坏日期</pubDate></item>"
        "<item><title>没有地址</title></item><item><link>javascript:x</link></item>",
        content_type="text/xml",
    )
    row = crawl("feed", f"{site.base}/feed")
    assert row["pages"] == 2
    assert row["drops"] == {"entry_without_link": 2}
    assert found_places(office) == [f"{site.base}/b"]


def test_lists_that_are_blocked_or_bare_are_counted_by_reason(site, crawl):
    site.put("/captcha", "<p>访问过于频繁，请输入验证码</p>")
    site.put("/login", "<p>请登录后查看</p>")
    site.put("/bare", "<p>暂无内容</p>")
    site.put("/binary", b"\xff\xd8\xff" + bytes(100))
    row = crawl("listing", *(site.base + path for path in site.pages), expect=4)
    assert row["pages"] == 0
    assert row["drops"] == {
        "captcha": 1, "login": 1, "list_without_items": 1, "list_not_html": 1,
    }  # fmt: skip
