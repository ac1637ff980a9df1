"""What is read back for people: findings with their places, runs, and a target's health."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.records import Entity, Hit, Level, Origin, Rate, Stance


class FindingState(StrEnum):
    """Where a finding stands in the reviewers' hands.

    `lifted`: nobody decided it, and today's rules see nothing suspect in it any more.
    """

    NEW = "new"
    REOPENED = "reopened"
    LIFTED = "lifted"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Turn(StrEnum):
    """What a rescan did to a finding."""

    NEW = "new"
    RAISED = "raised"
    LIFTED = "lifted"


class RunState(StrEnum):
    """How a run stands or ended."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often something of a target moves: when it last did, and the longest of its pauses."""

    at: datetime
    pauses: int = 0
    longest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RunReport:
    """The counts of one run; `drops` and `states` count by reason, so that nothing vanishes unseen.

    `reason` is why the run ended: `finished`, or what cut it short. `elapsed_s` counts from the
    first request to the last stored page. `failed_starts` counts start addresses that yielded
    nothing that can be read. `said` holds for a reason what was first said of it, `yields` what a
    word of a search yielded, `face` a hash of what the lists named. `news` and `lists` are carried
    from run to run: when pages were last new or changed, and when the lists last named something
    else. `newest_at` is the newest date of any page. `pictures`
    counts what became of the pictures on the pages.
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
    said: dict[str, str] = field(default_factory=dict)
    yields: dict[str, int] = field(default_factory=dict)
    face: str = ""
    news: Rhythm | None = None
    lists: Rhythm | None = None
    newest_at: datetime | None = None
    pictures: dict[str, int] = field(default_factory=dict)


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
    `place_count` counts all places, of which `places` may hold only the newest. `turned_at` is when
    a rescan last made it suspect, raised it to high, or lifted it.
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
    turned_at: datetime | None = None


class Health(StrEnum):
    """What a run says of its target (采集健康), worst first."""

    FAILED = "failed"
    BAD_CONFIG = "bad_config"
    CUT_SHORT = "cut_short"
    CAPTCHA = "captcha"
    LOGIN = "login"
    BLOCKED = "blocked"
    EMPTY = "empty"
    SHRUNKEN = "shrunken"
    DRIFTED = "drifted"
    FROZEN = "frozen"
    STALE = "stale"
    NEVER_RUN = "never_run"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Measure:
    """The figure that decided: what was measured, what it was, and what is usual or asked for."""

    what: str
    now: float
    usual: float


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """A target's state for people: what is wrong, in one sentence, and the counts behind it.

    `raised` means that two runs in a row were not well; `since` is when the first of them began.
    """

    target_id: str
    title: str
    health: Health
    detail: str
    run: RunRecord | None = None
    measure: Measure | None = None
    raised: bool = False
    since: datetime | None = None


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
