"""The browser's way out: what it lets through, and that a second request cannot ride along."""

import socket
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from crawler.guard_proxy import GuardProxy, read_request

LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def far():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def fetch(proxy, url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy.url}))
    with opener.open(url, timeout=10) as answer:
        return answer.read().decode()


def exchange(proxy, data):
    host, _, port = proxy.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        connection.settimeout(10)
        return connection.recv(200)


def test_an_allowed_address_is_reached(far):
    with GuardProxy(LOOPBACK) as proxy:
        assert fetch(proxy, f"http://{far}/a?b=1") == "/a?b=1"


@pytest.mark.parametrize("host", ["{far}", "2130706433", "0x7f000001", "localhost", "[::1]"])
def test_an_address_inside_the_house_is_refused(far, host):
    with GuardProxy(()) as proxy, pytest.raises(urllib.error.HTTPError) as raised:
        fetch(proxy, f"http://{host.format(far=far)}/")
    raised.value.close()
    assert raised.value.code == 403


def test_a_tunnel_is_refused_too():
    with GuardProxy(()) as proxy:
        assert b"403" in exchange(proxy, b"CONNECT 169.254.169.254:443 HTTP/1.1\r\n\r\n")


def test_a_name_with_one_inner_address_is_refused():
    async def both(_host, _port):
        return ("1.1.1.1", "10.0.0.1")

    with GuardProxy((), both) as proxy:
        assert b"403" in exchange(proxy, b"CONNECT mixed.example:443 HTTP/1.1\r\n\r\n")


def test_a_name_is_looked_up_once_and_that_address_is_used(far):
    asked = []

    async def rebinding(host, _port):
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.1",)

    with GuardProxy(LOOPBACK, rebinding) as proxy:
        assert fetch(proxy, f"http://town.example:{far.partition(':')[2]}/x") == "/x"
    assert asked == ["town.example"]


@pytest.mark.parametrize(
    "head",
    [b"nonsense\r\n\r\n", b"GET /relative HTTP/1.1\r\n\r\n", b"GET ftp://h/ HTTP/1.1\r\n\r\n",
     b"GET file:///etc/passwd HTTP/1.1\r\n\r\n", b"CONNECT host HTTP/1.1\r\n\r\n",
     b"GET http://h:x/ HTTP/1.1\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_request_is_refused(head):
    assert read_request(head) is None
    with GuardProxy(LOOPBACK) as proxy:
        assert b"400" in exchange(proxy, head)


def test_a_plain_request_is_the_only_one_of_its_connection():
    host, port, sent = read_request(
        b"GET http://h.example/p HTTP/1.1\r\nHost: h.example\r\nProxy-Connection: keep-alive\r\n"
        b"Connection: keep-alive\r\n\r\n"
    )
    assert (host, port) == ("h.example", 80)
    assert sent == b"GET /p HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n"
