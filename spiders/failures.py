"""Why a request came to nothing, in one word for the run's statistics."""

import re

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError

_REASONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("header_flood", ("HeaderFloodError",)),
    ("timeout", ("TimeoutError", "TCPTimedOutError", "UserTimeoutError")),
    ("private_address", ("RefusedAddressError",)),
    ("dns", ("DNSLookupError", "UnknownHostError", "gaierror")),
    ("refused", ("ConnectionRefusedError",)),
    (
        "reset",
        ("ConnectionLost", "ConnectionDone", "ConnectionResetError", "ResponseNeverReceived"),
    ),
    ("truncated", ("ResponseDataLoss", "PartialDownloadError", "IncompleteRead")),
    ("bad_encoding", ("BadGzipFile", "EOFError")),
    ("tls", ("SSLError", "CertificateError", "VerificationError")),
)
# What Chromium says of a navigation that came to nothing, and what a download is refused with.
_BY_TEXT = (
    (re.compile(r"net::ERR_(?:CONNECTION_)?TIMED_OUT"), "timeout"),
    (re.compile(r"net::ERR_CONNECTION_REFUSED"), "refused"),
    (re.compile(r"net::ERR_(?:NAME_|DNS_)"), "dns"),
    (re.compile(r"net::ERR_(?:CERT_|SSL_)"), "tls"),
    (re.compile(r"net::ERR_TOO_MANY_REDIRECTS"), "redirects"),
    (re.compile(r"net::ERR_CONTENT_LENGTH_MISMATCH|net::ERR_INCOMPLETE"), "truncated"),
    (re.compile(r"net::ERR_(?:CONNECTION_|EMPTY_RESPONSE|SOCKET_|HTTP2_)"), "reset"),
    (re.compile(r"Failed to download|Download is starting|net::ERR_ABORTED"), "not_html"),
)
_BY_CLASS: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadTimeoutError, "timeout"),
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (ResponseDataLossError, "truncated"),
    (DownloadCancelledError, "too_large"),
    (DownloadFailedError, "reset"),
    (UnsupportedURLSchemeError, "bad_url"),
    (TimeoutError, "timeout"),
)


def drop_reason(error: BaseException) -> str:
    """`http_404`, `timeout`, `reset`, `dns`, `robots`, `too_large`, …; `failed` if nothing fits."""
    if isinstance(error, HttpError):
        return f"http_{error.response.status}"
    if isinstance(error, IgnoreRequest):
        return _ignored(str(error))
    text = str(error)[:1_000]
    for pattern, reason in _BY_TEXT:
        if pattern.search(text):
            return reason
    chain = _chain(error)
    for link in chain:
        names = {kind.__name__ for kind in type(link).__mro__}
        for reason, known in _REASONS:
            if names & set(known) and reason != "reset":
                return reason
    return next((reason for kind, reason in _BY_CLASS if isinstance(error, kind)), _by_name(chain))


def _ignored(text: str) -> str:
    lowered = text.lower()
    if "robots" in lowered:
        return "robots"
    if "maxsize" in lowered:
        return "too_large"
    return "redirects" if "redirect" in lowered else "ignored"


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 8 and current not in chain:  # noqa: PLR2004
        chain.append(current)
        chain.extend(
            inner.value
            for inner in getattr(current, "reasons", None) or ()
            if isinstance(getattr(inner, "value", None), BaseException)
        )
        current = current.__cause__
    return chain


def _by_name(chain: list[BaseException]) -> str:
    names = {kind.__name__ for link in chain for kind in type(link).__mro__}
    return next((reason for reason, known in _REASONS if names & set(known)), "failed")
