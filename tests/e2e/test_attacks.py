"""Attacks on the crawler: nothing inside is reached, each costs little, and the next page is read."""

import gzip
import socket
import time

import brotli
import pytest

from spiders.browser import chromium_executable

OUTSIDE = "127.0.0.5"  # stands for a public site: the only address that is allowed
HTML = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"


def answered(body: bytes, *headers: str):
    lines = "".join(f"{header}\r\n" for header in headers)
    whole = f"{HTML}{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
    return lambda connection: connection.sendall(whole)


def redirect(location: str):
    head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    return lambda connection: connection.sendall(head.encode())


def flood_of_headers(connection: socket.socket) -> None:
    connection.sendall(HTML.encode())
    line = b"".join(b"X-Flood-%d: %s\r\n" % (at, b"a" * 200) for at in range(1_000))
    while True:
        connection.sendall(line)


def flood_of_cookies(connection: socket.socket) -> None:
    line = b"".join(b"Set-Cookie: c%d=%s\r\n" % (at, b"b" * 1_000) for at in range(5_000))
    connection.sendall(HTML.encode() + line + b"Content-Length: 4\r\n\r\n<p>x")


def endless_header(connection: socket.socket) -> None:
    connection.sendall(HTML.encode() + b"X-Long: ")
    while True:
        connection.sendall(b"a" * 100_000)


def slow_headers(connection: socket.socket) -> None:
    connection.sendall(HTML.encode())
    for at in range(100):
        connection.sendall(b"X-%d: a\r\n" % at)
        time.sleep(0.3)


def endless_chunks(connection: socket.socket) -> None:
    connection.sendall(f"{HTML}Transfer-Encoding: chunked\r\n\r\n".encode())
    while True:
        connection.sendall(b"10000\r\n" + b"<p>chunk" * 0x2000 + b"\r\n")


def tiny_chunks(connection: socket.socket) -> None:
    connection.sendall(f"{HTML}Transfer-Encoding: chunked\r\n\r\n".encode())
    while True:
        connection.sendall(b"1\r\nx\r\n" * 10_000)


def endless_chunk_size(connection: socket.socket) -> None:
    connection.sendall(f"{HTML}Transfer-Encoding: chunked\r\n\r\n".encode())
    while True:
        connection.sendall(b"0" * 100_000)


BOMB = b"<p>bomb</p>" * 5_000_000
INSIDE_FORMS = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://user:secret@127.0.0.1:{port}/",
    "http://127.0.0.5@127.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "//127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}\\",
    "http://10.0.0.1:{port}/",
    "http://100.64.0.1:{port}/",
    "http://169.254.169.254/latest/meta-data/",
)  # fmt: skip


@pytest.fixture
def inside(serve_bare):
    """A server of the house, on every address of this machine, that nothing may reach."""

    return serve_bare({}, "0.0.0.0", answered(b"<p>secret"))  # noqa: S104


@pytest.fixture
def guarded(desk):
    """An installation that may reach the outside alone."""
    (desk.folder / "adwatch.yml").write_text(
        f"contact: mailto:test@example.cn\nnetwork: {{allow: [{OUTSIDE}/32]}}\n"
    )
    return desk


def test_redirects_into_the_house_end_at_the_door(guarded, inside, serve_bare, e2e_pages):
    page, calm, _ = e2e_pages
    ways = [form.format(port=inside.port) for form in INSIDE_FORMS]
    behaviours = {f"/{at}": redirect(way) for at, way in enumerate(ways)}
    refreshed = '<meta http-equiv="refresh" content="0; url={}"><p>等一等'
    for at, way in enumerate([*ways[:3], "file:///etc/passwd"]):
        behaviours[f"/meta{at}"] = answered(refreshed.format(way).encode())
    behaviours["/good"] = answered(page("街道改造", *calm).encode())
    outside = serve_bare(behaviours, OUTSIDE)
    urls = [f"{outside.base}{path}" for path in behaviours]
    guarded.target("ways", f"spider: article\nstart_urls: {urls}")
    row = guarded.crawl(expect=None)["ways"]
    assert not inside.asked
    assert row["new"] == 2  # the good one, and the one that stays where it is


FLOODS = {
    "headers": flood_of_headers,
    "cookies": flood_of_cookies,
    "endless_header": endless_header,
    "slow_headers": slow_headers,
    "endless_chunks": endless_chunks,
    "tiny_chunks": tiny_chunks,
    "endless_chunk_size": endless_chunk_size,
    "brotli_bomb": answered(brotli.compress(BOMB), "Content-Encoding: br"),
    "nested_bomb": answered(gzip.compress(gzip.compress(BOMB)), "Content-Encoding: gzip, gzip"),
    "zstd_unread": answered(b"\x28\xb5\x2f\xfd\x00", "Content-Encoding: zstd"),
    "charset_lie": answered(
        "<p>这是一个页面，内容正常。".encode("gb18030"), "Content-Type: text/html; charset=utf-16"
    ),
}


