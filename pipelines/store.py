"""Stage 5: evidence files first, then one transaction with everything that names them."""

import json
import sys
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from core.errors import AdwatchError
from core.records import Change, Level, Observation, PageState
from pipelines.services import Services
from storage.database import Database
from storage.evidence import EvidenceStore
from storage.intake import record_state, save_observation, see_again


def store(database: Database, evidence: EvidenceStore, observation: Observation) -> str:
    """Keep what is new of the observation; the word says what it was: a Change or a state.

    The bytes are on disk before the transaction that names them: killed in between, a file without
    a record remains, never a record without its file.
    """
    page = observation.page
    if page is None or observation.change is Change.UNCHANGED:
        see_again(database, observation)
        return Change.UNCHANGED.value
    evidence.write(observation.capture.body)
    if observation.capture.screenshot:
        evidence.write(observation.capture.screenshot)
    if page.state is not PageState.OK:
        record_state(database, observation)
        return page.state.value
    save_observation(database, observation)
    return (observation.change or Change.NEW).value


def progress_line(observation: Observation, outcome: str) -> str:
    """One JSON line for whoever watches the crawl: address, outcome, and what was found."""
    found = observation.assessment
    return json.dumps(
        {
            "url": observation.url,
            "title": observation.page.title[:80] if observation.page else "",
            "outcome": outcome,
            "level": found.level.word if found else "none",
            "score": round(found.score) if found else 0,
        },
        ensure_ascii=False,
    )


class StoreStage:
    """Applies `store` in the writer thread, counts, and tells the watcher."""

    def __init__(self, services: Services, stats: StatsCollector) -> None:
        self._services = services
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out what the stage needs."""
        assert crawler.stats is not None  # noqa: S101 (Scrapy sets it before it builds pipelines)
        return cls(Services.of(crawler), crawler.stats)

    async def process_item(self, item: Observation) -> Observation:
        """The observation as it came, kept."""
        services = self._services
        try:
            outcome = await services.write(store, services.database, services.evidence, item)
            services.forget(item.target_id, item.url)
        except (AdwatchError, OSError) as error:
            self._stats.inc_value("adwatch/drop/storage")
            raise DropItem(f"{item.url}: not stored: {error}", log_level="ERROR") from error
        self._stats.inc_value(f"adwatch/outcome/{outcome}")
        if item.assessment and item.assessment.level >= Level.MEDIUM:
            self._stats.inc_value("adwatch/suspect")
        for field in ("title", "account", "text", "published_at"):
            if item.page and item.page.state is PageState.OK and getattr(item.page, field):
                self._stats.inc_value(f"adwatch/fill/{field}")
        sys.stdout.write(progress_line(item, outcome) + "\n")
        sys.stdout.flush()
        return item
