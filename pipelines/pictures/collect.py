"""The pictures of one crawl: each address is asked for once, and each picture is read once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from core.errors import EvidenceError, ReadingError
from core.pictures import PictureText, ReadImage
from core.records import Capture, Observation
from core.target import Images
from pipelines.evidence import seal
from pipelines.pictures.available import reader_version
from pipelines.pictures.fetch import inline_picture
from pipelines.pictures.size import is_svg, picture_size
from pipelines.services import Services
from spiders.failures import drop_reason
from storage.pictures import KnownAddress, keep_capture, keep_text, known_address, known_text

MOST_IN_HAND = 8  # pictures whose bytes are in memory at the same time
_OK, _NOT_MODIFIED = 200, 304
_KIND = "picture"

Fetch = Callable[[str, str, KnownAddress | None], Awaitable[Capture]]
Count = Callable[[str], None]


class _Unread(Exception):  # noqa: N818 (no error: most of these are icons)
    """A picture that is not read; its text is the reason in one word."""


@dataclass(frozen=True, slots=True)
class Found:
    """A picture at an address: its bytes, or None where only the database knows them."""

    sha256: str
    data: bytes | None


class Collector:
    """Fetches, keeps and reads pictures; whatever becomes of one is counted under one word."""

    def __init__(self, services: Services, fetch: Fetch, count: Count, images: Images) -> None:
        self._services = services
        self._fetch = fetch
        self._count = count
        self._images = images
        self._asked: dict[str, asyncio.Task[ReadImage | None]] = {}
        self._reading: dict[str, asyncio.Task[PictureText]] = {}
        self._in_hand = asyncio.Semaphore(MOST_IN_HAND)

    def picture(self, url: str, page: Observation) -> asyncio.Task[ReadImage | None]:
        """The picture at an address, on its way; None where it is not read."""
        key = url if len(url) <= 2_000 else sha256(url.encode()).hexdigest()  # noqa: PLR2004
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._obtain(url, page))
        return self._asked[key]

    def stop(self) -> None:
        """Give up what is still under way."""
        for task in (*self._asked.values(), *self._reading.values()):
            task.cancel()

    async def _obtain(self, url: str, page: Observation) -> ReadImage | None:
        if len(self._asked) > self._images.per_run:
            self._count("run_limit")
            return None
        async with self._in_hand:
            try:
                name, found = await self._found(url, page)
                return ReadImage(name, found.sha256, await self._text(found))
            except _Unread as unread:
                self._count(str(unread))
            except (ReadingError, EvidenceError) as error:
                self._count(_reason(error))
            except Exception as error:  # noqa: BLE001 (whatever a download ends in has a name)
                self._count(drop_reason(error))
        return None

    async def _found(self, url: str, page: Observation) -> tuple[str, Found]:
        """The picture under the name of its address, kept as evidence."""
        services = self._services
        if url.startswith("data:"):
            capture, known = _inline(url), None
        elif url == page.url:  # a file that is itself a picture
            capture, known = page.capture, None
        else:
            known = await services.write(known_address, services.database, page.target_id, url)
            capture = await self._fetch(url, page.capture.final_url, known)
        name = capture.url if url.startswith("data:") else url
        if capture.status == _NOT_MODIFIED and known is not None:
            return name, Found(known.sha256, None)
        self._check(capture)
        seen = seal(
            replace(page, url=name, kind=_KIND, parent_url=page.url, capture=capture, packed=b"")
        )
        await services.write(keep_capture, services.database, services.evidence, seen)
        assert seen.stored is not None  # noqa: S101 (sealed)
        return name, Found(seen.stored.body_sha256, capture.body)

    def _check(self, capture: Capture) -> None:
        """Raise `_Unread` where what came is no content."""
        if capture.status != _OK:
            raise _Unread(f"http_{capture.status}")
        size = picture_size(capture.body)
        if size is None:
            raise _Unread("svg" if is_svg(capture.body) else "no_picture")
        if min(size) < self._images.min_side_px:
            raise _Unread("too_small")

    async def _text(self, found: Found) -> PictureText:
        """What stands on the picture, shared by all addresses at which it lies."""
        if found.sha256 not in self._reading:
            self._reading[found.sha256] = asyncio.create_task(self._read(found))
        else:
            self._count("seen_again")
        return await self._reading[found.sha256]

    async def _read(self, found: Found) -> PictureText:
        services = self._services
        text = await services.write(known_text, services.database, found.sha256, reader_version())
        if text is not None:
            self._count("known")
            return text
        data = found.data
        if data is None:
            data = await services.write(services.evidence.read, found.sha256)
        assert services.pictures is not None  # noqa: S101 (no picture is asked for without)
        text = await services.pictures.read(data)
        self._count("read")
        return await services.write(
            keep_text, services.database, found.sha256, text, datetime.now(UTC)
        )


def _inline(url: str) -> Capture:
    try:
        return inline_picture(url)
    except ValueError:
        raise _Unread("no_picture") from None


def _reason(error: Exception) -> str:
    """`picture_pixels: …` and `reading_timeout: …` in one word."""
    word = str(error).split(":", 1)[0].split(" ", 1)[0]
    return word.removeprefix("picture_").removeprefix("reading_")
