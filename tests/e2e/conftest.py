"""A real web site on loopback that does what a test tells it, and an installation that watches it."""

import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipelines.pictures.pool import RUNNING as PICTURES_RUNNING
from pipelines.pictures.pool import picture_parent
from pipelines.reader_parent import RUNNING, ReaderParent

ADWATCH = str(Path(sys.executable).parent / "adwatch")
HTML = "text/html; charset=utf-8"


@pytest.fixture(scope="session")
def running_readers():
    """Readers that are warm, for all commands of these tests."""
    with ReaderParent() as parent, picture_parent() as pictures:
        yield parent.address, pictures.address


@pytest.fixture(autouse=True)
def shared_readers(request, monkeypatch):
    """Commands use readers that run already, but where a test wants to see them start."""
    if request.node.get_closest_marker("own_readers") is None:
        pages, pictures = request.getfixturevalue("running_readers")
        monkeypatch.setenv(RUNNING, pages)
        monkeypatch.setenv(PICTURES_RUNNING, pictures)


@dataclass
class Answer:
    """What the site says on a path; `act` does something unkind instead."""

    body: bytes = b""
    status: int = 200
    content_type: str = HTML
    headers: dict[str, str] = field(default_factory=dict)
    act: str = ""


class Site:
    """Pages by path, with ETags; counts what was asked and what was answered 304."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: Counter[str] = Counter()
        self.not_modified: Counter[str] = Counter()
        self.agents: set[str] = set()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def put(self, path: str, text: str | bytes, **fields) -> None:
        body = text if isinstance(text, bytes) else text.encode()
        self.pages[path] = Answer(body, **fields)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        self.asked[path] += 1
        self.agents.add(request.headers.get("User-Agent", ""))
        page = self.pages.get(path, Answer(b"not here", 404))
        if page.act:
            self._misbehave(request, page)
            return
        etag = f'"{sha256(page.body).hexdigest()[:16]}"'
        if page.status == 200 and request.headers.get("If-None-Match") == etag:
            self.not_modified[path] += 1
            request.send_response(304)
            request.send_header("ETag", etag)
            request.end_headers()
            return
        request.send_response(page.status)
        for name, value in {"Content-Type": page.content_type, **page.headers}.items():
            request.send_header(name, value)
        if page.status == 200:
            request.send_header("ETag", etag)
        request.send_header("Content-Length", str(len(page.body)))
        request.end_headers()
        request.wfile.write(page.body)

    @staticmethod
    def _misbehave(request: BaseHTTPRequestHandler, page: Answer) -> None:
        if page.act == "reset":
            linger = struct.pack("ii", 1, 0)
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif page.act == "hang":
            time.sleep(20)
        elif page.act == "truncate":
            request.send_response(200)
            request.send_header("Content-Type", HTML)
            request.send_header("Content-Length", str(len(page.body) * 2))
            request.end_headers()
            request.wfile.write(page.body)
            request.wfile.flush()
        request.close_connection = True
        request.connection.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site():
    made = Site()
    yield made
    made.close()


@pytest.fixture
def many_hosts():
    """One site on every address of loopback: 127.0.0.1, 127.0.0.2 …"""
    made = Site("0.0.0.0")  # noqa: S104 (all of loopback)
    yield made
    made.close()


def _not_found(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class BareServer:
    """Answers by path with whatever the behaviour does to the bare connection."""

    def __init__(self, behaviours, address: str, otherwise) -> None:
        self.behaviours = behaviours
        self._otherwise = otherwise
        self.asked: Counter[str] = Counter()
        self._listening = socket.create_server((address, 0), backlog=64)
        self.port = self._listening.getsockname()[1]
        self.base = f"http://{address}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            path = connection.recv(65536).split(b" ", 2)[1].decode().partition("?")[0]
            self.asked[path] += 1
            self.behaviours.get(path, self._otherwise)(connection)
        except (OSError, IndexError):
            return
        finally:
            connection.close()

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def serve_bare():
    """Makes a server of behaviours by path, on an address of loopback."""
    made: list[BareServer] = []

    def serve(behaviours, address: str = "127.0.0.1", otherwise=_not_found) -> BareServer:
        made.append(BareServer(behaviours, address, otherwise))
        return made[-1]

    yield serve
    for server in made:
        server.close()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An installation's folder that may crawl loopback."""
    (tmp_path / "targets").mkdir()
    (tmp_path / "adwatch.yml").write_text(
        "contact: mailto:test@example.cn\nnetwork: {allow: [127.0.0.0/8]}\n"
    )
    return tmp_path


