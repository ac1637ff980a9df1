"""The ads on drawn pages: each an observation of its own, and the pages that they lead to."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scrapy.http import Request, Response

from core.records import Observation
from core.target import Target
from spiders.ad_harvest import AdOrder, DrawnAd, Harvest
from spiders.ad_rules import load_ad_rules
from spiders.browser import ADS_FOUND_META, ADS_META
from spiders.observe import capture_of
from spiders.target_spider import TargetSpider, Visit
from spiders.urls import canonical_url

AD = "ad"
LANDING = "landing"


class AdsSpider(TargetSpider):
    """Each start address is a page with ads; `revisits` are landing pages due for another look."""

    name = "ads"
    starts_are_lists = False

    def __init__(
        self,
        target: Target,
        run_id: int,
        revisits: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(target, run_id, **kwargs)
        self._revisits = revisits
        self._order = AdOrder(load_ad_rules(target.ads.lists), target.ads.per_page)

    async def start(self) -> AsyncIterator[Any]:
        """The start addresses, then the landing pages that are due."""
        for url in self.target.start_urls:
            self.plan(Visit(url), may_leave=True)
        for url, parent_url in self._revisits:
            if self.plan(Visit(url, depth=1, parent_url=parent_url), may_leave=True):
                self.count("revisits")
        for request in self.due_requests():
            yield request

    def _request(self, visit: Visit) -> Request:
        request = super()._request(visit)
        if not visit.parent_url:
            request.meta[ADS_META] = self._order
        return request

    def _read(self, response: Response, visit: Visit) -> Iterator[Observation]:
        yield from super()._read(response, visit)
        if visit.parent_url:
            return
        harvest = response.meta.get(ADS_FOUND_META)
        if not isinstance(harvest, Harvest):
            self.drop("ads_unreadable", response.url)
            return
        for reason, number in harvest.missed.items():
            self.count(f"drop/{reason}", number)
        for drawn in harvest.ads:
            yield self._ad(response, drawn)

    def _ad(self, response: Response, drawn: DrawnAd) -> Observation:
        capture = replace(
            capture_of(response, datetime.now(UTC)),
            body=drawn.body,
            screenshot=drawn.screenshot,
            headers=(("Content-Type", "text/html; charset=utf-8"),),
        )
        page_url = canonical_url(capture.url) or capture.url
        url = ad_address(page_url, drawn.slot)
        self.count("items")
        if self.target.ads.landing and drawn.ad.destination:
            self.plan(Visit(drawn.ad.destination, depth=1, parent_url=url), may_leave=True)
        return Observation(
            target_id=self.target.id,
            run_id=self.run_id,
            url=url,
            kind=AD,
            capture=capture,
            parent_url=page_url,
            ad=drawn.ad,
        )

    def observed(self, response: Response, visit: Visit) -> Observation:
        """The page with the ads, or the page that one of them leads to."""
        seen = super().observed(response, visit)
        return replace(seen, kind=LANDING) if visit.parent_url else seen


def ad_address(page_url: str, slot: str) -> str:
    """The address of an ad: its page's, with its place there as a fragment."""
    page, _, fragment = page_url.partition("#!")
    return f"{page}#!{fragment}{'&' if fragment else ''}ad={slot}"
