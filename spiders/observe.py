"""A Scrapy response → the capture that becomes evidence, and the observation that travels on."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from scrapy.http import Response

from core.records import Capture, Hints, Observation
from spiders.urls import canonical_url

SCREENSHOT_META = "adwatch_screenshot"
# A request with it is sent as it is, whatever is known of its address.
WHOLE_META = "adwatch_whole"
PICTURE_META = "adwatch_picture"
NOT_MODIFIED_FLAG = "not_modified"
MAX_HEADER_CHARS = 32_768  # of one answer that are kept as evidence
LEFT_OUT = "(header lines left out)"
_NO_HINTS = Hints()
_PORTS = {"http": 80, "https": 443}


def capture_of(response: Response, captured_at: datetime | None = None) -> Capture:
    """The bytes and facts of `response`; `url` is what was asked, `redirects` each address left."""
    request = response.request
    meta = request.meta if request else {}
    redirects = tuple(meta.get("redirect_urls", ()))
    asked = redirects[0] if redirects else (request.url if request else response.url)
    screenshot = meta.get(SCREENSHOT_META)
    return Capture(
        url=asked,
        final_url=response.url,
        status=response.status,
        headers=_headers(response),
        captured_at=captured_at or datetime.now(UTC),
        body=response.body,
        redirects=redirects,
        method=request.method if request else "GET",
        server_address=_server_address(response),
        rendered=bool(meta.get("playwright")),
        screenshot=screenshot if isinstance(screenshot, bytes) else None,
        not_modified=NOT_MODIFIED_FLAG in response.flags,
    )


def observation_of(
    response: Response,
    *,
    target_id: str,
    run_id: int,
    kind: str,
    parent_url: str = "",
    hints: Hints = _NO_HINTS,
) -> Observation:
    """`response` as an observation under the canonical URL of what was asked."""
    capture = capture_of(response)
    return Observation(
        target_id=target_id,
        run_id=run_id,
        url=canonical_url(capture.url) or capture.url,
        kind=kind,
        capture=capture,
        parent_url=parent_url,
        hints=hints,
    )


def _headers(response: Response) -> tuple[tuple[str, str], ...]:
    """Each header line by itself, in Latin-1, which maps every byte and so loses none.

    A flood of them is cut; the last line then says how many are left out.
    """
    lines = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
    kept, room = [], MAX_HEADER_CHARS
    for name, value in lines:
        size = len(name) + len(value)
        if size <= room or name == "Content-Type":
            kept.append((name, value))
            room -= size
    if len(kept) < len(lines):
        kept.append((LEFT_OUT, str(len(lines) - len(kept))))
    return tuple(kept)


def _server_address(response: Response) -> str | None:
    if response.ip_address is None:
        return None
    parts = urlsplit(response.url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    address = str(response.ip_address)
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
