"""Stage 3: tells a new page from a changed one and from one that only comes again."""

import re
from hashlib import sha256

from core.records import Change, Origin, Page

_VOLATILE = re.compile(r"\d+|\s+")
_CONTENT = frozenset({Origin.TITLE, Origin.ACCOUNT, Origin.BODY})


def content_hash(page: Page) -> str:
    """SHA-256 over what a reader would call the page's content.

    Around the article, digits do not count: counters, clocks and "3 minutes ago" move at every
    visit. Inside it they do: a promised rate that moves is a change.
    """
    digest = sha256(page.state.value.encode())
    for segment in page.segments:
        text = segment.text
        if segment.origin not in _CONTENT:
            text = _VOLATILE.sub("", text)
        digest.update(f"{segment.origin}\0{' '.join(text.split())}\0".encode(errors="replace"))
    return digest.hexdigest()


def compare(found: str, known: str | None) -> Change:
    """How content of the hash `found` relates to the hash that is stored of the address."""
    if known is None:
        return Change.NEW
    return Change.UNCHANGED if found == known else Change.CHANGED
