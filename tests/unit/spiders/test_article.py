import socket
import struct
import time
from datetime import datetime


def _reset(handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _hang(handler):
    handler.wfile.flush()
    time.sleep(4)


def _truncate(handler):
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<p>"
    )


def test_each_start_address_is_observed_once_with_its_facts(site, crawl):
    first = site.page("/a", "<h1>甲</h1>", headers={"X-Note": "caf\xe9", "Set-Cookie": "a=1"})
    second = site.page("/b", "<h1>乙</h1>")

    result = crawl("article", first, second, first + "#again", first + "?utm_source=x")

    assert result.paths == ["a", "b"]
    item = next(item for item in result.items if item["url"] == first)
    assert (item["kind"], item["target"], item["run"]) == ("article", "t1", 7)
    assert (item["status"], item["method"], item["rendered"]) == (200, "GET", False)
    assert (item["asked"], item["final"], item["redirects"]) == (first, first, [])
    assert item["server"] == site.url.removeprefix("http://")
    assert ["X-Note", "caf\xe9"] in item["headers"]
    assert datetime.fromisoformat(item["at"]).utcoffset().total_seconds() == 0
    assert result.stats["adwatch/items"] == 2
    assert result.drops == {}


def test_a_redirect_keeps_its_chain(site, crawl):
    end = site.page("/end", "<p>终</p>")
    site.page("/mid", status=302, headers={"Location": "/end"})
    start = site.page("/start", status=301, headers={"Location": "/mid"})

    item = crawl("article", start).items[0]

    assert item["url"] == item["asked"] == start
    assert item["final"] == end
    assert item["redirects"] == [start, site.url + "/mid"]


def test_what_fails_is_counted_by_reason_and_the_run_goes_on(site, crawl):
    urls = [
        site.page("/good", "<p>好</p>"),
        site.url + "/gone",
        site.page("/broken", "oops", status=500),
        site.page("/reset", act=_reset),
        site.page("/hang", act=_hang),
        site.page("/cut", act=_truncate),
        site.page("/empty", ""),
        site.page("/blank", " \n "),
        site.page("/pdf", b"%PDF-1.4 ...", content_type="text/html"),
        site.page("/picture", b"\x89PNG\r\n\x1a\n", content_type="image/png"),
        site.page("/big", b"a" * 200_000),
        "http://127.0.0.1:9/refused",
        "http://user:pw@127.0.0.1/credentials",
    ]

    result = crawl("article", *urls, limits={"timeout_s": 2.0, "page_bytes": 100_000})

    assert result.paths == ["good"]
    assert result.drops == {
        "http_404": 1,
        "http_500": 1,
        "reset": 1,
        "timeout": 1,
        "truncated": 1,
        "empty": 2,
        "not_html": 2,
        "too_large": 1,
        "refused": 1,
        "bad_url": 1,
    }


def test_a_page_without_a_declared_type_is_judged_by_its_bytes(site, crawl):
    bare = site.page("/bare", "<p>无类型</p>", content_type=None)
    odd = site.page("/odd", "<!DOCTYPE html><p>x", content_type="application/octet-stream")
    script = site.page("/data", '{"a": 1}', content_type="application/json")

    result = crawl("article", bare, odd, script)

    assert result.paths == ["bare", "odd"]
    assert result.drops == {"not_html": 1}


def test_no_more_pages_than_the_limit_are_asked_for(site, crawl):
    urls = [site.page(f"/{number}", f"<p>{number}</p>") for number in range(6)]

    result = crawl("article", *urls, limits={"pages": 4})

    assert len(result.items) == len(site.asked) == 4
    assert result.drops == {"page_limit": 2}


def test_a_robots_rule_is_a_counted_drop(site, crawl):
    site.page("/robots.txt", "User-agent: *\nDisallow: /private", content_type="text/plain")
    urls = [site.page("/private/a", "<p>a</p>"), site.page("/open", "<p>b</p>")]

    result = crawl("article", *urls, settings={"ROBOTSTXT_OBEY": True})

    assert result.paths == ["open"]
    assert result.drops == {"robots": 1}
