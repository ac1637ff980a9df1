"""Pages of content whose addresses are known: the start addresses themselves."""

from spiders.target_spider import TargetSpider


class ArticleSpider(TargetSpider):
    """Fetches each start address once and observes it."""

    name = "article"
    starts_are_lists = False
