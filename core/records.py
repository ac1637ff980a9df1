"""What travels from a fetched page to an assessment: frozen records, filled stage by stage."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class Travels:
    """A frozen record that is pickled as a call, which costs less than what dataclasses do.

    Pages and assessments go from process to process, with many small records in each.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        names: tuple[str, ...] = type(self).__slots__
        return type(self), tuple([getattr(self, name) for name in names])


class Level(IntEnum):
    """Risk level of an assessment or finding (风险等级)."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """The level as it stands in JSON, YAML and the database: `none` to `high`."""
        return self.name.lower()


class Stance(StrEnum):
    """Who speaks to whom, to what end (语境立场)."""

    PROMOTION = "promotion"
    WARNING = "warning"
    REPORT = "report"
    COURT = "court"
    LAW = "law"
    EDUCATION = "education"
    LICENSED = "licensed"
    COMMERCE = "commerce"
    OTHER = "other"


class Origin(StrEnum):
    """Where on a page a segment stood."""

    TITLE = "title"
    ACCOUNT = "account"
    BODY = "body"
    SIDE = "side"
    AD = "ad"
    LINK = "link"
    ALT = "alt"
    META = "meta"
    OCR = "ocr"
    QR = "qr"


class PageState(StrEnum):
    """What a fetched page is. Only `OK` pages have content; the rest are facts about the page."""

    OK = "ok"
    DELETED = "deleted"
    VIOLATION = "violation"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"
    CAPTCHA = "captcha"
    LOGIN = "login"
    PRIVATE = "private"
    MODERATED = "moderated"


class Change(StrEnum):
    """How an observation relates to what is stored of its address."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Segment(Travels):
    """One piece of a page's visible text with its origin.

    `block` groups segments that a reader sees as one thing (the article, one side box, one ad):
    context counts inside a block, and each block is judged by itself.
    """

    origin: Origin
    text: str
    block: int = 0


SEGMENT_JOINT = "\n"


def join_segments(segments: tuple[Segment, ...]) -> str:
    """The text that an assessment's offsets count in."""
    return SEGMENT_JOINT.join(segment.text for segment in segments)


@dataclass(frozen=True, slots=True)
class Hit(Travels):
    """One rule at one quote; `start` and `end` are code points in the joined original text.

    `apart` are the points of a hit in a block that does not speak for the page: they count in the
    judgement of that block alone, and `points` are 0.
    """

    rule: str
    pattern: str
    title: str
    quote: str
    start: int
    end: int
    source: Origin
    points: float
    law: tuple[str, ...]
    why: str
    silenced_by: str | None = None
    apart: float = 0.0


@dataclass(frozen=True, slots=True)
class Rate(Travels):
    """A promised return as stated, and its simple annual percentage.

    `annual_pct` is None where the expression cannot be annualised without guessing; for a range it
    is the upper end and `annual_pct_min` the lower.
    """

    quote: str
    start: int
    end: int
    annual_pct: float | None
    basis: str
    assumption: str | None = None
    annual_pct_min: float | None = None


@dataclass(frozen=True, slots=True)
class Entity(Travels):
    """A contact, company, account or number; `value` is normalised, `valid` the check's verdict.

    `valid` is None where the kind has no check digit.
    """

    kind: str
    value: str
    quote: str
    start: int
    end: int
    valid: bool | None = None


@dataclass(frozen=True, slots=True)
class BlockVerdict(Travels):
    """The judgement of one block; a suspect block is one creative."""

    block: int
    start: int
    end: int
    source: Origin
    level: Level
    score: float
    stance: Stance
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment(Travels):
    """All that the classifier says of one text.

    `score` is the sum of the points of `hits`, capped to 0-100; hits silenced by context carry no
    points and say what silenced them. `rulebook` is the digest of the rules that were used.
    """

    level: Level
    score: float
    stance: Stance
    patterns: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    rates: tuple[Rate, ...] = ()
    entities: tuple[Entity, ...] = ()
    evasion: tuple[str, ...] = ()
    blocks: tuple[BlockVerdict, ...] = ()
    rulebook: str = ""


@dataclass(frozen=True, slots=True)
class Capture(Travels):
    """Bytes as they came, with the facts that make them evidence. Times are aware UTC."""

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    captured_at: datetime
    body: bytes = b""
    redirects: tuple[str, ...] = ()
    method: str = "GET"
    server_address: str | None = None
    rendered: bool = False
    screenshot: bytes | None = None
    not_modified: bool = False


@dataclass(frozen=True, slots=True)
class Link(Travels):
    """An outgoing link, absolute, with its visible text."""

    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page(Travels):
    """What was read from a capture: `text` is the body for a reviewer, `segments` all text."""

    state: PageState
    title: str = ""
    account: str = ""
    account_id: str = ""
    author: str = ""
    text: str = ""
    published_at: datetime | None = None
    links: tuple[Link, ...] = ()
    segments: tuple[Segment, ...] = ()
    encoding: str = ""
    state_message: str = ""
    original_url: str = ""


@dataclass(frozen=True, slots=True)
class Hints(Travels):
    """What the page that named this one said of it; used where the page itself is silent."""

    title: str = ""
    published_at: datetime | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class StoredBytes(Travels):
    """Names of write-once evidence files: SHA-256 in hex."""

    body_sha256: str
    body_size: int
    screenshot_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Observation(Travels):
    """One page at one moment; each stage returns a copy with one more field filled.

    A page that was read in another process comes `packed` as storage keeps it, and then `page` is
    without its segments and links: whole, it would be taken apart and put together at each step.
    """

    target_id: str
    run_id: int
    url: str
    kind: str
    capture: Capture
    parent_url: str = ""
    hints: Hints = field(default_factory=Hints)
    stored: StoredBytes | None = None
    page: Page | None = None
    packed: bytes = b""
    content_hash: str = ""
    change: Change | None = None
    assessment: Assessment | None = None
