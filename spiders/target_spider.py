"""What all spiders share: the page budget, one visit a page, staying on site, counted drops."""

import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import HtmlResponse, Request, Response
from twisted.python.failure import Failure

from core.records import Hints, Observation
from core.target import Target
from spiders.browser import browser_meta
from spiders.failures import drop_reason
from spiders.observe import observation_of
from spiders.pages import page_fault
from spiders.urls import canonical_url, host_of, site_of

MAX_SAID = 300
MAX_ADDRESS = 2_000
LIST_META = "adwatch_list"
_NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that is to be fetched: a page of content, or a list that names such pages."""

    url: str
    is_list: bool = False
    depth: int = 0
    parent_url: str = ""
    hints: Hints = _NO_HINTS
    list_number: int = 1
    word: str = ""


class TargetSpider(Spider):
    """Fetches the pages of one target. A kind of source overrides `read_list`.

    Pages wait in a queue of small records, and only a few requests exist at a time, so that
    memory does not grow with the length of a list.
    """

    name = "target"
    starts_are_lists = True
    lists_are_kept = True  # so that their links are known when the site says "not modified"
    start_may_be_content = False  # a start page may turn out to be an item, not a list of them

    def __init__(self, target: Target, run_id: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target = target
        self.run_id = run_id
        self._content: deque[Visit] = deque()
        self._lists: deque[Visit] = deque()
        self._seen: set[bytes] = set()
        self._asked = 0
        self._under_way = 0
        self._face = 0
        self._sites = {site_of(host_of(url)) for url in target.start_urls}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider, bound to the crawl's statistics and woken when there is nothing under way."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._go_on_when_idle, signal=signals.spider_idle)  # noqa: SLF001
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """The requests for the start addresses."""
        for visit in self.starts():
            self.plan(visit, may_leave=True)
        for request in self.due_requests():
            yield request

    def starts(self) -> Iterator[Visit]:
        """Where a run begins."""
        for url in self.target.start_urls:
            yield Visit(url, is_list=self.starts_are_lists)

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """What a list page names. Overridden by each kind that has lists."""
        raise NotImplementedError(f"{self.name}: a {type(response).__name__} of {visit.url}")

    def count(self, name: str, number: int = 1) -> None:
        """Add to the run's statistic `adwatch/<name>`."""
        stats = self.crawler.stats
        if stats is not None:
            stats.inc_value(f"adwatch/{name}", number)

    def drop(self, reason: str, url: str, level: int = logging.INFO, what: str = "") -> None:
        """Count what yields nothing, and say so in the log; `what` says more than its reason."""
        self.count(f"drop/{reason}")
        self.logger.log(level, "dropped (%s): %s%s", reason, url, f": {what}" if what else "")
        stats = self.crawler.stats
        if what and stats is not None and not stats.get_value(f"adwatch/said/{reason}"):
            stats.set_value(f"adwatch/said/{reason}", what[:MAX_SAID])

    def plan(self, visit: Visit, *, may_leave: bool = False) -> bool:
        """Queue `visit` unless it was seen, leads off the target's sites, or is too deep."""
        url = canonical_url(visit.url)
        if url is None:
            self.drop("bad_url", visit.url)
            return False
        key = blake2b(url.encode(), digest_size=8).digest()
        if key in self._seen:
            return False
        self._seen.add(key)
        if not may_leave and site_of(host_of(url)) not in self._sites:
            self.drop("offsite", url, logging.DEBUG)
            return False
        if visit.depth > self.target.limits.depth:
            self.drop("depth", url, logging.DEBUG)
            return False
        self.queue(visit)
        return True

    def queue(self, visit: Visit) -> None:
        """Have `visit` wait for its turn."""
        (self._lists if visit.is_list else self._content).append(visit)

    def has_waiting(self) -> bool:
        """Whether anything waits."""
        return bool(self._content or self._lists)

    def due_requests(self) -> Iterator[Request]:
        """The next requests: content before further lists, never more than a few under way."""
        window = 2 * self.target.limits.concurrency + 4
        while self._under_way < window and self.has_waiting():
            visit = self.next_visit()
            if self._asked >= self.target.limits.pages:
                self.drop("page_limit", visit.url, logging.DEBUG)
                continue
            self._asked += 1
            self._under_way += 1
            yield self._request(visit)

    def next_visit(self) -> Visit:
        """Which of the waiting pages comes next: content before further lists."""
        return (self._content or self._lists).popleft()

    def _request(self, visit: Visit) -> Request:
        meta: dict[str, Any] = {
            LIST_META: visit.is_list and self.lists_are_kept,
            "download_timeout": self.target.limits.timeout_s,
        }
        if self.target.is_rendered:
            meta |= browser_meta(self.target.limits)
        return Request(
            canonical_url(visit.url) or visit.url,
            callback=self._arrived,
            errback=self._failed,
            cb_kwargs={"visit": visit},
            meta=meta,
            dont_filter=True,  # each page is planned once
            priority=0 if visit.is_list else 1,
        )

    def _arrived(self, response: Response, visit: Visit) -> Iterator[Any]:
        self._under_way -= 1
        if not visit.parent_url:  # a start address that has moved has taken its site along
            self._sites.add(site_of(host_of(response.url)))
        # A page is read and stored before what is yielded after it: what is next goes first.
        found = list(self._read(response, visit))
        yield from self.due_requests()
        yield from found

    def _read(self, response: Response, visit: Visit) -> Iterator[Observation]:
        if visit.is_list:
            self.count("list_pages")
            yield from self._follow(response, visit)
        else:
            fault = page_fault(response)
            if fault:
                self._count_start(visit)
                self.drop(fault, response.url)
            else:
                self.count("items")
                yield self.observed(response, visit)

    def _follow(self, response: Response, visit: Visit) -> Iterator[Observation]:
        for found in self.read_list(response, visit):
            self._note_face(found)
            if isinstance(found, Observation):
                self.count("items")
                yield found
            else:
                self.plan(found, may_leave=self.may_leave(found))

    def _note_face(self, found: Visit | Observation) -> None:
        """Add to the sum over what the lists of this run name, in whatever order."""
        if isinstance(found, Observation) or not found.is_list:
            key = int.from_bytes(blake2b(found.url.encode(), digest_size=8).digest())
            self._face = (self._face + key) % 2**64
            if self.crawler.stats is not None:
                self.crawler.stats.set_value("adwatch/face", f"{self._face:016x}")

    def may_leave(self, visit: Visit) -> bool:
        """Whether `visit` may lead to another site than the start addresses."""
        del visit
        return False

    def observed(self, response: Response, visit: Visit) -> Observation:
        """The page as an observation of this target."""
        return observation_of(
            response,
            target_id=self.target.id,
            run_id=self.run_id,
            kind=self.name,
            parent_url=visit.parent_url,
            hints=visit.hints,
        )

    def carried(self, response: Response, body: bytes, address: str, hints: Hints) -> Observation:
        """An entry that is itself the content, in HTML, under an address of its own."""
        page = HtmlResponse(
            response.url,
            body=body,
            headers={"Content-Type": "text/html; charset=utf-8"},
            request=response.request,
            ip_address=response.ip_address,
        )
        visit = Visit(response.url, parent_url=response.url, hints=hints)
        return replace(self.observed(page, visit), url=address[:MAX_ADDRESS])

    def _failed(self, failure: Failure) -> Iterator[Request]:
        self._under_way -= 1
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        self._count_start(request.cb_kwargs["visit"])
        self.drop(drop_reason(failure.value or RuntimeError("no reason")), request.url)
        yield from self.due_requests()

    def _count_start(self, visit: Visit) -> None:
        """A start address that cannot be read is the operator's business, not a dead link."""
        if not visit.parent_url:
            self.count("failed_starts")

    def _go_on_when_idle(self) -> None:
        """Nothing is under way: ask for what still waits, else let the crawl end."""
        self._under_way = 0
        engine = self.crawler.engine
        requests = list(self.due_requests())
        if requests and engine is not None:
            for request in requests:
                engine.crawl(request)
            raise DontCloseSpider
