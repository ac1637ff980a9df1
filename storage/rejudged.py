"""What a rescan reads and what it makes of it, without the database."""

from collections.abc import Callable
from dataclasses import dataclass

from core.records import Assessment, Level, Page, Stance, join_segments
from storage.codec import load_assessment, load_page, pack_assessment
from storage.creative import (
    MAX_CREATIVES,
    Creative,
    block_creative,
    is_suspect,
    suspect_creatives,
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An observation's content as it is kept, deflated."""

    observation_id: int
    target_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Rejudged:
    """An assessment as it will be stored, with its suspect blocks; worst first."""

    observation_id: int
    rulebook: str
    level: Level
    score: float
    stance: Stance
    detail: str
    creatives: tuple[Creative, ...]


def rejudge(stored: Stored, judge: Callable[[Page], Assessment]) -> Rejudged:
    """The observation's text judged anew; all that costs time is done here, before any lock."""
    page = load_page(stored.content)
    judged, detail = pack_assessment(judge(page))
    creatives: tuple[Creative, ...] = ()
    if is_suspect(judged):
        creatives = suspect_creatives(judged, join_segments(page.segments))[:MAX_CREATIVES]
        for creative in creatives:
            _ = creative.signature, creative.gist, creative.fingerprint
    return Rejudged(
        observation_id=stored.observation_id,
        rulebook=judged.rulebook,
        level=judged.level,
        score=judged.score,
        stance=judged.stance,
        detail=detail,
        creatives=creatives,
    )


def creative_again(content: bytes, detail: str, fingerprint: str) -> Creative | None:
    """The block of that text as an assessment judged it, suspect or not; None where it has none."""
    text = join_segments(load_page(content).segments)
    return block_creative(load_assessment(detail), text, fingerprint)
