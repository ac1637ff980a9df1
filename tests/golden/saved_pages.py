"""The saved pages, and what is read of each, field by field."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.records import Capture, Hints, Page
from pipelines.read_page import read_page

PAGES = Path(__file__).resolve().parent / "pages"
CAPTURED_AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
FIELDS = (
    "state", "state_message", "title", "account", "account_id", "author", "published_at", "text",
    "links", "segments", "encoding", "original_url",
)  # fmt: skip


def names() -> list[str]:
    """The stems of the saved pages."""
    return sorted(path.stem for path in PAGES.glob("*.html"))


def read_saved(name: str) -> Page:
    """The page as the pipeline reads it, served without a declared charset."""
    kind = "wechat" if name.startswith("wechat") else "article"
    url = f"http://www.example.cn/{kind}/{name}.html"
    body = (PAGES / f"{name}.html").read_bytes()
    headers = (("Content-Type", "text/html"),)
    return read_page(Capture(url, url, 200, headers, CAPTURED_AT, body), kind, Hints())


def as_record(page: Page) -> dict[str, Any]:
    """The page in JSON's types; a segment is one line: block, origin, text."""
    return {
        "state": page.state.value,
        "state_message": page.state_message,
        "title": page.title,
        "account": page.account,
        "account_id": page.account_id,
        "author": page.author,
        "published_at": page.published_at.isoformat() if page.published_at else None,
        "text": page.text.split("\n"),
        "links": [f"{link.url} {link.text}".strip() for link in page.links],
        "segments": [f"{one.block} {one.origin.value}: {one.text}" for one in page.segments],
        "encoding": page.encoding,
        "original_url": page.original_url,
    }


def expected(name: str) -> dict[str, Any]:
    """The golden record of a saved page."""
    record: dict[str, Any] = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    return record
