"""Stage 3: tells a new page from a changed one and from one that only comes again."""

import re
from hashlib import sha256

from core.records import Change, Origin, Page

_VOLATILE = re.compile(r"\d+|\s+")
_CONTENT = frozenset({Origin.TITLE, Origin.ACCOUNT, Origin.BODY, Origin.OCR, Origin.QR})


def content_hash(page: Page) -> str:
    """SHA-256 over what a reader would call the page's content.

    Around the article, digits do not count: counters, clocks and "3 minutes ago" move at every
    visit. Inside it and on pictures they do: a promised rate that moves is a change. An ad is
    content as a whole, and so are its pictures and where it leads, but for the parameters, which
    count clicks.
    """
    content = [page.state.value]
    if page.ad:
        content += [_without_query(url) for url in (page.ad.destination, *page.ad.images)]
    around: list[str] = []
    for segment in page.segments:
        (content if page.ad or segment.origin in _CONTENT else around).extend(
            (segment.origin, segment.text)
        )
    content = [" ".join(text.split()) for text in content]
    whole = "\0".join((*content, _VOLATILE.sub("", "\0".join(around))))
    return sha256(whole.encode(errors="replace")).hexdigest()


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def compare(found: str, known: str | None) -> Change:
    """How content of the hash `found` relates to the hash that is stored of the address."""
    if known is None:
        return Change.NEW
    return Change.UNCHANGED if found == known else Change.CHANGED
