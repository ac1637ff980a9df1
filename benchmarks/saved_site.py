"""Saved pages on loopback: each under its own path, and a small page for whatever they link to."""

import re
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import unquote

from spiders.urls import host_of, site_of

_LINK = re.compile(rb"href\s*=\s*[\"']?\s*([^\"'\s>]+)", re.IGNORECASE)
_OWN_ADDRESS = re.compile(
    rb"(?:rel=[\"']?canonical[\"']?[^>]{0,80}href|property=[\"']og:url[\"'][^>]{0,80}content)"
    rb"\s*=\s*[\"'](https?://[^\"']+)",
    re.IGNORECASE,
)
_MARK = "/~"


class SavedSite:
    """A server on a port of its own; `items` answers unknown paths with pages of one line."""

    def __init__(self, pages: Mapping[str, bytes], *, items: bool = False) -> None:
        site = self
        self.pages = dict(pages)
        self.items = items

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.split("?", 1)[0]
        body = self.pages.get(unquote(path))
        if body is None and self.items and path != "/robots.txt":
            body = f"<html><title>{request.path}</title><p>{request.path}</p></html>".encode()
        request.send_response(200 if body is not None else 404)
        body = body or b""
        # No charset: the pages themselves say one, or say a wrong one.
        request.send_header("Content-Type", "text/xml" if path.endswith(".xml") else "text/html")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


def own_sites(page: bytes) -> list[str]:
    """The registered sites that a saved page belonged to: its own, and where a fifth links to."""
    named = _OWN_ADDRESS.search(page)
    links = [found[1].decode("latin-1") for found in _LINK.finditer(page)]
    hosts = [host_of(f"http:{link}" if link.startswith("//") else link) for link in links]
    sites = Counter(site_of(host) for host in hosts if host)
    often = [site for site, count in sites.items() if count * 5 >= sites.total()]
    own = site_of(host_of(named[1].decode("latin-1"))) if named else ""
    return [*often, own] if own and own not in often else often


def moved(page: bytes, base: str) -> bytes:
    """The page as if its own sites stood at `base`; the host it had becomes the first step."""
    sites = b"|".join(re.escape(site.encode()) for site in own_sites(page))
    if not sites:
        return page
    address = re.compile(
        rb"(?:https?:)?(//|\\/\\/)((?:[\w-]+\.)*(?:" + sites + rb"))(?=[/\\\"'?#\s])"
    )

    def at_base(found: re.Match[bytes]) -> bytes:
        slash = found[1][: len(found[1]) // 2]
        host = base.partition("//")[2].encode()
        return b"http:" + found[1] + host + slash + b"~" + found[2]

    return address.sub(at_base, page)


def original(url: str, base: str) -> str:
    """What an address on the moved site was before."""
    rest = url.removeprefix(base)
    return f"http://{rest.removeprefix(_MARK)}" if rest.startswith(_MARK) else rest
