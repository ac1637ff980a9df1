"""One request to a channel's server, bounded in time and size, that tells no secret."""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, quote_plus

import httpx

from core.errors import DeliveryError

MAX_ANSWER_BYTES = 65_536
MAX_DETAIL_CHARS = 500
MAX_RETRY_AFTER_S = 86_400.0
STARS = "***"
MIN_SECRET_CHARS = 4

# Both would write whole addresses, keys of robots included, into the service's log.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the beginning of the text, and the pause it asked for."""

    status: int
    text: str
    retry_after_s: float | None

    @property
    def detail(self) -> str:
        """The text as it is kept and shown."""
        return self.text[:MAX_DETAIL_CHARS]


def ask(
    url: str,
    content: bytes | None,
    *,
    timeout_s: float,
    secrets: Iterable[str],
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """POST `content` (GET where it is None); DeliveryError, without secrets, where nothing came.

    Redirects are not followed: what an operator wrote down is where messages go. `timeout_s`
    bounds the whole exchange, so that an answer that trickles cannot hold a sender for ever.
    """
    hidden = (*secrets, url.partition("?")[2])
    deadline = time.monotonic() + timeout_s
    method = "GET" if content is None else "POST"
    kind = {} if content is None else {"content-type": "application/json; charset=utf-8"}
    try:
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=False) as client,
            client.stream(method, url, content=content, headers={**kind, **(headers or {})}) as got,
        ):
            body = bytearray()
            for chunk in got.iter_bytes():
                body += chunk
                if len(body) >= MAX_ANSWER_BYTES:
                    break
                if time.monotonic() > deadline:
                    raise DeliveryError(f"no whole answer within {timeout_s:g} s")
            text = bytes(body[:MAX_ANSWER_BYTES]).decode("utf-8", "replace")
            wait_s = retry_after_s(got.headers.get("retry-after"))
            return Answer(got.status_code, scrub(text, hidden), wait_s)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        # Not chained: the cause holds the request, and the request its address.
        raise DeliveryError(scrub(f"{type(error).__name__}: {error}", (*hidden, url))) from None


def retry_after_s(value: str | None) -> float | None:
    """Seconds of a Retry-After header, a number or a date; None where it says nothing usable."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - datetime.now(UTC)).total_seconds(), 0.0), MAX_RETRY_AFTER_S)


def scrub(text: str, secrets: Iterable[str]) -> str:
    """`text` with each secret, in any spelling an address has of it, replaced by stars."""
    forms = {form for secret in secrets for form in (secret, quote(secret, ""), quote_plus(secret))}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= MIN_SECRET_CHARS:
            text = text.replace(form, STARS)
    return text
