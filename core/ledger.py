"""What is read back for people: findings with their places, runs, and a target's health."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.records import Entity, Hit, Level, Origin, Rate, Stance


class FindingState(StrEnum):
    """Where a finding stands in the reviewers' hands."""

    NEW = "new"
    REOPENED = "reopened"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class RunState(StrEnum):
    """How a run stands or ended."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class RunReport:
    """The counts of one run; `drops` and `states` count by reason, so that nothing vanishes unseen.

    `reason` is why the run ended: `finished`, or what cut it short. `elapsed_s` counts from the
    first request to the last stored page. `failed_starts` counts start addresses that yielded
    nothing that can be read.
    """

    pages: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    suspect: int = 0
    errors: int = 0
    drops: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    elapsed_s: float = 0.0
    failed_starts: int = 0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One crawl of one target for one schedule slot."""

    id: int
    target_id: str
    slot: str
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    report: RunReport


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding's creative was seen."""

    observation_id: int
    target_id: str
    url: str
    title: str
    first_seen: datetime
    last_seen: datetime
    times: int
    evidence_seq: int | None
    body_sha256: str | None
    screenshot_sha256: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One creative as a reviewer sees it: the newest assessment of it, and its newest places.

    `text` is the creative's block of text; `start` of each hit and rate counts in it.
    `place_count` counts all places, of which `places` may hold only the newest.
    """

    id: int
    fingerprint: str
    state: FindingState
    level: Level
    score: float
    stance: Stance
    title: str
    account: str
    source: Origin
    text: str
    patterns: tuple[str, ...]
    hits: tuple[Hit, ...]
    rates: tuple[Rate, ...]
    entities: tuple[Entity, ...]
    evasion: tuple[str, ...]
    keywords: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    times: int
    reopened_at: datetime | None
    places: tuple[Place, ...]
    rulebook: str
    place_count: int = 0


class Health(StrEnum):
    """What a target's last run says of the target."""

    OK = "ok"
    EMPTY = "empty"
    SHRUNKEN = "shrunken"
    FAILED = "failed"
    BLOCKED = "blocked"
    NEVER_RUN = "never_run"
    BAD_CONFIG = "bad_config"


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """A target's state for people: what is wrong, in one sentence, and the counts behind it."""

    target_id: str
    title: str
    health: Health
    detail: str
    run: RunRecord | None = None


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What an evidence record says of its capture, for people who hand it on."""

    seq: int
    record_hash: str
    captured_at: datetime
    url: str
    final_url: str
    redirects: tuple[str, ...]
    status: int
    server_address: str | None
    body_sha256: str
    screenshot_sha256: str | None
