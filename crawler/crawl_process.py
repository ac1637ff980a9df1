"""One crawl of one target in a process of its own: an order on stdin, progress on stdout."""

import gc
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from scrapy.crawler import CrawlerProcess

from core.ledger import RunReport, RunState
from core.records import Level
from core.target import parse_duration
from crawler.child_process import end_with_parent
from crawler.crawl_order import CrawlOrder
from crawler.fetch_settings import settings_of
from crawler.health import RUNS
from crawler.log_output import password_of, write_logs
from crawler.quiet_signs import moved
from crawler.spider_kinds import SPIDERS
from pipelines.pictures.available import missing_packages
from pipelines.pictures.pool import PicturePool, picture_parent
from pipelines.reader_parent import ReaderParent
from pipelines.readers import Readers
from pipelines.services import Services
from storage.database import Database, open_database
from storage.evidence_place import open_evidence
from storage.heads import note_head
from storage.landings import due_landings
from storage.runs import finish_run, last_runs, newest_date

MAX_READERS = 4
FINISHED_REASONS = frozenset({"finished", "closespider_pagecount", "page_limit"})


def run_report(stats: dict[str, Any], reason: str) -> RunReport:
    """Scrapy's counters as a run's report."""

    def group(prefix: str) -> dict[str, Any]:
        start = f"adwatch/{prefix}/"
        return {key[len(start) :]: value for key, value in stats.items() if key.startswith(start)}

    outcomes, drops = group("outcome"), group("drop")
    # Whatever raised inside a stage came to neither end: nothing may vanish without a count.
    ended = stats.get("item_scraped_count", 0) + stats.get("item_dropped_count", 0)
    lost = stats.get("adwatch/items", 0) - ended
    if lost > 0:
        drops["lost"] = lost
    return RunReport(
        pages=sum(outcomes.values()),
        new=outcomes.get("new", 0),
        changed=outcomes.get("changed", 0),
        unchanged=outcomes.get("unchanged", 0),
        suspect=stats.get("adwatch/suspect", 0),
        errors=max(0, lost) + stats.get("spider_exceptions/count", 0),
        drops=drops,
        states={**group("state"), **{f"fill_{k}": v for k, v in group("fill").items()}},
        statuses=_page_answers(stats),
        failed_starts=stats.get("adwatch/failed_starts", 0),
        said=group("said"),
        yields=group("yield"),
        face=stats.get("adwatch/face", ""),
        pictures=group("picture"),
        reason=reason,
        elapsed_s=float(stats.get("elapsed_time_seconds", 0.0)),
    )


def with_rhythm(database: Database, target_id: str, report: RunReport, now: datetime) -> RunReport:
    """The report with what is carried on from the runs before: when something moved last."""
    before = [run.report for run in last_runs(database, target_id, RUNS) if run.report.reason]
    news = next((one.news for one in before if one.news), None)
    lists = next((one.lists for one in before if one.lists), None)
    face = next((one.face for one in before if one.face), "")
    return replace(
        report,
        news=moved(news, now) if report.new or report.changed else news,
        lists=moved(lists, now) if report.face not in {"", face} else lists,
        newest_at=newest_date(database, target_id, now + timedelta(days=1)),
    )


def _page_answers(stats: dict[str, Any]) -> dict[str, int]:
    """Answers by status, those to requests for pictures left out."""
    prefix, pictures = "downloader/response_status_count/", "adwatch/picture_status/"
    counted = {key[len(prefix) :]: n for key, n in stats.items() if key.startswith(prefix)}
    rest = {status: n - stats.get(f"{pictures}{status}", 0) for status, n in counted.items()}
    return {status: n for status, n in rest.items() if n > 0}


def crawl(order: CrawlOrder) -> RunState:
    """Run the crawl to its end and write its report; blocks until done."""
    database = open_database(order.storage_url)
    evidence = open_evidence(order.evidence, order.s3)
    try:
        with ExitStack() as stack:
            writer = ThreadPoolExecutor(1, "storage")
            stack.callback(writer.shutdown, wait=True)
            address = order.readers or stack.enter_context(ReaderParent()).address
            readers = Readers(min(MAX_READERS, os.cpu_count() or 1), address)
            stack.callback(readers.close)
            pictures = _picture_pool(order, stack)
            as_text = order.logs == "text"
            process = CrawlerProcess(_crawl_settings(order, stack), install_root_handler=as_text)
            crawler = process.create_crawler(SPIDERS[order.target.spider])
            tell_from = Level(order.tell_from)
            services = Services(database, evidence, readers, writer, tell_from, pictures)
            crawler.adwatch_services = services  # type: ignore[attr-defined]
            readers.wait_until_warm()  # without rules every page would be lost, one by one
            gc.freeze()  # libraries stay; looking through them again and again costs time
            process.crawl(
                crawler, target=order.target, run_id=order.run_id, **_revisits(order, database)
            )
            process.start()
        now = datetime.now(UTC)
        note_head(database, evidence, now)
        stats = crawler.stats.get_stats() if crawler.stats else {}
        reason = str(stats.get("finish_reason", "crashed"))
        state = RunState.FINISHED if reason in FINISHED_REASONS else RunState.FAILED
        report = with_rhythm(database, order.target.id, run_report(stats, reason), now)
        finish_run(database, order.run_id, state, report, now)
    finally:
        database.close()
    return state


def _revisits(order: CrawlOrder, database: Database) -> dict[str, Any]:
    """The landing pages that an ad spider looks at again."""
    every = order.target.ads.revisit
    if every is None:
        return {}
    due = due_landings(database, order.target.id, parse_duration(every), datetime.now(UTC))
    return {"revisits": due}


def _picture_pool(order: CrawlOrder, stack: ExitStack) -> PicturePool | None:
    """What reads pictures; None where the target wants none or a package is missing."""
    if missing_packages() or not order.target.images.read:
        return None
    address = order.picture_readers or stack.enter_context(picture_parent()).address
    pool = PicturePool(max(1, min(MAX_READERS, (os.cpu_count() or 1) // 2)), address)
    stack.callback(pool.close)
    return pool


def _crawl_settings(order: CrawlOrder, stack: ExitStack) -> dict[str, Any]:
    own = {"ADWATCH_CACHE": order.cache, "ADWATCH_TARGET": order.target.id}
    return settings_of(order, stack) | own


def main() -> int:
    """Read the order from stdin, crawl, exit 0 when the run finished."""
    order = CrawlOrder.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    if order.logs == "json":
        about: dict[str, str | int] = {"target": order.target.id, "run": order.run_id}
        write_logs("json", (password_of(order.storage_url),), about)
    return 0 if crawl(order) is RunState.FINISHED else 4


if __name__ == "__main__":
    sys.exit(main())