READ = {"charset_lie"}  # a page after all
REASONS = {
    "header_flood",
    "timeout",
    "reset",
    "failed",
    "too_large",
    "truncated",
    "empty",
    "not_html",
}


def test_floods_and_bombs_are_counted_and_the_other_pages_are_read(guarded, serve_bare, e2e_pages):
    page, calm, _ = e2e_pages
    good = answered(page("街道改造", *calm).encode())
    behaviours = {f"/{name}": act for name, act in FLOODS.items()} | {"/good": good}
    outside = serve_bare(behaviours, OUTSIDE)
    urls = [f"{outside.base}{path}" for path in behaviours]
    guarded.target(
        "site", f"spider: article\nstart_urls: {urls}", "timeout_s: 8, page_bytes: 2000000"
    )
    row = guarded.crawl(expect=4)["site"]
    assert row["new"] == len(READ) + 1, row
    assert sum(row["drops"].values()) == len(FLOODS) - len(READ), row
    assert set(row["drops"]) <= REASONS, row
    assert row["drops"]["header_flood"] == len({"headers", "cookies"}), row
    assert (row["reason"], row["errors"]) == ("finished", 0), row
    guarded.adwatch("evidence", "verify")


INTRUSIONS = {
    "frame": '<iframe src="{inside}/frame"></iframe><iframe src="file:///etc/passwd"></iframe>',
    "fetch": "<script>fetch('{inside}/fetch',{{mode:'no-cors'}});"
    "fetch('file:///etc/passwd').then(r=>r.text()).then(t=>document.body.append(t))</script>",
    "socket": "<script>new WebSocket('{socket}/socket');new EventSource('{inside}/events')</script>",
    "picture": '<img src="{inside}/picture"><link rel=stylesheet href="{inside}/style">'
    '<link rel=prefetch href="{inside}/prefetch"><link rel=preconnect href="{inside}/">',
    "form": '<form id=f method=post action="{inside}/form"></form><script>f.submit()</script>',
    "leave": "<script>setTimeout(()=>location='{inside}/leave',100)</script>",
    "leave_for_file": "<script>location='file:///etc/passwd'</script>",
    "refresh": '<meta http-equiv=refresh content="0; url={inside}/refresh">',
    "refresh_to_file": '<meta http-equiv=refresh content="0; url=file:///etc/passwd">',
    "worker": "<script>new Worker(URL.createObjectURL(new Blob([\"fetch('{inside}/worker')\"])));"
    "navigator.serviceWorker&&navigator.serviceWorker.register('/worker.js')</script>",
    "beacon": "<script>navigator.sendBeacon('{inside}/beacon','x')</script>"
    '<a id=a ping="{inside}/ping" href="#x">x</a><script>a.click()</script>',
    "redirected": '<img src="/to_inside"><iframe src="/to_inside"></iframe>',
    "dialogs": "<script>for(let i=0;i<50;i++){{alert(i);confirm(i);prompt(i)}}"
    "window.onbeforeunload=()=>'stay'</script>",
    "windows": "<script>for(let i=0;i<50;i++)window.open('{inside}/window'+i)</script>",
    "download": '<a id=d href="/big.bin" download>x</a><script>d.click()</script>',
}


@pytest.mark.skipif(chromium_executable({}) is None, reason="no Chromium on this machine")
def test_a_rendered_page_reaches_nothing_of_the_house(guarded, inside, serve_bare, e2e_pages):
    page, calm, _ = e2e_pages
    ways = {"inside": f"http://127.0.0.1:{inside.port}", "socket": f"ws://127.0.0.1:{inside.port}"}
    behaviours = {
        f"/{name}": answered(page(f"街道改造之{name}", *calm, side=text.format(**ways)).encode())
        for name, text in INTRUSIONS.items()
    }
    outside = serve_bare(
        behaviours | {"/to_inside": redirect(f"{ways['inside']}/redirected")}, OUTSIDE
    )
    urls = [f"{outside.base}{path}" for path in behaviours]
    guarded.target("site", f"spider: article\nbrowser: true\nstart_urls: {urls}", "timeout_s: 15")
    row = guarded.crawl(expect=None)["site"]
    assert not inside.asked
    assert row["new"] + sum(row["drops"].values()) == len(INTRUSIONS), row
    kept = [
        path.read_bytes() for path in (guarded.folder / "evidence").rglob("*") if path.is_file()
    ]
    assert kept
    assert not any(b"root:" in data for data in kept)
