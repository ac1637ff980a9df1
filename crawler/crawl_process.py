"""One crawl of one target in a process of its own: an order on stdin, progress on stdout."""

import gc
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.crawler import CrawlerProcess

from core.ledger import RunReport, RunState
from crawler.crawl_order import CrawlOrder
from crawler.guard_proxy import GuardProxy
from crawler.settings import scrapy_settings
from pipelines.readers import Readers
from pipelines.reading import warm_up
from pipelines.services import Services
from spiders.article import ArticleSpider
from spiders.browser import browser_settings
from spiders.feed import FeedSpider
from spiders.listing import ListingSpider
from spiders.sitemap import SitemapSpider
from spiders.wechat import WechatSpider
from storage.database import open_database
from storage.evidence import EvidenceStore
from storage.heads import note_head
from storage.runs import finish_run

SPIDERS: dict[str, Any] = {
    "article": ArticleSpider,
    "listing": ListingSpider,
    "feed": FeedSpider,
    "sitemap": SitemapSpider,
    "wechat": WechatSpider,
}
MAX_READERS = 4
FINISHED_REASONS = frozenset({"finished", "closespider_pagecount", "page_limit"})


READERS_FROM = ("pipelines.readers", "crawler.reader_warmth")


def run_report(stats: dict[str, Any], reason: str) -> RunReport:
    """Scrapy's counters as a run's report."""

    def group(prefix: str) -> dict[str, int]:
        start = f"adwatch/{prefix}/"
        return {key[len(start) :]: value for key, value in stats.items() if key.startswith(start)}

    outcomes, drops = group("outcome"), group("drop")
    # Whatever raised inside a stage came to neither end: nothing may vanish without a count.
    ended = stats.get("item_scraped_count", 0) + stats.get("item_dropped_count", 0)
    lost = stats.get("adwatch/items", 0) - ended
    if lost > 0:
        drops["lost"] = lost
    status = "downloader/response_status_count/"
    return RunReport(
        pages=sum(outcomes.values()),
        new=outcomes.get("new", 0),
        changed=outcomes.get("changed", 0),
        unchanged=outcomes.get("unchanged", 0),
        suspect=stats.get("adwatch/suspect", 0),
        errors=max(0, lost) + stats.get("spider_exceptions/count", 0),
        drops=drops,
        states={**group("state"), **{f"fill_{k}": v for k, v in group("fill").items()}},
        statuses={key[len(status) :]: n for key, n in stats.items() if key.startswith(status)},
        failed_starts=stats.get("adwatch/failed_starts", 0),
        reason=reason,
        elapsed_s=float(stats.get("elapsed_time_seconds", 0.0)),
    )


def crawl(order: CrawlOrder) -> RunState:
    """Run the crawl to its end and write its report; blocks until done."""
    database = open_database(order.storage_url)
    evidence = EvidenceStore(Path(order.evidence))
    try:
        with ExitStack() as stack:
            writer = ThreadPoolExecutor(1, "storage")
            stack.callback(writer.shutdown, wait=True)
            readers = Readers(min(MAX_READERS, os.cpu_count() or 1), warm_up, READERS_FROM)
            stack.callback(readers.close)
            process = CrawlerProcess(_crawl_settings(order, stack))
            crawler = process.create_crawler(SPIDERS[order.target.spider])
            services = Services(database, evidence, readers, writer)
            crawler.adwatch_services = services  # type: ignore[attr-defined]
            readers.wait_until_warm()  # without rules every page would be lost, one by one
            gc.freeze()  # libraries stay; looking through them again and again costs time
            process.crawl(crawler, target=order.target, run_id=order.run_id)
            process.start()
        now = datetime.now(UTC)
        note_head(database, evidence, now)
        stats = crawler.stats.get_stats() if crawler.stats else {}
        reason = str(stats.get("finish_reason", "crashed"))
        state = RunState.FINISHED if reason in FINISHED_REASONS else RunState.FAILED
        finish_run(database, order.run_id, state, run_report(stats, reason), now)
    finally:
        database.close()
    return state


def _crawl_settings(order: CrawlOrder, stack: ExitStack) -> dict[str, Any]:
    """Scrapy's settings; a browser gets its guarded way out for as long as `stack` lasts."""
    target = order.target
    settings = {
        **scrapy_settings(
            target,
            contact=order.contact,
            network_allow=order.network_allow,
            verify_tls=order.verify_tls,
        ),
        "ADWATCH_CACHE": order.cache,
        "ADWATCH_TARGET": target.id,
    }
    if target.browser and order.chromium:
        guard = stack.enter_context(GuardProxy(order.network_allow))
        settings |= browser_settings(order.chromium, settings["USER_AGENT"], guard.url)
    return settings


def _end_with_parent(pipe: int) -> None:
    """Die at once, readers and browser included, when the command that started us has died.

    It holds the other end of stdin open as long as it lives. What is stored survives a kill, and
    a crawl nobody watches would ask the site beside the next one.
    """
    while os.read(pipe, 1):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def main() -> int:
    """Read the order from stdin, crawl, exit 0 when the run finished."""
    order = CrawlOrder.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    return 0 if crawl(order) is RunState.FINISHED else 4
