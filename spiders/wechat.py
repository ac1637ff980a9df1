"""Articles of official accounts, given by address or through an account's list of them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from scrapy.http import Response

from core.records import Hints, Observation
from spiders.links import discover_links
from spiders.listing import page_text
from spiders.pages import page_fault
from spiders.target_spider import TargetSpider, Visit
from spiders.wechat_lists import account_articles

# An article, or the page that says why there is none, which comes under the same address.
_ARTICLE = re.compile(
    r"id=[\"']js_(?:content|article|name)[\"']|var msg_(?:title|link)|window\.item_show_type"
    r"|class=[\"'][^\"']*weui-msg|content_noencode"
)


class WechatSpider(TargetSpider):
    """Each start address is an article, or an album or history that lists articles."""

    name = "wechat"
    lists_are_kept = False
    start_may_be_content = True

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """The listed articles; a start page that is itself an article is observed."""
        fault = page_fault(response)
        if fault:
            self.drop(fault, response.url)
            return
        text = page_text(response)
        articles = account_articles(text, response.url)
        if not articles and (_ARTICLE.search(text) or not discover_links(text, response.url)):
            yield self.observed(response, visit)
            return
        for article in articles:
            published_at = datetime.fromtimestamp(article.epoch_s, UTC) if article.epoch_s else None
            yield Visit(
                article.url,
                depth=visit.depth + 1,
                parent_url=response.url,
                hints=Hints(article.title, published_at, article.author),
            )
        if not articles:
            for link in discover_links(text, response.url):
                yield Visit(
                    link.url,
                    depth=visit.depth + 1,
                    parent_url=response.url,
                    hints=Hints(link.text),
                )
