"""The Target: what we watch, as one YAML file under `targets/` says it."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from core.config_record import HttpUrl, Record, Text
from core.hours import CrawlHours
from core.source_rules import WORD_MARK, ApiRule, SearchRule

SpiderKind = Literal[
    "article", "listing", "feed", "sitemap", "wechat", "api", "search", "ads", "files"
]
Catchup = Literal["skip", "latest", "all"]
Medium = Literal[
    "web", "app", "wechat", "short_video", "livestream", "search", "poster", "print",
    "chat_group", "message", "meeting",
]  # fmt: skip

# Files that were imported by hand are kept as those of this target, which no file describes.
IMPORTS_ID, IMPORTS_TITLE = "imports", "人工导入"
TARGET_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_DURATION = re.compile(r"(\d{1,4})\s*(m|h|d)")
_USUAL_PORTS = frozenset({None, 80, 443})
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


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


def host_of(url: str) -> str:
    """The host of an address; http and https of one name are one host."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    return name if parts.port in _USUAL_PORTS else f"{name}:{parts.port}"


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


class FilesRule(Record):
    """Which files of a folder are read by `spider: files`."""

    folder: Text = Field(description="the folder; a relative one counts from the installation")
    glob: Text = Field("*", description="pattern that a file's name must match")
    recursive: bool = Field(True, description="false: files in subfolders are left alone")
    settle_s: float = Field(
        10.0, ge=0, le=86_400, description="a file that changed since then waits for a later run"
    )


class AdRule(Record):
    """What counts as an ad on the pages of `spider: ads`, and how far its link is followed."""

    lists: tuple[Text, ...] = Field(
        (), max_length=20, description="files of EasyList-style rules, besides the built-in ones"
    )
    per_page: int = Field(40, ge=1, le=200, description="ads kept of one page")
    landing: bool = Field(False, description="fetch the page that an ad's link leads to")
    revisit: Duration | None = Field(
        None, description="look at known landing pages again after this time, like 3d"
    )

    @model_validator(mode="after")
    def _revisits_what_is_followed(self) -> Self:
        if self.revisit and not self.landing:
            raise ValueError("revisit needs landing: true, or there is nothing to look at again")
        return self


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
    memory_mb: int = Field(
        4_096, ge=256, le=1_048_576, description="memory of a run with its browser, in MiB"
    )


class Images(Record):
    """Which pictures of a page are fetched and read."""

    read: bool = Field(True, description="false: pictures are left alone")
    min_side_px: int = Field(
        60, ge=1, le=10_000, description="a picture whose shorter side is less is no content"
    )
    per_page: int = Field(20, ge=1, le=200, description="pictures fetched for one page")
    per_run: int = Field(2_000, ge=1, le=1_000_000, description="pictures fetched in one run")


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
        (), max_length=1_000, description="where a run begins; all kinds but `files` need one"
    )
    enabled: bool = Field(True, description="false: it is checked and kept, but not crawled")
    links: LinkRule = LinkRule()
    next: NextRule = NextRule()
    api: ApiRule | None = None
    search: SearchRule | None = None
    ads: AdRule = AdRule()
    files: FilesRule | None = None
    browser: bool = Field(
        False,
        description="render in Chromium and take a full-page screenshot; `ads` always does",
    )
    every: Duration | None = Field(None, description="how often, like 30m, 6h or 3d")
    cron: Text | None = Field(
        None, description="or when, like '30 2 * * sun'; days of the week as names"
    )
    catchup: Catchup | None = Field(
        None, description="which missed slots are crawled later; left out: schedule.catchup"
    )
    windows: tuple[CrawlHours, ...] = Field(
        (), description="hours in which its crawls may begin, besides schedule.windows"
    )
    blackout: tuple[CrawlHours, ...] = Field(
        (), description="hours in which none begins, besides schedule.blackout"
    )
    limits: Limits = Limits()
    images: Images = Images()
    expect: Expect = Expect()
    labels: Labels = Labels()
    robots: Robots = Robots()

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if self.every and self.cron:
            raise ValueError("every and cron exclude one another")
        return self

    @model_validator(mode="after")
    def _source_is_described(self) -> Self:
        for kind, rule in (
            ("api", self.api),
            ("search", self.search),
            ("files", self.files),
        ):
            if self.spider == kind and rule is None:
                raise ValueError(f"spider: {kind} needs {kind}:, which says what is asked and read")
            if self.spider != kind and rule is not None:
                raise ValueError(f"{kind}: is for spider: {kind}, but this is {self.spider}")
        return self

    @model_validator(mode="after")
    def _begins_somewhere(self) -> Self:
        if self.spider == "files" and (self.start_urls or self.browser):
            raise ValueError("spider: files reads a folder; leave start_urls: and browser: out")
        if self.spider != "files" and not self.start_urls:
            raise ValueError("start_urls is required: where does a run begin?")
        return self

    @model_validator(mode="after")
    def _source_can_be_asked(self) -> Self:
        if self.spider == "api" and self.browser:
            raise ValueError("spider: api reads JSON, which no browser renders; leave browser: out")
        for url in self.start_urls if self.spider == "search" else ():
            host = url.partition("://")[2].partition("/")[0]
            if WORD_MARK not in url or WORD_MARK in host:
                raise ValueError(f"{url}: {WORD_MARK} must stand in it, after the host")
        return self

    @model_validator(mode="after")
    def _ads_belong_to_their_spider(self) -> Self:
        if self.spider != "ads" and self.ads != AdRule():
            raise ValueError(f"ads: belongs to spider: ads, but this is spider: {self.spider}")
        return self

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that a run asks first, with a port only where it is an unusual one.

        A folder of files stands for one: two runs do not read it at the same time.
        """
        if self.files is not None:
            return frozenset({f"folder:{self.files.folder}"})
        return frozenset(map(host_of, self.start_urls))

    @property
    def is_rendered(self) -> bool:
        """Whether its pages are drawn in Chromium."""
        return self.browser or self.spider == "ads"
