"""The spiders of a crawl, telling what they find instead of having it stored."""

import json
import logging
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.statscollectors import StatsCollector

from core.records import Observation
from core.target import SpiderKind
from crawler.capture_document import capture_document, packed_body
from crawler.spider_kinds import SPIDERS
from spiders.decode import decode
from spiders.listing import page_text
from spiders.observe import capture_of
from spiders.page_links import sibling_sources
from spiders.pages import page_fault
from spiders.target_spider import TargetSpider, Visit

MAX_LISTS = 4  # an index, a sitemap of it, the next page of a list: enough to see that it works
MAX_TOLD = 1_000
_ROBOTS_STAT = "adwatch/robots_txt"
_ROBOTS_BYTES = 500_000
_REDIRECTION = 300


def tell(event: str, **facts: Any) -> None:
    """One line for the command that started us."""
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


class FetchSpider(TargetSpider):
    """Fetches the start addresses and tells their bytes, whatever they are."""

    name = "fetch"
    lists_are_kept = False

    def __init__(self, *args: Any, siblings: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._siblings = siblings

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """Nothing is followed but, where asked for, the page's feeds and the site's sitemap."""
        capture = capture_of(response)
        facts = {**capture_document(capture), "url": visit.url}
        tell("capture", body=packed_body(capture.body), elapsed_s=elapsed_s(response), **facts)
        if not self._siblings or visit.parent_url or page_fault(response):
            return
        robots = self.crawler.stats.get_value(_ROBOTS_STAT, "") if self.crawler.stats else ""
        for url in sibling_sources(page_text(response), response.url, robots):
            yield Visit(url, is_list=True, depth=1, parent_url=response.url)

    def may_leave(self, visit: Visit) -> bool:
        """A feed may stand on another host."""
        del visit
        return True

    def drop(self, reason: str, url: str, level: int = logging.INFO, what: str = "") -> None:
        """Tell it."""
        super().drop(reason, url, level, what)
        tell("drop", reason=reason, url=url, what=what)


class Told:
    """Mixed into a spider of a crawl: tells lists, pages and drops, and reads only a few pages.

    It stands before a `TargetSpider` among the bases.
    """

    pages = 0

    def __init__(self, *args: Any, pages: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pages = pages
        self._content_planned = 0
        self._lists_planned = 0

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """What the list names, told before it is followed."""
        found = list(super().read_list(response, visit))  # type: ignore[misc]  # of the other base
        if self.start_may_be_content and any(isinstance(one, Observation) for one in found):  # type: ignore[attr-defined]
            yield from found
            return
        further = [one.url for one in found if isinstance(one, Visit) and one.is_list]
        items = [(one.url, one.hints.title) for one in found if isinstance(one, Visit | Observation)
                 and not (isinstance(one, Visit) and one.is_list)]  # fmt: skip
        tell(
            "list",
            url=response.url,
            status=response.status,
            bytes=len(response.body),
            elapsed_s=elapsed_s(response),
            count=len(items),
            links=items[:MAX_TOLD],
            further=further[:MAX_TOLD],
        )
        carried = (one for one in found if isinstance(one, Observation))
        yield from (one for one in found if isinstance(one, Visit))
        yield from islice(carried, self.pages)

    def plan(self, visit: Visit, *, may_leave: bool = False) -> bool:
        """Only the first pages are read; the others are told with their list."""
        room = (
            self._lists_planned < MAX_LISTS if visit.is_list else self._content_planned < self.pages
        )
        if not room:
            return False
        planned: bool = super().plan(visit, may_leave=may_leave)  # type: ignore[misc]
        self._lists_planned += planned and visit.is_list
        self._content_planned += planned and not visit.is_list
        return planned

    def observed(self, response: Response, visit: Visit) -> Observation:
        """The page; what it cost is told at once, what stands in it when it has been read."""
        tell(
            "fetched",
            url=response.url,
            status=response.status,
            bytes=len(response.body),
            elapsed_s=elapsed_s(response),
        )
        observation: Observation = super().observed(response, visit)  # type: ignore[misc]
        return observation

    def drop(self, reason: str, url: str, level: int = logging.INFO, what: str = "") -> None:
        """Tell it."""
        super().drop(reason, url, level, what)  # type: ignore[misc]
        tell("drop", reason=reason, url=url, what=what)


def telling_spider(kind: SpiderKind) -> Any:
    """The class of `kind` with `Told` before it."""
    return type(f"Told{SPIDERS[kind].__name__}", (Told, SPIDERS[kind]), {})


def elapsed_s(response: Response) -> float:
    """Seconds between the request and its response."""
    request = response.request
    return round(float(request.meta.get("download_latency") or 0.0), 3) if request else 0.0


class RobotsNotes:
    """A downloader middleware that tells each robots.txt that Scrapy's own has asked for."""

    def __init__(self, stats: StatsCollector | None) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Bound to the crawl's statistics, where the spider finds what was told last."""
        return cls(crawler.stats)

    def process_response(self, request: Request, response: Response) -> Response:
        """Scrapy calls this with every response."""
        if request.url.endswith("/robots.txt") and request.meta.get("dont_obey_robotstxt"):
            text = decode(response.body[:_ROBOTS_BYTES], None).text
            tell("robots", url=request.url, status=response.status, text=text)
            if self._stats is not None and response.status < _REDIRECTION:
                self._stats.set_value(_ROBOTS_STAT, text)
        return response
