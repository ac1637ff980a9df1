"""Scrapy middlewares of our own: asking a site only for what has changed."""

import base64
import gzip
import json
import logging
import os
import tempfile
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Headers, HtmlResponse, Request, Response
from scrapy.responsetypes import responsetypes

from core.errors import EvidenceError
from pipelines.services import Services
from spiders.observe import WHOLE_META
from spiders.urls import canonical_url

NOT_MODIFIED = 304
LIST_META = "adwatch_list"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CachedList:
    """A list page as it last came, so that its links are known when the site says 304."""

    etag: str | None
    last_modified: str | None
    headers: tuple[tuple[str, str], ...]
    body_base64: str


class ListCache:
    """List pages on disk, one file an address. Losing it costs a full fetch, nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, url: str) -> Path:
        return self._folder / f"{sha256(url.encode()).hexdigest()}.json.gz"

    def load(self, url: str) -> CachedList | None:
        """What is kept of `url`; a file that cannot be read counts as absent."""
        try:
            with gzip.open(self._path(url), "rt", encoding="utf-8") as file:
                data = json.load(file)
            headers = tuple((str(name), str(value)) for name, value in data["headers"])
            return CachedList(data["etag"], data["last_modified"], headers, data["body_base64"])
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return None

    def save(self, url: str, page: CachedList) -> None:
        """Keep `page` under `url`, in one atomic step."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(handle, "wb") as file:
            file.write(gzip.compress(json.dumps(asdict(page)).encode(), 1))
        Path(name).replace(self._path(url))


class RevalidationMiddleware:
    """Sends what we know of a page (ETag, Last-Modified) and answers 304 from what we keep."""

    def __init__(self, services: Services, cache: ListCache, target_id: str) -> None:
        self._services = services
        self._cache = cache
        self._target_id = target_id

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out services, cache folder and target."""
        settings = crawler.settings
        cache = ListCache(Path(settings["ADWATCH_CACHE"]))
        return cls(Services.of(crawler), cache, settings["ADWATCH_TARGET"])

    async def process_request(self, request: Request) -> None:
        """Make the request conditional where the page is known."""
        if (
            request.method != "GET"
            or request.meta.get("playwright")
            or request.meta.get(WHOLE_META)
        ):
            return
        if request.meta.get(LIST_META):
            cached = self._cache.load(request.url)
            if cached:
                _ask_for_news(request, cached.etag, cached.last_modified)
            return
        services = self._services
        url = canonical_url(request.url) or request.url
        known = await services.known(self._target_id, url)
        if known is None or not known.body_sha256:
            return
        if await services.write(services.evidence.has, known.body_sha256):
            _ask_for_news(request, known.etag, known.last_modified)
            request.meta["adwatch_known_sha256"] = known.body_sha256

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        """The page as we keep it where the site says it has not changed."""
        if request.meta.get(LIST_META):
            return self._revalidated_list(request, response)
        known = request.meta.get("adwatch_known_sha256")
        if response.status != NOT_MODIFIED or not known:
            return response
        try:
            body = await self._services.write(self._services.evidence.read, known)
        except EvidenceError as error:
            log.warning("%s is fetched whole: %s", request.url, error)
            return _unconditional(request)
        return HtmlResponse(
            response.url,
            status=200,
            headers={"Content-Type": "text/html"},
            body=body,
            flags=["not_modified"],
            request=request,
            ip_address=response.ip_address,
        )

    def _revalidated_list(self, request: Request, response: Response) -> Response | Request:
        if response.status == NOT_MODIFIED:
            cached = self._cache.load(request.url)
            if cached is None:
                return response if request.meta.get(WHOLE_META) else _unconditional(request)
            headers = Headers(list(cached.headers))
            body = base64.b64decode(cached.body_base64)
            kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
            return kind(
                response.url,
                status=200,
                headers=headers,
                body=body,
                flags=["not_modified"],
                request=request,
                ip_address=response.ip_address,
            )
        etag = _text(response.headers.get("ETag"))
        modified = _text(response.headers.get("Last-Modified"))
        if response.status == 200 and (etag or modified):  # noqa: PLR2004 (HTTP OK)
            names = ("Content-Type", "Content-Encoding")
            headers_kept = tuple(
                (name, value) for name in names if (value := _text(response.headers.get(name)))
            )
            encoded = base64.b64encode(response.body).decode()
            self._cache.save(request.url, CachedList(etag, modified, headers_kept, encoded))
        return response


def _unconditional(request: Request) -> Request:
    """The same request for the whole page, whatever is known of it."""
    again = request.replace(dont_filter=True)
    for name in ("If-None-Match", "If-Modified-Since"):
        again.headers.pop(name, None)
    again.meta.pop("adwatch_known_sha256", None)
    again.meta[WHOLE_META] = True
    return again


def _ask_for_news(request: Request, etag: str | None, last_modified: str | None) -> None:
    if etag:
        request.headers["If-None-Match"] = etag
    if last_modified:
        request.headers["If-Modified-Since"] = last_modified


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value else None
