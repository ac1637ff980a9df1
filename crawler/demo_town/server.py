"""The town's servers: one threaded HTTP/1.1 server a site, each on a loopback address of its own."""

import gzip
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

from crawler.demo_town.content import SHANGHAI, expectations, load_town
from crawler.demo_town.render import Day, render_day
from crawler.demo_town.replies import Reply
from crawler.demo_town.sites import SITES
from crawler.demo_town.targets import town_targets

LAST_DAY = 2
_NOT_FOUND = (
    "<!DOCTYPE html><meta charset=utf-8><title>404</title><p>您访问的页面不存在</p>".encode()
)


class SiteServer(ThreadingHTTPServer):
    """One site; `answers` is replaced as a whole when the day changes."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self.answers: Mapping[str, Reply] = {}

    def server_bind(self) -> None:
        """Bind without asking DNS for a name, which the standard server does."""
        TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), int(port)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor that hangs up is no fault of the town."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "DemoTown"
    timeout = 30

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Keep standard error for the demo's own lines."""

    def _answer(self, *, with_body: bool) -> None:
        answers = cast("SiteServer", self.server).answers
        page = answers.get(urlsplit(self.path).path)
        if page is None:
            page = Reply(_NOT_FOUND, "text/html; charset=utf-8", 404, datetime.now(UTC))
        if page.status == 200 and self._is_current(page):  # noqa: PLR2004 (HTTP OK)
            self.send_response(304)
            self._send_validators(page)
            self.end_headers()
            return
        body = page.body
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        if page.worth_packing and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        if page.status == 200:  # noqa: PLR2004 (HTTP OK)
            self._send_validators(page)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _send_validators(self, page: Reply) -> None:
        moment = page.modified_at.astimezone(UTC)
        self.send_header("ETag", page.etag)
        self.send_header("Last-Modified", format_datetime(moment, usegmt=True))
        self.send_header("Vary", "Accept-Encoding")

    def _is_current(self, page: Reply) -> bool:
        """Whether the visitor has this page already; If-None-Match outranks the date."""
        known = self.headers.get("If-None-Match")
        if known is not None:
            tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
            return page.etag.removeprefix("W/") in tags or "*" in tags
        since = self.headers.get("If-Modified-Since")
        try:
            moment = parsedate_to_datetime(since) if since else None
        except ValueError:
            return False
        return moment is not None and page.modified_at.replace(microsecond=0) <= moment


class DemoTown:
    """The running town; a context manager.

    `ports` (as `DemoTown.ports` of an earlier town gave them) and `today` keep addresses and
    pages the same for a second visit; a port that is taken is replaced by a free one. Where the
    system has no further loopback addresses (macOS), the sites share 127.0.0.1.
    """

    def __init__(
        self, *, today: date | None = None, day: int = 1, ports: Mapping[str, int] | None = None
    ) -> None:
        self.today = today or datetime.now(SHANGHAI).date()
        self._day = day
        self._wanted_ports = dict(ports or {})
        self._servers: dict[str, SiteServer] = {}

    def __enter__(self) -> Self:
        try:
            for name, site in SITES.items():
                self._servers[name] = _bound(site.host, self._wanted_ports.get(name, 0))
            self.day = self._day
            for name, server in self._servers.items():
                threading.Thread(
                    target=server.serve_forever, kwargs={"poll_interval": 0.05},
                    name=f"demo-{name}", daemon=True,
                ).start()  # fmt: skip
        except BaseException:
            for server in self._servers.values():
                server.server_close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        self._servers.clear()

    @property
    def day(self) -> int:
        """1 or 2; setting it changes what every site answers."""
        return self._day

    @day.setter
    def day(self, number: int) -> None:
        if not 1 <= number <= LAST_DAY:
            raise ValueError(f"day {number}: the town has days 1 to {LAST_DAY}")
        answers = render_day(Day(load_town(), number, self.today, self.bases))
        for name, server in self._servers.items():
            server.answers = answers[name]
        self._day = number

    def advance(self) -> None:
        """Let the second day begin."""
        self.day = min(self._day + 1, LAST_DAY)

    @property
    def ports(self) -> dict[str, int]:
        """Each site's port."""
        return {name: server.server_port for name, server in self._servers.items()}

    @property
    def bases(self) -> dict[str, str]:
        """Each site's address, without a path."""
        return {
            name: f"http://{server.server_name}:{server.server_port}"
            for name, server in self._servers.items()
        }

    def targets(self) -> tuple[dict[str, Any], ...]:
        """The target definitions, ready to be written as YAML; `id` is the file's stem."""
        return town_targets(self.bases)

    def expectations(self) -> dict[str, str]:
        """What each page is, by its path."""
        return expectations()

    def addresses(self) -> dict[str, str]:
        """The full address of each page of today, by its path."""
        return {
            page.path: self.bases[name] + page.path
            for name in SITES
            for page in load_town().on(name, self._day)
        }


def _bound(host: str, port: int) -> SiteServer:
    """A server at the wanted place, else at a free port, else at 127.0.0.1."""
    for address in ((host, port), (host, 0)):
        try:
            return SiteServer(address)
        except OSError:
            continue
    return SiteServer(("127.0.0.1", 0))
