"""Pages that a feed names: RSS and Atom."""

from collections.abc import Iterator

from scrapy.http import Response

from core.records import Hints, Observation
from spiders.feed_reader import Entry, FeedFault, read_feed
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
                # The entry's own id keeps its address apart.
                address = f"{canonical_url(response.url) or response.url}#entry={entry.guid}"
                yield self.carried(response, entry.content.encode(), address, entry_hints(entry))
            else:
                self.drop("entry_without_link", response.url)


def entry_hints(entry: Entry) -> Hints:
    """What the feed says of an entry."""
    return Hints(title=entry.title, published_at=entry.published_at, author=entry.author)
