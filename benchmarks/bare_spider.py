"""The yardstick: a Scrapy spider that downloads the pages and does nothing with them."""

import sys
from collections.abc import AsyncIterator

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

from core.target import Target
from crawler.settings import scrapy_settings


class BareSpider(Spider):
    name = "bare"

    def __init__(self, base: str, pages: int) -> None:
        super().__init__()
        self.base, self.pages = base, pages

    async def start(self) -> AsyncIterator[Request]:
        for number in range(self.pages):
            yield Request(f"{self.base}/p/{number}", callback=self.got, dont_filter=True)

    def got(self, response: Response) -> None:
        """Nothing is done with it."""


def main() -> None:
    target = Target.model_validate_json(sys.stdin.read())
    settings = scrapy_settings(
        target, contact="bench", network_allow=("127.0.0.0/8",), verify_tls=True
    )
    settings |= {"ITEM_PIPELINES": {}, "DOWNLOADER_MIDDLEWARES": {}, "LOG_LEVEL": "ERROR"}
    base, pages = sys.argv[1], int(sys.argv[2])
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, base=base, pages=pages)
    process.start()
    stats = crawler.stats.get_stats()
    print(stats["elapsed_time_seconds"], stats.get("response_received_count", 0))


if __name__ == "__main__":
    main()
