"""Scrapy's HTTP/1.1 handler with a bound on the head of an answer.

Twisted collects header lines without end, and Scrapy's size limit counts the body alone: a server
that sends headers for ever would fill the memory and hold up every other request until its own
times out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError
from scrapy.http import Request, Response
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS, HTTP11ClientProtocol
from twisted.web._newclient import Request as TxRequest
from twisted.web.client import HTTPConnectionPool
from twisted.web.iweb import IResponse

MAX_HEAD_BYTES = 262_144  # as Chromium has it
_IN_HEAD = frozenset({STATUS, HEADER})


class HeaderFloodError(DownloadCancelledError):
    """The head of an answer is larger than `MAX_HEAD_BYTES`; it is not asked for again."""


class BoundedHandler(HTTP11DownloadHandler):
    """Gives an answer up as soon as its head is too large."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        bound_heads(self._pool)

    async def download_request(self, request: Request) -> Response:
        """Scrapy calls this for each request."""
        with floods_told():
            return await super().download_request(request)


def bound_heads(pool: HTTPConnectionPool) -> None:
    """Let the connections that `pool` opens give up an answer whose head is too large."""
    pool._factory = _BoundedFactory  # noqa: SLF001


@contextmanager
def floods_told() -> Iterator[None]:
    """Raises the `HeaderFloodError` that Twisted and Scrapy have wrapped in failures of theirs."""
    try:
        yield
    except DownloadFailedError as error:
        for reason in getattr(error.__cause__, "reasons", ()):
            if isinstance(reason.value, HeaderFloodError):
                raise reason.value from error
        raise


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Counts what is received of an answer, interim answers included, until its head is over."""

    _head_bytes = 0

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        self._head_bytes = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._parser is not None and self._parser.state in _IN_HEAD:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                said = f"the head of the answer is larger than {MAX_HEAD_BYTES} bytes"
                self._giveUp(Failure(HeaderFloodError(said)))  # type: ignore[no-untyped-call]
                if self.transport is not None:
                    self.transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: ARG002, N802
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
