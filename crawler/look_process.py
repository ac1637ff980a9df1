"""One look at a target in a process of its own: an order on stdin, what is found on stdout."""

import sys
import threading
from contextlib import ExitStack
from typing import Any

from scrapy.crawler import CrawlerProcess

from crawler.child_process import end_with_parent
from crawler.fetch_settings import settings_of
from crawler.look_order import LookOrder
from crawler.look_spiders import FetchSpider, telling_spider
from pipelines.reader_parent import ReaderParent
from pipelines.readers import Readers


def look(order: LookOrder) -> None:
    """Run the look to its end; what is found is told while it goes on."""
    with ExitStack() as stack:
        process = CrawlerProcess(_settings(order, stack))
        if order.pages:
            crawler = process.create_crawler(telling_spider(order.target.spider))
            readers = Readers(1, stack.enter_context(ReaderParent()).address)
            stack.callback(readers.close)
            crawler.adwatch_readers = readers  # type: ignore[attr-defined]
            process.crawl(crawler, target=order.target, run_id=0, pages=order.pages)
        else:
            process.crawl(FetchSpider, target=order.target, run_id=0, siblings=order.siblings)
        process.start()


def _settings(order: LookOrder, stack: ExitStack) -> dict[str, Any]:
    """A crawl's settings, but that nothing is stored, kept from before, or tried twice."""
    settings = settings_of(order, stack)
    settings |= {
        "ITEM_PIPELINES": {"crawler.look_stage.LookStage": 200} if order.pages else {},
        "DOWNLOADER_MIDDLEWARES": {
            **settings["DOWNLOADER_MIDDLEWARES"],
            "crawler.middlewares.RevalidationMiddleware": None,
            "crawler.look_spiders.RobotsNotes": 110,
        },
        "RETRY_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }
    return settings


def main() -> int:
    """Read the order from stdin and look."""
    order = LookOrder.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    look(order)
    return 0


if __name__ == "__main__":
    sys.exit(main())
