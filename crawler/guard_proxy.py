"""A forward proxy on loopback through which a browser reaches allowed addresses only.

Chromium resolves names by itself, follows redirects and fetches whatever a page asks for, so no
check inside Scrapy sees its connections. Here each connection is resolved once, the address is
checked, and that very address is connected to.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

from crawler.net_guard import is_allowed, parse_networks

log = logging.getLogger(__name__)
MAX_HEAD_BYTES = 64 * 1024
HEAD_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 20.0
_CHUNK = 64 * 1024
_START_TIMEOUT_S = 10.0
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_BAD = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_UNREACHABLE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
# Headers between a client and its proxy, which are nobody else's business.
_HOP = (b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive")

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> tuple[str, ...]:
    """The addresses of `host`, by the system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardProxy:
    """Serves in a thread of its own while the context lasts; the browser is given its `url`."""

    def __init__(self, allow: Sequence[str], resolver: Resolve = resolve) -> None:
        self._allowed = parse_networks(allow)
        self._resolve = resolver
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="guard-proxy", daemon=True)
        self._port = 0

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(_START_TIMEOUT_S) or not self._port:
            raise OSError("the browser's network guard could not listen on 127.0.0.1")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_TIMEOUT_S)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            server = self._loop.run_until_complete(
                asyncio.start_server(self._client, "127.0.0.1", 0, limit=MAX_HEAD_BYTES)
            )
            self._port = int(server.sockets[0].getsockname()[1])
        finally:
            self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))  # closed transports say so once more
        self._loop.close()

    async def _client(self, reader: Reader, writer: Writer) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_TIMEOUT_S)
            await self._answer(head, reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as e:
            log.debug("a connection ended early: %s", e)  # the browser sees it end as well
        except asyncio.CancelledError:
            log.debug("a connection was open when the crawl ended")
        finally:
            writer.close()

    async def _answer(self, head: bytes, reader: Reader, writer: Writer) -> None:
        asked = read_request(head)
        if asked is None:
            await _say(writer, _BAD)
            return
        host, port, forwarded = asked
        try:
            addresses = await self._resolve(host, port)
        except OSError:
            await _say(writer, _UNREACHABLE)
            return
        if not addresses or not all(is_allowed(one, self._allowed) for one in addresses):
            await _say(writer, _REFUSED)
            return
        try:
            far_reader, far_writer = await _connect(addresses, port)
        except (OSError, TimeoutError):
            await _say(writer, _UNREACHABLE)
            return
        (far_writer if forwarded else writer).write(forwarded or _CONNECTED)
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            far_writer.close()


def read_request(head: bytes) -> tuple[str, int, bytes] | None:
    """Host, port, and what to send there (nothing for a tunnel); None where the head is no request.

    A plain request is sent with `Connection: close`, so that one connection serves one request and
    a second one cannot ride on the first one's check.
    """
    line, _, rest = head.partition(b"\r\n")
    parts = line.decode("latin-1").split(" ")
    if len(parts) != 3:  # noqa: PLR2004 (method, address, version)
        return None
    method, address, version = parts
    try:
        split = urlsplit(f"//{address}" if method == "CONNECT" else address)
        host, port = split.hostname, split.port
    except ValueError:
        return None
    if not host or (method != "CONNECT" and split.scheme not in {"http", "ws"}):
        return None
    if method == "CONNECT":
        return (host, port, b"") if port else None
    target = split.path or "/"
    if split.query:
        target = f"{target}?{split.query}"
    kept = [
        header
        for header in rest.removesuffix(b"\r\n\r\n").split(b"\r\n")
        if header.partition(b":")[0].strip().lower() not in _HOP
    ]
    first = f"{method} {target} {version}".encode("latin-1")
    return host, port or 80, b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


async def _connect(addresses: Sequence[str], port: int) -> tuple[Reader, Writer]:
    """A connection to the first of the checked addresses that answers."""
    failed: Exception = OSError("no address")
    for address in addresses:
        try:
            return await asyncio.wait_for(
                asyncio.open_connection(address, port), CONNECT_TIMEOUT_S / len(addresses)
            )
        except (OSError, TimeoutError) as error:
            failed = error
    raise failed


async def _pump(reader: Reader, writer: Writer) -> None:
    """Pass bytes on until the sender ends."""
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    with suppress(OSError, RuntimeError):
        if writer.can_write_eof():
            writer.write_eof()


async def _say(writer: Writer, answer: bytes) -> None:
    writer.write(answer)
    await writer.drain()
