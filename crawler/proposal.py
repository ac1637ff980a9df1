"""What a target file could say, in parts: values, and in plain words why they are what they are."""

from dataclasses import dataclass

from core.errors import LookError
from core.records import Capture, Link
from core.source_rules import ApiRule
from core.target import Medium, SpiderKind
from spiders.decode import Decoded, declared_encoding

MAX_SAMPLES = 5


class NothingFoundError(LookError):
    """A page on which is neither a list nor a text: perhaps scripts draw it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A target file in parts: its values, and in plain words why they are what they are."""

    url: str
    spider: SpiderKind
    title: str
    why: tuple[str, ...]
    samples: tuple[Link, ...] = ()
    count: int = 0
    css: str | None = None
    allow: str | None = None
    api: ApiRule | None = None
    next_css: str | None = None
    next_url: str | None = None
    browser: bool = False
    browser_why: str = ""
    encoding: str = ""
    every: str = "6h"
    medium: Medium = "web"
    robots: str = ""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def min_pages(self) -> int:
        """What a healthy run yields at least: half of what was found."""
        return max(1, self.count // 2) if self.spider in {"listing", "feed", "api"} else 1


def content_type_of(capture: Capture) -> str | None:
    """The declared type of the capture's bytes."""
    return next((value for name, value in capture.headers if name.lower() == "content-type"), None)


def said_encoding(decoded: Decoded, body: bytes, content_type: str | None) -> str:
    """The encoding, and what the page says instead where that is another."""
    declared = declared_encoding(body, content_type)
    if declared in {None, decoded.encoding}:
        return decoded.encoding
    return f"{decoded.encoding}, though it says {declared}; the bytes decide"


def many(count: int, noun: str) -> str:
    """`1 link`, `2 links`, `2 entries`, `2 addresses`."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith("y"):
        return f"{count} {noun[:-1]}ies"
    return f"{count} {noun}es" if noun.endswith("s") else f"{count} {noun}s"
