"""The Target: what we watch, as one YAML file under `targets/` says it."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

SpiderKind = Literal["article", "listing", "feed", "sitemap", "wechat"]
Medium = Literal[
    "web", "app", "wechat", "short_video", "livestream", "search", "poster", "print",
    "chat_group", "message", "meeting",
]  # fmt: skip

TARGET_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_DURATION = re.compile(r"(\d{1,4})\s*(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _sound_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(f"{text!r} names no host and port that could be asked")
    return text


HttpUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s/?#\\]+[^\s\\]*$", max_length=2_000),
    AfterValidator(_sound_address),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


def parse_duration(text: str) -> timedelta:
    """`30m`, `6h`, `3d` as a timedelta; ValueError says what is allowed."""
    found = _DURATION.fullmatch(text.strip())
    if not found or int(found[1]) == 0:
        raise ValueError(f"{text!r} is not a duration like 30m, 6h or 3d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _sound_duration(text: str) -> str:
    parse_duration(text)
    return text


Duration = Annotated[
    str, StringConstraints(pattern=r"^\d{1,4}\s*(m|h|d)$"), AfterValidator(_sound_duration)
]


class Record(BaseModel):
    """What is read from outside: frozen, nothing unknown, nothing coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True)


class LinkRule(Record):
    """Which links of a list page lead to its items; left out, they are found automatically."""

    css: Text | None = Field(None, description="CSS selector of the links or of what holds them")
    allow: Text | None = Field(None, description="RE2 pattern that a link's address must contain")
    deny: Text | None = Field(
        None, description="RE2 pattern that a link's address must not contain"
    )


class NextRule(Record):
    """Where a list goes on; left out, the next-page link is found automatically."""

    css: Text | None = Field(None, description="CSS selector of the link to the next page")
    pages: int = Field(5, ge=1, le=1_000, description="how many list pages are read in one run")


class Limits(Record):
    """What one run may cost."""

    pages: int = Field(500, ge=1, le=1_000_000, description="pages fetched in one run")
    depth: int = Field(2, ge=0, le=20, description="links followed from a start address")
    delay_s: float = Field(
        1.0, ge=0, le=3_600, description="seconds between two requests to a host"
    )
    concurrency: int = Field(2, ge=1, le=64, description="requests under way at once")
    timeout_s: float = Field(30.0, gt=0, le=600, description="seconds one request may take")
    page_bytes: int = Field(
        16 * 1024 * 1024, ge=1_024, le=256 * 1024 * 1024, description="size of one response"
    )
    run_minutes: float = Field(60.0, gt=0, le=1_440, description="minutes a whole run may take")


class Expect(Record):
    """What a healthy run yields."""

    min_pages: int = Field(1, ge=0, description="fewer pages than this make the run a failure")
    max_age_days: int | None = Field(
        None, ge=1, description="the newest dated page must not be older than this"
    )
    fill: dict[Literal["title", "account", "text", "published_at"], float] = Field(
        default_factory=dict, description="share of pages on which a field must be filled, 0 to 1"
    )

    @field_validator("fill")
    @classmethod
    def _shares(cls, value: dict[str, float]) -> dict[str, float]:
        for name, share in value.items():
            if not 0 <= share <= 1:
                raise ValueError(f"{name}: {share} is not a share between 0 and 1")
        return value


class Labels(Record):
    """Words for routing and statistics; `medium` decides which law applies."""

    region: Text | None = Field(None, description="a place of the jurisdiction")
    medium: Medium = Field("web", description="where the texts stand")
    industry: Text | None = Field(None, description="a word for statistics")


class Robots(Record):
    """Whether robots.txt is obeyed; an override needs a written reason."""

    obey: bool = Field(True, description="false needs a reason")
    reason: Text | None = Field(None, description="who allowed it, and why")

    @model_validator(mode="after")
    def _override_has_reason(self) -> Self:
        if not self.obey and not self.reason:
            raise ValueError("obey: false needs a reason, which is kept with the evidence")
        return self


class Target(Record):
    """One site, account, feed or list that is watched. `id` is the file's stem."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] = Field(
        description="the file's name without .yml; it need not stand in the file"
    )
    title: Text = Field(description="what people call it; shown in the digest")
    spider: SpiderKind = Field(description="which kind of source it is")
    start_urls: tuple[HttpUrl, ...] = Field(
        min_length=1, max_length=1_000, description="where a run begins"
    )
    enabled: bool = Field(True, description="false: it is checked and kept, but not crawled")
    links: LinkRule = LinkRule()
    next: NextRule = NextRule()
    browser: bool = Field(False, description="render in Chromium and take a full-page screenshot")
    every: Duration | None = Field(None, description="how often, like 30m, 6h or 3d")
    cron: Text | None = Field(
        None, description="or when, like '30 2 * * sun'; days of the week as names"
    )
    limits: Limits = Limits()
    expect: Expect = Expect()
    labels: Labels = Labels()
    robots: Robots = Robots()

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if self.every and self.cron:
            raise ValueError("every and cron exclude one another")
        return self
