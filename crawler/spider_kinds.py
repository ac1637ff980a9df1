"""Which class crawls which kind of source."""

from typing import Any

from core.target import SpiderKind
from spiders.ads import AdsSpider
from spiders.api import ApiSpider
from spiders.article import ArticleSpider
from spiders.feed import FeedSpider
from spiders.files import FilesSpider
from spiders.listing import ListingSpider
from spiders.search import SearchSpider
from spiders.sitemap import SitemapSpider
from spiders.wechat import WechatSpider

SPIDERS: dict[SpiderKind, Any] = {
    "article": ArticleSpider,
    "listing": ListingSpider,
    "feed": FeedSpider,
    "sitemap": SitemapSpider,
    "wechat": WechatSpider,
    "api": ApiSpider,
    "search": SearchSpider,
    "ads": AdsSpider,
    "files": FilesSpider,
}
