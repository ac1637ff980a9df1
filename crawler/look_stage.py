"""The one stage of a look: what was read of a page is told, and nothing is stored."""

from typing import Self

from scrapy.crawler import Crawler

from core.errors import ReadingError
from core.records import Level, Observation
from crawler.look_spiders import tell
from pipelines.readers import Readers
from pipelines.reading import Reading, read


class LookStage:
    """Reads and judges each page in a reader, as a crawl does."""

    def __init__(self, readers: Readers, medium: str) -> None:
        self._readers = readers
        self._medium = medium

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out the readers that `crawler/look_process.py` put there."""
        readers = getattr(crawler, "adwatch_readers", None)
        assert isinstance(readers, Readers)  # noqa: S101 (ours)
        return cls(readers, crawler.settings["ADWATCH_MEDIUM"])

    async def process_item(self, item: Observation) -> Observation:
        """Tell what a crawl would store."""
        try:
            reading = await self._readers.run(
                read, item.capture, item.kind, item.hints, self._medium, None, False, item.ad
            )
        except ReadingError as error:
            tell("drop", reason=str(error).split(":", 1)[0], url=item.url, what="")
            return item
        _tell_page(item, reading)
        return item


def _tell_page(item: Observation, reading: Reading) -> None:
    page, assessment = reading.page, reading.assessment
    tell(
        "page",
        url=item.url,
        final_url=item.capture.final_url,
        state=page.state.value,
        message=page.state_message,
        title=page.title,
        account=page.account,
        published_at=page.published_at.isoformat() if page.published_at else None,
        text_chars=len(page.text),
        encoding=page.encoding,
        level=(assessment.level if assessment else Level.NONE).word,
        rendered=item.capture.rendered,
    )
