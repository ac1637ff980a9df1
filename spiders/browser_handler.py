"""Drives Chromium through scrapy-playwright: hard limits, a screenshot, nothing opened.

Of all modules, this one and `spiders.browser_ads` alone import Playwright.
"""

import asyncio
import logging
import re
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Request as ScrapyRequest
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from spiders.bounded_head import bound_heads, floods_told
from spiders.browser import (
    ADS_FOUND_META,
    ADS_META,
    BYTES_META,
    CONTEXT_SETTING,
    TIMEOUT_META,
    VIEWPORT,
)
from spiders.browser_ads import photograph_ads
from spiders.observe import SCREENSHOT_META

_PAGE_META = "adwatch_browser_page"
_HEAVY_META = "adwatch_browser_too_heavy"
_MAX_SHOT_HEIGHT = 15_000
_JPEG_QUALITY = 70
_IDLE_S = 4.0
_CLOSE_S = 5.0
_DEADLINE_META = "adwatch_browser_deadline"
_LAST_S = 1.5  # what is left for handing the page over
# A page may weigh this many times what one response may.
_PAGE_WEIGHT = 4
_DOM_SIZE = "document.documentElement ? document.documentElement.outerHTML.length : 0"
_SHOT_SIZE = (
    "Math.max(document.documentElement ? document.documentElement.scrollHeight : 0,"
    " document.body ? document.body.scrollHeight : 0)"
)
_QUIET = "window.open = () => null; window.print = () => undefined;"
_REFUSED_SCHEMES = re.compile(
    r"^(?:file|ftp|chrome|chrome-extension|devtools|view-source):", re.IGNORECASE
)


def is_refused(request: Request) -> bool:
    """Whether the page's own `request` is of a kind that no evidence needs."""
    return request.resource_type == "media" or bool(_REFUSED_SCHEMES.match(request.url))


async def prepare_page(page: Page, request: ScrapyRequest) -> None:
    """Close what the page opens, and the page itself when it weighs too much."""
    request.meta[_PAGE_META] = page
    page.on("popup", _close_popup)
    await page.add_init_script(_QUIET)
    budget = _PAGE_WEIGHT * int(request.meta[BYTES_META])
    weight = 0
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")

    async def weigh(event: dict[str, Any]) -> None:
        nonlocal weight
        size = max(event.get("dataLength", 0), event.get("encodedDataLength", 0))
        before, weight = weight, weight + int(size)
        if before <= budget < weight:
            request.meta[_HEAVY_META] = True
            await close_page(page)

    session.on("Network.dataReceived", weigh)


async def _close_popup(popup: Page) -> None:
    await close_page(popup)


async def close_page(page: Page) -> None:
    """Close `page` without waiting for a renderer that does not answer."""
    with suppress(PlaywrightError, TimeoutError):
        await asyncio.wait_for(page.close(run_before_unload=False), _CLOSE_S)


async def take_screenshot(page: Page, timeout_s: float) -> bytes | None:
    """The whole page as JPEG down to 15,000 pixels, None where the page cannot be drawn in time."""
    try:
        height = int(await asyncio.wait_for(page.evaluate(_SHOT_SIZE), timeout_s))
        width = VIEWPORT["width"]
        shown = max(VIEWPORT["height"], min(height, _MAX_SHOT_HEIGHT))
        return await page.screenshot(
            type="jpeg",
            quality=_JPEG_QUALITY,
            full_page=True,
            clip={"x": 0, "y": 0, "width": width, "height": shown},
            animations="disabled",
            timeout=timeout_s * 1_000,
        )
    except (PlaywrightError, TimeoutError):
        return None


class BoundedBrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # untyped
    """Scrapy-playwright's handler with an end to each page, whatever the page does.

    Scrapy makes one handler for http and one for https; each starts its browser, with the one
    context of this crawl, when it is first needed.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        bound_heads(self._pool)
        self._context_kwargs: dict[str, Any] = dict(crawler.settings.getdict(CONTEXT_SETTING))
        self.config.target_closed_max_retries = 0  # a page that we close stays closed
        # It logs a traceback for each page that fails, which the spider counts already.
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

    async def download_request(self, request: ScrapyRequest) -> Response:
        """The rendered page, or the plain one where none was asked for."""
        if not request.meta.get("playwright"):
            with floods_told():
                return await super().download_request(request)  # type: ignore[no-any-return]
        request.meta["playwright_context_kwargs"] = self._context_kwargs
        loop = asyncio.get_running_loop()
        request.meta[_DEADLINE_META] = loop.time() + float(request.meta[TIMEOUT_META])
        try:
            download = super().download_request(request)
            return await asyncio.wait_for(download, float(request.meta[TIMEOUT_META]))
        except (TimeoutError, PlaywrightTimeoutError) as error:
            raise DownloadTimeoutError(f"{request.url}: not rendered in time") from error
        except (PlaywrightError, RuntimeError) as error:
            if request.meta.get(_HEAVY_META):
                raise DownloadCancelledError(f"{request.url}: the page is too heavy") from error
            raise
        finally:
            page = request.meta.pop(_PAGE_META, None)
            if page is not None and not page.is_closed():
                await close_page(page)

    async def _get_response_and_download(
        self, request: ScrapyRequest, page: Page, spider: Any
    ) -> tuple[Any, Any]:
        """A page that starts a download while it loads is still the page that was asked for."""
        response, download = await super()._get_response_and_download(request, page, spider)
        return response, None if response is not None else download

    async def _apply_page_methods(self, page: Page, request: ScrapyRequest, spider: Any) -> None:
        """Let the page settle, refuse what is too large, and take the screenshot."""
        del spider
        timeout_s = float(request.meta[TIMEOUT_META])
        with suppress(PlaywrightTimeoutError):
            await page.wait_for_load_state("networkidle", timeout=min(_IDLE_S, timeout_s / 4) * 1e3)
        size = await page.evaluate(_DOM_SIZE)
        if size > int(request.meta[BYTES_META]):
            raise DownloadCancelledError(f"{request.url}: the rendered page has {size} characters")
        shot = await take_screenshot(page, max(2.0, timeout_s / 3))
        if shot is None:
            self.stats.inc_value("adwatch/screenshots_missing")
        request.meta[SCREENSHOT_META] = shot
        if ADS_META in request.meta:
            left_s = request.meta[_DEADLINE_META] - asyncio.get_running_loop().time() - _LAST_S
            request.meta[ADS_FOUND_META] = await photograph_ads(
                page, request.meta[ADS_META], left_s
            )
