"""Photographs the ads of a page that Chromium has drawn, within a time limit.

The page is read in a world of its own (`ad_page.js`), out of reach of what its scripts redefined.
"""

import asyncio
import html
import json
from hashlib import blake2b
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Frame, Page
from playwright.async_api import Error as PlaywrightError

from core.records import Ad, AdPlace
from spiders.ad_elements import Box, DrawnPage, drawn_page
from spiders.ad_finder import FoundAd, find_ads
from spiders.ad_frames import read_frame
from spiders.ad_harvest import AdOrder, DrawnAd, Harvest
from spiders.browser import VIEWPORT

_SCRIPT = Path(__file__).with_name("ad_page.js").read_text(encoding="utf-8")
_WORLD = "adwatch"
_MOST_ELEMENTS, _MOST_VISITS, _GATHER_MS, _MATCH_MS = 15_000, 150_000, 3_000, 2_000
_COPY_NODES, _COPY_CHARS = 5_000, 300_000
_FRAME_CHARS, _MOST_FRAMES, _FRAME_S = 300_000, 60, 1.5
_MOST_WIDTH, _MOST_HEIGHT = 1_280, 1_600
_JPEG_QUALITY = 75
_SHOT_S = 4.0
_MOST_MISSED_SHOTS = 3


async def photograph_ads(page: Page, order: AdOrder, limit_s: float) -> Harvest:
    """The page's ads, as far as `limit_s` goes."""
    harvest = Harvest()
    try:
        async with asyncio.timeout(max(0.1, limit_s)):
            session = await page.context.new_cdp_session(page)
            await _Photographer(page, session, order, harvest).take_all()
    except TimeoutError:
        harvest.missed["ads_timeout"] += 1
    except (PlaywrightError, KeyError, TypeError, ValueError):
        harvest.missed["ads_unreadable"] += 1
    return harvest


