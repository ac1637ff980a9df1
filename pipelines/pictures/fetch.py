"""Fetches the pictures of a page through the crawl's own downloader: its guard, rules and pace."""

import base64
import binascii
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import unquote_to_bytes, urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request

from core.records import Capture
from pipelines.pictures.size import MAX_BYTES
from spiders.observe import PICTURE_META, WHOLE_META, capture_of
from storage.pictures import KnownAddress

_ACCEPT = "image/webp,image/png,image/jpeg,image/gif,image/*;q=0.8"


async def fetch_picture(
    crawler: Crawler, url: str, page_url: str, known: KnownAddress | None
) -> Capture:
    """The picture as it came, or status 304 where it is still the `known` one.

    Raises what downloading raises.
    """
    headers = {"Accept": _ACCEPT, "Referer": referrer(page_url, url)}
    if known is not None and known.etag:
        headers["If-None-Match"] = known.etag
    if known is not None and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    meta = {WHOLE_META: True, PICTURE_META: True, "download_maxsize": MAX_BYTES}
    request = Request(url, headers=headers, meta=meta, dont_filter=True)
    if crawler.engine is None:
        raise RuntimeError("pictures are fetched by a running crawl")
    return capture_of(await crawler.engine.download_async(request))


def referrer(page_url: str, url: str) -> str:
    """What a browser tells of the page: all of it on its own host, elsewhere only the host."""
    page, picture = urlsplit(page_url), urlsplit(url)
    if (page.scheme, page.netloc) == (picture.scheme, picture.netloc):
        return page_url.partition("#")[0]
    return f"{page.scheme}://{page.netloc}/"


def inline_picture(url: str) -> Capture:
    """A picture that stands in its page as a `data:` address; ValueError where it holds none."""
    head, comma, content = url.partition(",")
    if not comma:
        raise ValueError("a data address without content")
    data = unquote_to_bytes(content)
    if head.lower().endswith(";base64"):
        try:
            data = base64.b64decode(data)
        except binascii.Error as error:
            raise ValueError(str(error)) from None
    name = f"data:sha256,{sha256(data).hexdigest()}"
    return Capture(name, name, 200, (), datetime.now(UTC), data)
