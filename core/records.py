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


Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class Spot(Travels):
    """The box on a picture in which the characters from `start` to `end` of a segment stand."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class PictureSpots(Travels):
    """The evidence file that a segment was read from, and where its characters stand on it."""

    sha256: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class PictureMark(Travels):
    """Where a hit stands on a picture: its evidence file, and the boxes of the lines."""

    sha256: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Segment(Travels):
    """One piece of a page's visible text with its origin.

    `block` groups segments that a reader sees as one thing (the article, one side box, one ad, one
    picture): context counts inside a block, and each block is judged by itself.
    """

    origin: Origin
    text: str
    block: int = 0
    picture: PictureSpots | None = None


SEGMENT_JOINT = "\n"


def join_segments(segments: tuple[Segment, ...]) -> str:
    """The text that an assessment's offsets count in."""
    return SEGMENT_JOINT.join(segment.text for segment in segments)


@dataclass(frozen=True, slots=True)
class Hit(Travels):
    """One rule at one quote; `start` and `end` are code points in the joined original text.

    `apart` are the points of a hit in a block that does not speak for the page: they count in the
    judgement of that block alone, and `points` are 0. `picture` says where the quote stands on a
    picture, if it was read from one.
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
    picture: PictureMark | None = None


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


# Kinds of entities by which whoever advertises is reached: shown to reviewers, and an identity.
CONTACT_KINDS = frozenset(
    {"phone", "landline", "wechat", "qq", "qq_group", "telegram", "whatsapp", "discord",
     "social_account", "email", "trc20", "eth", "btc"}
)  # fmt: skip


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
class AdPlace(Travels):
    """Where an ad stood on its page and how large it was drawn, in CSS pixels.

    `fixed` ads stay in the window; their `left` and `top` count from its corner.
    """

    left: int
    top: int
    width: int
    height: int
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Ad(Travels):
    """What is known of an advertisement beside its text.

    `label` is the word on it that calls it an ad, "" where there is none; `signs` is how it was
    told to be one; `destination` is where its link leads, "" where it has none.
    """

    place: AdPlace
    signs: tuple[str, ...]
    label: str = ""
    destination: str = ""
    images: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()

    @property
    def is_labelled(self) -> bool:
        """Whether it bears the word that the law asks for; 推广 or 赞助 do not do."""
        return "广告" in self.label or "廣告" in self.label


@dataclass(frozen=True, slots=True)
class PageImage(Travels):
    """A picture on a page: where it lies, and the evidence file of its bytes."""

    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Page(Travels):
    """What was read from a capture: `text` is the body for a reviewer, `segments` all text.

    `images` are the pictures that were read.
    """

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
    ad: Ad | None = None
    images: tuple[PageImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Hints(Travels):
    """What the page that named this one said of it; used where the page itself is silent."""

    title: str = ""
    published_at: datetime | None = None
    author: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class StoredBytes(Travels):
    """Names of write-once evidence files: SHA-256 in hex."""

    body_sha256: str
    body_size: int
    screenshot_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Observation(Travels):
    """One page, or one ad on it, at one moment; each stage returns a copy with a field more.

    A page that was read in another process comes `packed` as storage keeps it, and then `page` is
    without its segments and links: whole, it would be taken apart and put together at each step.
    `image_urls` are pictures of it that are still to be read; it is not yet judged while there are
    any.
    """

    target_id: str
    run_id: int
    url: str
    kind: str
    capture: Capture
    parent_url: str = ""
    hints: Hints = field(default_factory=Hints)
    ad: Ad | None = None
    stored: StoredBytes | None = None
    page: Page | None = None
    packed: bytes = b""
    image_urls: tuple[str, ...] = ()
    content_hash: str = ""
    change: Change | None = None
    assessment: Assessment | None = None
