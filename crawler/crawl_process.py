"""One crawl of one target in a process of its own: an order on stdin, progress on stdout."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.crawler import CrawlerProcess

from classifiers.engine import assess_text
from classifiers.rulebook import load_rulebook
from core.ledger import RunReport, RunState
from crawler.crawl_order import CrawlOrder
from crawler.settings import scrapy_settings
from pipelines.services import Readers, Services
from spiders.article import ArticleSpider
from spiders.browser import browser_settings
from spiders.feed import FeedSpider
from spiders.listing import ListingSpider
from spiders.sitemap import SitemapSpider
from spiders.wechat import WechatSpider
from storage.database import open_database
from storage.evidence import EvidenceStore
from storage.runs import finish_run

SPIDERS: dict[str, Any] = {
    "article": ArticleSpider,
    "listing": ListingSpider,
    "feed": FeedSpider,
    "sitemap": SitemapSpider,
    "wechat": WechatSpider,
}
FINISHED_REASONS = frozenset({"finished", "closespider_pagecount", "page_limit"})


def warm_up_reader() -> None:
    """Load the rulebook and jieba's dictionary once, before the first page waits for them."""
    assess_text("热身", load_rulebook(), "web")


def run_report(stats: dict[str, Any], reason: str) -> RunReport:
    """Scrapy's counters as a run's report."""

    def group(prefix: str) -> dict[str, int]:
        start = f"adwatch/{prefix}/"
        return {key[len(start) :]: value for key, value in stats.items() if key.startswith(start)}

    outcomes, drops = group("outcome"), group("drop")
    crashed = stats.get("log_count/ERROR", 0) + stats.get("spider_exceptions/count", 0)
    status = "downloader/response_status_count/"
    return RunReport(
        pages=sum(outcomes.values()),
        new=outcomes.get("new", 0),
        changed=outcomes.get("changed", 0),
        unchanged=outcomes.get("unchanged", 0),
        suspect=stats.get("adwatch/suspect", 0),
        errors=crashed,
        drops=drops,
        states={**group("state"), **{f"fill_{k}": v for k, v in group("fill").items()}},
        statuses={key[len(status) :]: n for key, n in stats.items() if key.startswith(status)},
        reason=reason,
        elapsed_s=float(stats.get("elapsed_time_seconds", 0.0)),
    )


def crawl(order: CrawlOrder) -> RunState:
    """Run the crawl to its end and write its report; blocks until done."""
    target = order.target
    load_rulebook()  # without rules every page would be lost one by one; better say so at once
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
        settings |= browser_settings(order.chromium, settings["USER_AGENT"])
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(SPIDERS[target.spider])
    database = open_database(order.storage_url)
    readers = Readers(max(1, (os.cpu_count() or 2) - 1), warm_up_reader)
    writer = ThreadPoolExecutor(1, "storage")
    services = Services(database, EvidenceStore(Path(order.evidence)), readers, writer)
    crawler.adwatch_services = services  # type: ignore[attr-defined]
    try:
        process.crawl(crawler, target=target, run_id=order.run_id)
        process.start()
    finally:
        readers.close()
        writer.shutdown(wait=True)
    stats = crawler.stats.get_stats() if crawler.stats else {}
    reason = str(stats.get("finish_reason", "crashed"))
    report = run_report(stats, reason)
    state = RunState.FINISHED if reason in FINISHED_REASONS else RunState.FAILED
    finish_run(database, order.run_id, state, report, datetime.now(UTC))
    database.close()
    return state


def main() -> int:
    """Read the order from stdin, crawl, exit 0 when the run finished."""
    order = CrawlOrder.model_validate_json(sys.stdin.buffer.read())
    return 0 if crawl(order) is RunState.FINISHED else 4


if __name__ == "__main__":
    sys.exit(main())