class _Photographer:
    """One page's ads, one after the other; what is done stays done when time is up."""

    def __init__(self, page: Page, session: CDPSession, order: AdOrder, harvest: Harvest) -> None:
        self._page = page
        self._session = session
        self._order = order
        self._harvest = harvest
        self._context = 0
        self._slots: set[str] = set()
        self._frames: list[tuple[Box, Frame]] | None = None

    async def take_all(self) -> None:
        await self._enter()
        told = await self._call("gather", _MOST_ELEMENTS, _MOST_VISITS, _GATHER_MS)
        drawn, url = drawn_page(told), self._page.url
        rules = self._order.rules
        selectors = rules.selectors(url, told["classes"], told["ids"])
        matched = await self._call("match", selectors, _MATCH_MS)
        if told["cut"] or matched["cut"]:
            self._harvest.missed["ads_page_cut"] += 1
        found = find_ads(drawn, url, rules.is_ad_address, map(int, matched["found"]))
        most = self._order.most
        if len(found) > most:
            self._harvest.missed["ads_over_limit"] += len(found) - most
        for one in found[:most]:
            await self._take(one, drawn)

    async def _enter(self) -> None:
        tree = await self._session.send("Page.getFrameTree")
        world = {"frameId": tree["frameTree"]["frame"]["id"], "worldName": _WORLD}
        made = await self._session.send("Page.createIsolatedWorld", world)
        self._context = made["executionContextId"]
        await self._evaluate(_SCRIPT)

    async def _call(self, name: str, *arguments: object) -> Any:
        said = ",".join(json.dumps(one) for one in arguments)
        return await self._evaluate(f"adwatch.{name}({said})")

    async def _evaluate(self, expression: str) -> Any:
        order = {"expression": expression, "contextId": self._context, "returnByValue": True,
                 "timeout": 2 * _GATHER_MS}  # fmt: skip
        done = await self._session.send("Runtime.evaluate", order)
        if "exceptionDetails" in done:
            raise ValueError(str(done["exceptionDetails"])[:300])
        return done["result"].get("value")

    async def _take(self, found: FoundAd, drawn: DrawnPage) -> None:
        element = drawn.elements[found.at]
        seen = await self._call("copy", found.at, _COPY_NODES, _COPY_CHARS)
        if seen["cut"]:
            self._harvest.missed["ads_cut"] += 1
        label, destination, images = found.label, found.destination, list(found.images)
        frames, parts = [], [f"<div>{seen['html']}</div>"]
        inside = drawn.elements[found.at : drawn.stops[found.at]]
        if any(one.tag in {"iframe", "frame"} for one in inside):
            for frame in await self._frames_in(element.box):
                text = await self._frame_html(frame)
                read = read_frame(text, frame.url)
                label = label or read.label
                destination = destination or read.destination
                images += read.images
                frames.append(frame.url)
                source = html.escape(frame.url)
                parts.append(f'<iframe src="{source}" srcdoc="{html.escape(text)}"></iframe>')
        box = element.box
        place = AdPlace(box.left, box.top, box.width, box.height, fixed=element.fixed)
        ad = Ad(place, found.signs, label, destination, tuple(images[:20]), tuple(frames))
        shot = await self._shoot(box, fixed=element.fixed)
        body = _document(self._page.url, parts)
        self._harvest.ads.append(DrawnAd(ad, self._slot(seen["path"]), body, shot))

    def _slot(self, path: str) -> str:
        """A short name of the ad's place, the same at each visit while the page is built so."""
        number = 0
        while True:
            named = f"{path}>{number}" if number else path
            slot = blake2b(named.encode(errors="replace"), digest_size=6).hexdigest()
            if slot not in self._slots:
                self._slots.add(slot)
                return slot
            number += 1

    async def _frames_in(self, box: Box) -> list[Frame]:
        """The frames whose middle lies in `box`, with the frames in them."""
        if self._frames is None:
            self._frames = await self._placed_frames()
        found = [
            frame
            for place, frame in self._frames
            if box.holds(place.left + place.width / 2, place.top + place.height / 2)
        ]
        for frame in found[:8]:
            found += frame.child_frames[:4]
        return found[:8]

    async def _placed_frames(self) -> list[tuple[Box, Frame]]:
        placed: list[tuple[Box, Frame]] = []
        for frame in self._page.main_frame.child_frames[:_MOST_FRAMES]:
            try:
                async with asyncio.timeout(_FRAME_S):
                    box = await (await frame.frame_element()).bounding_box()
            except (PlaywrightError, TimeoutError):
                self._harvest.missed["ad_frames_unreadable"] += 1
                continue
            if box and box["width"] >= 1 and box["height"] >= 1:
                shape = [round(box[key]) for key in ("x", "y", "width", "height")]
                placed.append((Box(*shape), frame))
        return placed

    async def _frame_html(self, frame: Frame) -> str:
        try:
            async with asyncio.timeout(_FRAME_S):
                text = await frame.content()
        except (PlaywrightError, TimeoutError):
            text = ""
        if not text or len(text) > _FRAME_CHARS:
            self._harvest.missed["ad_frames_unreadable"] += 1
        return text[:_FRAME_CHARS]

    async def _shoot(self, box: Box, *, fixed: bool) -> bytes | None:
        if self._harvest.missed["ad_shots_missing"] >= _MOST_MISSED_SHOTS:
            self._harvest.missed["ad_shots_missing"] += 1
            return None
        left, top = max(0, box.left), max(0, box.top)
        width, height = min(box.width, _MOST_WIDTH), min(box.height, _MOST_HEIGHT)
        if fixed:
            width, height = min(width, VIEWPORT["width"]), min(height, VIEWPORT["height"])
        try:
            return await self._page.screenshot(
                type="jpeg",
                quality=_JPEG_QUALITY,
                full_page=not fixed,
                clip={"x": left, "y": top, "width": max(1, width), "height": max(1, height)},
                animations="disabled",
                timeout=_SHOT_S * 1_000,
            )
        except PlaywrightError:
            self._harvest.missed["ad_shots_missing"] += 1
            return None


def _document(base: str, parts: list[str]) -> bytes:
    head = f'<!DOCTYPE html><html><head><meta charset="utf-8"><base href="{html.escape(base)}">'
    return f"{head}</head><body>{''.join(parts)}</body></html>".encode(errors="replace")
