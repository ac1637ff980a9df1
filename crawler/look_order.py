"""What a process that only looks is told."""

from crawler.fetch_order import FetchOrder


class LookOrder(FetchOrder):
    """A target to look at without storing anything.

    `pages` is how many pages of content are read; 0: the start addresses alone are fetched, and
    their bytes are told as they came. With `siblings`, so are the feeds that these link to, and
    the site's sitemap.
    """

    pages: int
    siblings: bool