def page(title: str, *paragraphs: str, side: str = "") -> str:
    """An ordinary article page."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}_清浦网</title></head><body>"
        f'<div class="nav"><a href="/">首页</a> <a href="/about">关于</a></div>'
        f'<div class="main"><h1>{title}</h1><div class="info">2026-11-20 10:12</div>'
        f'<div class="content">{body}</div></div><div class="side">{side}</div>'
        f'<div class="footer">清浦网 版权所有</div></body></html>'
    )


CALM = (
    "清浦县城今年完成了三条街道的改造，路面平整，路灯也换成了新的，沿街商铺的招牌统一做了清洗。",
    "街道办的工作人员介绍，改造期间设置了临时通道，方便居民出行，施工单位每天傍晚清理现场。",
    "附近的居民说，下雨天再也不用绕路，孩子上学也安全多了，大家希望后面的小巷也能一起修好。",
)
PROMOTION = (
    "本公司面向社会公开招募合伙人，一万元起投，月息两分，到期还本付息，保本保息，本金绝对安全。",
    "名额有限，先到先得，推荐亲友加入另有百分之五的奖励。详情请加微信 qingpu_8866 咨询，电话 19900001234。",
)


@pytest.fixture
def e2e_pages():
    """(page builder, calm paragraphs, promoting paragraphs)."""
    return page, CALM, PROMOTION


class Desk:
    """An installation driven by its commands, as an operator does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def adwatch(self, *command: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [ADWATCH, "--config", str(self.folder), *command],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if expect is not None:
            assert done.returncode == expect, (done.returncode, done.stdout, done.stderr, self.log)
        return done

    @property
    def log(self) -> str:
        files = sorted(self.folder.glob(".adwatch/logs/*.log"))
        return "\n".join(file.read_text(errors="replace")[-3000:] for file in files)

    def target(self, name: str, text: str, limits: str = "timeout_s: 3") -> None:
        path = self.folder / "targets" / f"{name}.yml"
        path.write_text(
            f"title: {name}\n{text}\nlimits: {{delay_s: 0, concurrency: 4, {limits}}}\n",
            encoding="utf-8",
        )

    def crawl(self, *ids: str, expect: int | None = 0) -> dict[str, dict]:
        done = self.adwatch("crawl", *(ids or ("--all",)), "--json", expect=expect)
        return {row["id"]: row for row in json.loads(done.stdout)}

    def findings(self) -> list[dict]:
        lines = self.adwatch("findings", "list", "--json").stdout.splitlines()
        return [json.loads(line) for line in lines]

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [ADWATCH, "--config", str(self.folder), *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip


@pytest.fixture
def desk(office: Path) -> Desk:
    return Desk(office)


@pytest.fixture
def lay_board(site, desk):
    """Makes a target `board`: a list of pages, of which some promote, each in words of its own."""

    def lay(pages: int, *, one_in: int) -> Site:
        paths = [f"/p/{number}.html" for number in range(pages)]
        for number, path in enumerate(paths):
            told = (f"第{number}号项目：{PROMOTION[0]}", PROMOTION[1])
            text = CALM if number % one_in else told
            site.put(path, page(f"清浦消息第{number}条", f"本页是第{number}页。", *text))
        items = "".join(
            f'<li><a href="{path}">清浦县本周新闻第{number}条：街道改造与居民生活</a></li>'
            for number, path in enumerate(paths)
        )
        site.put("/list", f"<html><body><ul class=list>{items}</ul></body></html>")
        desk.target("board", f"spider: listing\nstart_urls: ['{site.base}/list']")
        return site

    return lay
