"""What a crawl process is told."""

from core.records import Level
from crawler.config import LogFormat
from crawler.fetch_order import FetchOrder
from storage.evidence_objects import S3Access


class CrawlOrder(FetchOrder):
    """A crawl: its run, and where what it finds is kept.

    `readers` is the address of a parent of readers, `picture_readers` that of one for pictures; the
    crawl starts its own where it is None.
    """

    run_id: int
    storage_url: str
    evidence: str
    s3: S3Access | None
    cache: str
    readers: str | None = None
    picture_readers: str | None = None
    tell_from: int = int(Level.HIGH)
    logs: LogFormat = "text"
