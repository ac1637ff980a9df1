"""A capture as a JSON document, and back: for a saved page's facts, and from process to process."""

import base64
from datetime import datetime
from typing import Any

from core.records import Capture


def capture_document(capture: Capture) -> dict[str, Any]:
    """Everything but the bytes: addresses, status, headers, time."""
    return {
        "url": capture.url,
        "final_url": capture.final_url,
        "status": capture.status,
        "headers": [list(header) for header in capture.headers],
        "captured_at": capture.captured_at.isoformat(),
        "redirects": list(capture.redirects),
        "server_address": capture.server_address,
        "rendered": capture.rendered,
    }


def capture_from(document: dict[str, Any], body: bytes) -> Capture:
    """The capture that the document describes; KeyError, TypeError or ValueError if none."""
    return Capture(
        url=str(document["url"]),
        final_url=str(document["final_url"]),
        status=int(document["status"]),
        headers=tuple((str(name), str(value)) for name, value in document["headers"]),
        captured_at=datetime.fromisoformat(document["captured_at"]),
        body=body,
        redirects=tuple(map(str, document["redirects"])),
        server_address=document["server_address"],
        rendered=bool(document["rendered"]),
    )


def packed_body(body: bytes) -> str:
    """Bytes as text."""
    return base64.b64encode(body).decode()


def unpacked_body(text: str) -> bytes:
    """The bytes again."""
    return base64.b64decode(text)
