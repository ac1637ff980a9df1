"""A rescan: stored observations judged by today's rules in several processes, kept by this one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from crawler.crew import Crew
from pipelines.classify import judge_page
from pipelines.reading import warm_up
from storage.database import Database
from storage.patience import persist
from storage.rejudged import Rejudged, Stored, rejudge
from storage.rescans import Rescan, iter_stored, save_portion

WEB = "web"


@dataclass(frozen=True, slots=True)
class Unjudged:
    """An observation that could not be judged, and why."""

    observation_id: int
    reason: str


Answer = Rejudged | Unjudged
Told = Callable[[list[Answer]], None]


def run_rescan(db: Database, task: Rescan, media: Mapping[str, str], jobs: int, tell: Told) -> None:
    """Judge all that is left; whatever is cut short goes on where the last kept portion ended.

    `media` says by target where its texts stand; that decides which law applies.
    """
    if not task.left:
        return
    warm_up()  # the processes are forked from this one
    crew = Crew(partial(rejudge_portion, media=media), blame, jobs)
    last_id = task.last_id
    for portion, answers in crew.answer_all(iter_stored(db, task)):
        judged = [one for one in answers if isinstance(one, Rejudged)]
        persist(save_portion, db, task, last_id, portion, judged, datetime.now(UTC))
        last_id = portion[-1].observation_id
        tell(answers)


def rejudge_portion(portion: tuple[Stored, ...], media: Mapping[str, str]) -> list[Answer]:
    """The answers to one portion, in its order."""
    return [_rejudge_one(stored, media.get(stored.target_id, WEB)) for stored in portion]


def _rejudge_one(stored: Stored, medium: str) -> Answer:
    try:
        return rejudge(stored, partial(judge_page, medium=medium))
    except Exception as error:  # noqa: BLE001 (one text's fault is told and costs no other)
        return Unjudged(stored.observation_id, f"{type(error).__name__}: {error}")


def blame(stored: Stored) -> Answer:
    """What is said of a text that killed the process that judged it."""
    return Unjudged(stored.observation_id, "the process that judged it died (out of memory?)")
