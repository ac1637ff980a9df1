"""A real HTTP server on loopback in the place of WeCom, DingTalk, Feishu or an office's own hook."""

import json
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TAKEN = {"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"}
ACTS = ("hang", "cut", "reset", "trickle")


@dataclass(frozen=True)
class Said:
    """What the server says once; `act` does something unkind instead."""

    body: object = field(default_factory=lambda: dict(TAKEN))
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    act: str = ""

    @property
    def data(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self):
        return json.loads(self.body)


class Vendor:
    """Answers from `script`, in order, then with `otherwise`; keeps what it was asked."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.script: deque[Said] = deque()
        self.otherwise = Said()
        self.by_path: dict[str, Said] = {}
        self.let_go = threading.Event()
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                vendor.answer(self)

            do_GET = do_POST  # noqa: N815 (named by http.server)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address) -> None:
                """A client that was killed in the middle is part of the tests."""

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def sent(self) -> list[Asked]:
        """What was posted, without the asking for tokens."""
        return [asked for asked in self.asked if asked.method == "POST"]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.command, parts.path, query, headers, body, time.time()))
        said = self.by_path.get(parts.path) or (
            self.script.popleft() if self.script else self.otherwise
        )
        if said.act:
            self._act(request, said)
            return
        request.send_response(said.status)
        for name, value in said.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(said.data)))
        request.end_headers()
        request.wfile.write(said.data)

    def _act(self, request: BaseHTTPRequestHandler, said: Said) -> None:
        request.close_connection = True
        if said.act == "reset":
            linger = struct.pack("ii", 1, 0)
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif said.act == "hang":
            self.let_go.wait(30)
        elif said.act in {"cut", "trickle"}:
            request.send_response(200)
            request.send_header("Content-Length", "100000")
            request.end_headers()
            request.wfile.write(b'{"errcode":')
            request.wfile.flush()
            while said.act == "trickle" and not self.let_go.wait(0.2):
                request.wfile.write(b" ")
                request.wfile.flush()
        request.connection.close()

    def close(self) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
