"""Stage 5: evidence files first, then one transaction with everything that names them."""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.statscollectors import StatsCollector

from core.errors import AdwatchError, BusyStorageError
from core.records import Ad, Change, Level, Observation, PageState
from pipelines.gathering import Gathered
from pipelines.services import Services
from storage.database import Database
from storage.evidence_place import Evidence
from storage.intake import record_state, save_observation, saving_jointly, see_again
from storage.patience import persist

# A crawl on the way to its next page does not notice the pause; a fast one fills a batch in it.
PAUSE_S = 0.05
MOST_TOGETHER = 32
log = logging.getLogger(__name__)


def store_all(
    database: Database,
    evidence: Evidence,
    observations: Sequence[Observation],
    tell_from: Level = Level.HIGH,
) -> list[str | Exception]:
    """Keep what is new of each; the word says what it was: a Change or a state.

    All in one transaction, since each costs a trip to the disk. Where one observation spoils it,
    they are stored one by one, so that it spoils nothing but itself.
    """
    if len(observations) > 1:
        try:
            evidence.write_all([piece for one in observations for piece in _files(one)])
            with saving_jointly(database, observations):
                return [_record(database, observation, tell_from) for observation in observations]
        except BusyStorageError:
            raise  # all of it is tried again
        except Exception as error:  # noqa: BLE001 (met again below, by the one whose fault it is)
            log.info("%d pages are stored one by one: %s", len(observations), error)
    return [_store_or_error(database, evidence, one, tell_from) for one in observations]


def _store_or_error(
    database: Database, evidence: Evidence, observation: Observation, tell_from: Level
) -> str | Exception:
    try:
        return persist(store, database, evidence, observation, tell_from)
    except Exception as error:  # noqa: BLE001 (its stage counts it)
        return error


def store(
    database: Database,
    evidence: Evidence,
    observation: Observation,
    tell_from: Level = Level.HIGH,
) -> str:
    """Keep what is new of the observation; the word says what it was: a Change or a state.

    The bytes are on disk before the transaction that names them: killed in between, a file without
    a record remains, never a record without its file.
    """
    evidence.write_all(_files(observation))
    return _record(database, observation, tell_from)


def _is_seen_again(observation: Observation) -> bool:
    return observation.page is None or observation.change is Change.UNCHANGED


def _files(observation: Observation) -> list[tuple[bytes, str | None]]:
    """The bytes that are new, with their hashes where they are known."""
    if _is_seen_again(observation):
        return []
    capture, stored = observation.capture, observation.stored
    files = [(capture.body, stored.body_sha256 if stored else None)]
    if capture.screenshot:
        files.append((capture.screenshot, stored.screenshot_sha256 if stored else None))
    return files


def _record(database: Database, observation: Observation, tell_from: Level) -> str:
    page = observation.page
    if page is None or _is_seen_again(observation):
        see_again(database, observation)
        return Change.UNCHANGED.value
    if page.state is not PageState.OK:
        record_state(database, observation)
        return page.state.value
    save_observation(database, observation, ad_facts(observation.ad), tell_from)
    return (observation.change or Change.NEW).value


def ad_facts(ad: Ad | None) -> dict[str, str | int | bool | None]:
    """What an ad's evidence record says of it beside its bytes."""
    if ad is None:
        return {}
    return {
        "ad_label": ad.label,
        "ad_signs": " ".join(ad.signs),
        "ad_destination": ad.destination,
        "ad_images": " ".join(ad.images),
        "ad_frames": " ".join(ad.frames),
        "ad_left": ad.place.left,
        "ad_top": ad.place.top,
        "ad_width": ad.place.width,
        "ad_height": ad.place.height,
        "ad_fixed": ad.place.fixed,
    }


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
        self._store: Gathered[Observation, str] = Gathered(
            self._store_all, pause_s=PAUSE_S, most=MOST_TOGETHER
        )
        self._is_telling = False

    async def _store_all(self, items: Sequence[Observation]) -> list[str | Exception]:
        services = self._services
        return await services.write(
            store_all, services.database, services.evidence, items, services.tell_from
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Dig out what the stage needs."""
        assert crawler.stats is not None  # noqa: S101 (Scrapy sets it before it builds pipelines)
        return cls(Services.of(crawler), crawler.stats)

    async def process_item(self, item: Observation) -> Observation:
        """The observation as it came, kept."""
        services = self._services
        try:
            outcome = await self._store(item)
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
        self._tell(progress_line(item, outcome))
        return item

    def _tell(self, line: str) -> None:
        """Write the line; what is stored together wakes the watcher once."""
        sys.stdout.write(f"{line}\n")
        if not self._is_telling:
            self._is_telling = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._is_telling = False
        sys.stdout.flush()
