"""Each thing a site can do wrong, by itself: counted under its reason, and nobody else is harmed."""

import gzip
import json
import socket
import time
from collections import Counter

import pytest

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"


def head(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *headers, "", ""]).encode()


def drip(connection: socket.socket) -> None:
    """A byte now and then: alive, but never done."""
    connection.sendall(f"{OK}Content-Length: 100000\r\n\r\n".encode())
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.2)


def endless(connection: socket.socket) -> None:
    connection.sendall(f"{OK}\r\n".encode())
    while True:
        connection.sendall(b"<p>endless</p>" * 5_000)


def announced_huge(connection: socket.socket) -> None:
    connection.sendall(f"{OK}Content-Length: 52428800\r\n\r\n".encode() + b"<p>huge</p>" * 100)


def bomb(connection: socket.socket) -> None:
    body = gzip.compress(b"<p>bomb</p>" * 5_000_000)
    header = f"{OK}Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(header.encode() + body)


def not_gzip(connection: socket.socket) -> None:
    body = b"this was never compressed"
    header = f"{OK}Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(header.encode() + body)


def say(data: bytes):
    return lambda connection: connection.sendall(data)


CASES = {
    "gone": (say(head("410 Gone", "Content-Length: 0")), "http_410"),
    "missing": (say(head("404 Not Found", "Content-Length: 0")), "http_404"),
    "broken": (say(head("500 Oops", "Content-Length: 0")), "http_500"),
    "busy": (say(head("503 Busy", "Content-Length: 0")), "http_503"),
    "drip": (drip, "timeout"),
    "endless": (endless, "too_large"),
    "huge": (announced_huge, "too_large"),
    "bomb": (bomb, "too_large"),
    "not_gzip": (not_gzip, None),
    "loop": (say(head("302 Found", "Location: /loop", "Content-Length: 0")), "redirects"),
    "private": (
        say(head("302 Found", "Location: http://169.254.169.254/", "Content-Length: 0")),
        "private_address",
    ),
    "decimal": (
        say(head("302 Found", "Location: http://3232235777/", "Content-Length: 0")),
        "private_address",
    ),
    "file": (say(head("302 Found", "Location: file:///etc/passwd", "Content-Length: 0")), None),
    "picture": (
        say(head("200 OK", "Content-Type: image/png", "Content-Length: 8") + b"\x89PNG\r\n\x1a\n"),
        "not_html",
    ),
    "wordless": (say(head("200 OK", "Content-Length: 0")), "empty"),
    "no_http": (say(b"\x00\x01\x02 this is no HTTP\r\n\r\n"), None),
    "unasked_304": (say(head("304 Not Modified")), "http_304"),
}


@pytest.fixture
def hostile(serve_bare):
    return serve_bare({f"/{name}": behaviour for name, (behaviour, _) in CASES.items()})


def test_each_fault_is_counted_under_its_reason_and_fails_its_target_alone(
    site, hostile, desk, e2e_pages
):
    page, _, promotion = e2e_pages
    site.put("/good", page("合伙人招募", *promotion))
    desk.target("good", f"spider: article\nstart_urls: ['{site.base}/good']")
    urls = [f"{hostile.base}/{name}" for name in CASES]
    limits = "timeout_s: 4, page_bytes: 2000000"
    desk.target("bad", f"spider: article\nstart_urls: {urls}", limits)
    desk.target("dead", f"spider: article\nstart_urls: ['{hostile.base}/gone']", limits)
    rows = desk.crawl(expect=4)
    row = rows["bad"]
    drops = Counter(row["drops"])
    drops.subtract(Counter(reason for _, reason in CASES.values() if reason))
    assert all(count >= 0 for count in drops.values()), row
    assert drops.total() == sum(reason is None for _, reason in CASES.values()), row
    assert (row["pages"], row["health"], row["errors"]) == (0, "empty", 0), (row, desk.log)
    assert "too_large 3" in row["detail"]
    assert rows["dead"]["drops"] == {"http_410": 1}
    assert "http_410" in rows["dead"]["detail"]
    assert (rows["good"]["health"], rows["good"]["new"]) == ("ok", 1)
    assert len(desk.findings()) == 1
    desk.adwatch("evidence", "verify")
    digest = desk.adwatch("digest", "--out", str(desk.folder / "out"), expect=None)
    assert digest.returncode in {0, 1}, digest.stderr


def test_robots_txt_is_obeyed_and_said(site, desk, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/robots.txt", "User-agent: *\nDisallow: /closed\n", content_type="text/plain")
    site.put("/closed/a", page("街道改造", *calm))
    desk.target("closed", f"spider: article\nstart_urls: ['{site.base}/closed/a']")
    row = desk.crawl(expect=4)["closed"]
    assert row["drops"] == {"robots": 1}
    assert "robots" in row["detail"]
    assert not site.asked["/closed/a"]


def test_a_redirect_leads_to_the_page_and_stands_in_its_evidence(site, hostile, desk, e2e_pages):
    page, calm, _ = e2e_pages
    site.put("/target", page("街道改造", *calm))
    hostile.behaviours["/moved"] = say(
        head("301 Moved", f"Location: {site.base}/target", "Content-Length: 0")
    )
    desk.target("moved", f"spider: article\nstart_urls: ['{hostile.base}/moved']")
    assert desk.crawl()["moved"]["new"] == 1
    again = desk.crawl()["moved"]
    assert (again["new"], again["unchanged"]) == (0, 1)
    assert site.not_modified["/target"] == 1


def test_one_dead_link_in_a_list_is_said_and_does_not_fail_the_target(site, desk, e2e_pages):
    page, calm, _ = e2e_pages
    paths = [f"/a/{number}.html" for number in range(6)]
    for number, path in enumerate(paths[:5]):
        site.put(path, page(f"清浦街道改造第{number}期", *calm, f"第{number}期。"))
    items = "".join(
        f'<li><a href="{path}">清浦县新闻第{number}条：街道改造与居民生活</a></li>'
        for number, path in enumerate(paths)
    )
    site.put("/list", f"<html><body><ul>{items}</ul></body></html>")
    desk.target("board", f"spider: listing\nstart_urls: ['{site.base}/list']")
    row = desk.crawl()["board"]
    assert (row["pages"], row["drops"]) == (5, {"http_404": 1})
    assert "http_404 1" in row["detail"]


def test_robots_txt_holds_for_pages_that_waited_for_it_together(site, desk):
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n", content_type="text/plain")
    urls = [f"{site.base}/private/{n}" for n in range(6)]
    desk.target("walled", f"spider: article\nstart_urls: {json.dumps(urls)}")
    row = desk.crawl("walled", expect=4)["walled"]
    assert {path: count for path, count in site.asked.items() if "private" in path} == {}
    assert row["drops"] == {"robots": 6}
