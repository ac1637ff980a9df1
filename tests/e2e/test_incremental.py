"""Second visits: what is asked, what is stored, and what is flagged, whatever the server says."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Server:
    """Pages whose validators each test chooses: `etag`, `modified`, whether it heeds conditions."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.heeds = True
        self.sends_validators_with_304 = True
        self.asked: Counter[str] = Counter()
        self.conditions: list[tuple[str | None, str | None]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        if request.path == "/robots.txt":
            request.send_error(404)
            return
        self.asked[request.path] += 1
        asked = (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"))
        self.conditions.append(asked)
        wanted = (self.headers.get("ETag"), self.headers.get("Last-Modified"))
        same = any(asked) and all(have in {None, want} for have, want in zip(asked, wanted))  # noqa: B905
        body = self.pages[request.path].encode()
        request.send_response(304 if self.heeds and same else 200)
        if not (self.heeds and same):
            request.send_header("Content-Type", "text/html; charset=utf-8")
            request.send_header("Content-Length", str(len(body)))
        if not (self.heeds and same) or self.sends_validators_with_304:
            for name, value in self.headers.items():
                request.send_header(name, value)
        request.end_headers()
        if not (self.heeds and same):
            request.wfile.write(body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server(desk, e2e_pages):
    made = Server()
    page, _, promotion = e2e_pages
    made.pages["/a"] = page("共富合伙人招募", *promotion)
    desk.target("one", f"spider: article\nstart_urls: ['{made.base}/a']")
    yield made
    made.close()


def counts(row):
    return row["new"], row["changed"], row["unchanged"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"ETag": '"strong"'}, marks=pytest.mark.soak),
        pytest.param({"ETag": 'W/"weak"'}, marks=pytest.mark.soak),
        {"Last-Modified": "Sun, 22 Nov 2026 08:00:00 GMT"},
        {"ETag": '"both"', "Last-Modified": "Sun, 22 Nov 2026 08:00:00 GMT"},
    ],
    ids=["strong", "weak", "date", "both"],
)
def test_known_pages_are_asked_for_by_their_validators(server, desk, headers):
    server.headers = headers
    server.sends_validators_with_304 = False
    assert counts(desk.crawl()["one"]) == (1, 0, 0)
    for _ in range(2):  # the second time from what a 304 without validators left
        row = desk.crawl()["one"]
        assert counts(row) == (0, 0, 1)
        assert row["statuses"].get("304") == 1
        assert server.conditions[-1] == (headers.get("ETag"), headers.get("Last-Modified"))
    found = desk.findings()
    assert [(one["state"], len(one["places"])) for one in found] == [("new", 1)]


@pytest.mark.parametrize(
    "headers",
    [{}, pytest.param({"ETag": '"x"'}, marks=pytest.mark.soak)],
    ids=["no_validators", "ignores_them"],
)
def test_a_server_that_always_sends_the_whole_page_flags_nothing_twice(server, desk, headers):
    server.headers, server.heeds = headers, False
    assert counts(desk.crawl()["one"]) == (1, 0, 0)
    files = sorted(path.name for path in desk.folder.glob("evidence/*/*/*"))
    assert counts(desk.crawl()["one"]) == (0, 0, 1)
    assert sorted(path.name for path in desk.folder.glob("evidence/*/*/*")) == files
    assert [one["state"] for one in desk.findings()] == ["new"]


@pytest.mark.soak
def test_a_page_that_alternates_keeps_two_findings_and_no_more(server, desk, e2e_pages):
    page, calm, _ = e2e_pages
    promoting, harmless = server.pages["/a"], page("街道改造完工", *calm)
    rows = []
    for text in (promoting, harmless, promoting, harmless, promoting):
        server.pages["/a"] = text
        rows.append(counts(desk.crawl()["one"]))
    assert rows == [(1, 0, 0), *[(0, 1, 0)] * 4]
    found = desk.findings()
    assert len(found) == 1
    assert len(found[0]["places"]) == 1
    desk.adwatch("evidence", "verify")


def test_a_changed_promise_reopens_what_was_decided(server, desk):
    desk.crawl()
    first = desk.findings()[0]["id"]
    desk.adwatch("findings", "decide", str(first), "dismissed", "--reason", "看过", "--by", "t")
    desk.crawl()
    assert [one["state"] for one in desk.findings()] == ["dismissed"]
    server.pages["/a"] = server.pages["/a"].replace("月息两分", "月息三分")
    assert counts(desk.crawl()["one"]) == (0, 1, 0)
    found = desk.findings()
    assert [(one["id"], one["state"]) for one in found] == [(first, "reopened")]


def test_near_duplicates_on_many_pages_are_one_finding_with_all_places(server, desk, e2e_pages):
    page, _, promotion = e2e_pages
    tails = ("", "。", "！快来", "　", "……")
    for number, tail in enumerate(tails):
        server.pages[f"/n{number}"] = page(f"招募通知{number}", promotion[0], promotion[1] + tail)
    urls = ", ".join(f"'{server.base}/n{number}'" for number in range(len(tails)))
    desk.target("many", f"spider: article\nstart_urls: [{urls}]")
    desk.crawl("many")
    found = desk.findings()
    assert [len(one["places"]) for one in found] == [len(tails)]


def test_a_304_for_evidence_that_was_damaged_fetches_the_page_whole(server, desk):
    server.headers = {"ETag": '"e"'}
    desk.crawl()
    kept = next(desk.folder.glob("evidence/*/*/*"))
    whole = kept.read_bytes()
    kept.chmod(0o644)
    kept.write_bytes(b"x" * len(whole))
    row = desk.crawl()["one"]
    assert counts(row) == (0, 0, 1)
    assert server.conditions[-1] == (None, None)
    assert desk.adwatch("evidence", "verify", expect=1).stdout.count("changed") == 1
