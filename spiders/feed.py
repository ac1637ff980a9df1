"""Pages that a feed names: RSS and Atom."""

from collections.abc import Iterator
from dataclasses import replace

from scrapy.http import HtmlResponse, Response

from core.records import Hints, Observation
from spiders.feed_reader import Entry, FeedFault, read_feed
from spiders.observe import observation_of
from spiders.target_spider import TargetSpider, Visit
from spiders.urls import canonical_url


class FeedSpider(TargetSpider):
    """Reads feeds and fetches what their entries link to."""

    name = "feed"

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """The entries' pages; an entry without an address is observed as the feed carries it."""
        declared = response.headers.get("Content-Type")
        content_type = declared.decode("latin-1") if declared else None
        try:
            entries = read_feed(response.body, content_type, response.url)
        except FeedFault as fault:
            self.drop(fault.reason, response.url)
            return
        if not entries:
            self.drop("feed_without_entries", response.url)
        for entry in entries:
            if entry.url:
                yield Visit(
                    entry.url,
                    depth=visit.depth + 1,
                    parent_url=response.url,
                    hints=entry_hints(entry),
                )
            elif entry.content and entry.guid:
                yield self._carried(response, entry)
            else:
                self.drop("entry_without_link", response.url)

    def _carried(self, response: Response, entry: Entry) -> Observation:
        """An entry that exists only in the feed; its own id keeps its address apart."""
        page = HtmlResponse(
            response.url,
            body=entry.content.encode(),
            headers={"Content-Type": "text/html; charset=utf-8"},
            request=response.request,
            ip_address=response.ip_address,
        )
        observed = observation_of(
            page,
            target_id=self.target.id,
            run_id=self.run_id,
            kind=self.name,
            parent_url=response.url,
            hints=entry_hints(entry),
        )
        address = canonical_url(response.url) or response.url
        return replace(observed, url=f"{address}#entry={entry.guid}"[:2_000])


def entry_hints(entry: Entry) -> Hints:
    """What the feed says of an entry."""
    return Hints(title=entry.title, published_at=entry.published_at, author=entry.author)
