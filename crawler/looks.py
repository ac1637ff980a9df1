"""Looking at a target without a crawl: a child process fetches as one would, nothing is stored."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from core.errors import LookError
from core.records import Capture, Link
from core.target import Target
from crawler.capture_document import capture_from, unpacked_body
from crawler.child_process import child_environment, kill_group
from crawler.config import Settings
from crawler.look_order import LookOrder

_START_S = 60.0  # to load rules and dictionaries on a machine that has other things to do
_MOST_S = 1_800.0
_REDIRECTION = 300


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """From where it is looked: the settings, their folder, the browser if there is one."""

    folder: Path
    settings: Settings
    chromium: str | None


@dataclass(frozen=True, slots=True)
class Drop:
    """A page that came to nothing, and why in one word."""

    reason: str
    url: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class ListSeen:
    """A list page: the items it names (`count` in all) and the lists it leads on to."""

    url: str
    count: int
    links: tuple[Link, ...]
    further: tuple[str, ...]
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class PageSeen:
    """What a crawl would store of a page."""

    url: str
    state: str
    message: str
    title: str
    account: str
    published_at: datetime | None
    text_chars: int
    encoding: str
    level: str
    rendered: bool
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class RobotsSeen:
    """A robots.txt as it came; its text is "" where there was none."""

    url: str
    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """All that was seen."""

    captures: tuple[Capture, ...] = ()
    lists: tuple[ListSeen, ...] = ()
    pages: tuple[PageSeen, ...] = ()
    drops: tuple[Drop, ...] = ()
    robots: tuple[RobotsSeen, ...] = ()
    timed_out: bool = False

    def capture_of(self, url: str) -> Capture | None:
        """What came of an address that was asked for."""
        return next((one for one in self.captures if one.url == url), None)

    def drop_of(self, url: str) -> str:
        """Why nothing came of it; a drop may bear the address that a redirect led to."""
        named = [drop.reason for drop in self.drops if drop.url == url]
        if not named and len(self.drops) == 1:
            return self.drops[0].reason
        return named[0] if named else "failed"


def fetch(viewpoint: Viewpoint, target: Target, url: str, *, siblings: bool = False) -> Look:
    """The bytes of `url`, asked for under the target's limits, robots rule and browser.

    With `siblings`, also the feeds that the page links to, and the site's sitemaps.
    """
    plain = {"start_urls": (url,), "spider": "article", "api": None, "search": None}
    asked = target.model_copy(update=plain)
    return _look(viewpoint, asked, 0, siblings=siblings)


def preview(viewpoint: Viewpoint, target: Target, pages: int) -> Look:
    """A target's lists and the first `pages` of its pages, read and judged."""
    return _look(viewpoint, target, pages, siblings=False)


def _look(viewpoint: Viewpoint, target: Target, pages: int, *, siblings: bool) -> Look:
    if target.is_rendered and viewpoint.chromium is None:
        raise LookError(f"{target.id}: browser: true needs Chromium; see adwatch doctor")
    settings = viewpoint.settings
    order = LookOrder(
        target=target,
        pages=pages,
        siblings=siblings,
        contact=settings.contact,
        network_allow=settings.network.allow,
        verify_tls=settings.network.verify_tls,
        chromium=viewpoint.chromium,
    )
    requests = len(target.start_urls) + 2 * pages + 4
    patience_s = _START_S + requests * (target.limits.timeout_s + target.limits.delay_s)
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "crawler.look_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            cwd=viewpoint.folder,
            env=child_environment(),
        )
        clock = Timer(min(patience_s, _MOST_S), kill_group, (child.pid,))
        clock.daemon = True
        clock.start()
        try:
            events = _events(child, order)
            code = child.wait()
        finally:
            timed_out = not clock.is_alive()
            clock.cancel()
            kill_group(child.pid)
        if code and not timed_out:
            log.seek(0)
            raise LookError(
                f"looking at {target.start_urls[0]} broke off: {_last_line(log.read())}"
            )
    return _gathered(events, timed_out=timed_out)


def _events(child: subprocess.Popen[bytes], order: LookOrder) -> list[dict[str, Any]]:
    """What the child tells, until it has ended; its stdin stays open as long as we live."""
    assert child.stdin is not None  # noqa: S101 (asked for by PIPE)
    assert child.stdout is not None  # noqa: S101
    found: list[dict[str, Any]] = []
    with suppress(BrokenPipeError):
        child.stdin.write(order.model_dump_json().encode() + b"\n")
        child.stdin.flush()
    for line in child.stdout:
        try:
            event = json.loads(line)
        except ValueError:
            continue  # a library printed something
        if isinstance(event, dict):
            found.append(event)
    child.stdout.close()
    with suppress(BrokenPipeError):
        child.stdin.close()
    return found


def _last_line(log: bytes) -> str:
    lines = log.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else "nothing was said"


def _gathered(events: Sequence[dict[str, Any]], *, timed_out: bool) -> Look:
    def of(kind: str) -> list[dict[str, Any]]:
        return [event for event in events if event.get("event") == kind]

    took = {event["url"]: float(event["elapsed_s"]) for event in of("fetched")}
    return Look(
        captures=tuple(
            capture_from(event, unpacked_body(event["body"])) for event in of("capture")
        ),
        lists=tuple(_list(event) for event in of("list")),
        pages=tuple(_page(event, took) for event in of("page")),
        drops=tuple(Drop(event["reason"], event["url"], event["what"]) for event in of("drop")),
        robots=tuple(_robots(event) for event in of("robots")),
        timed_out=timed_out,
    )


def _robots(event: dict[str, Any]) -> RobotsSeen:
    status = event["status"]
    return RobotsSeen(event["url"], status, event["text"] if status < _REDIRECTION else "")


def _list(event: dict[str, Any]) -> ListSeen:
    links = tuple(Link(url, title) for url, title in event["links"])
    return ListSeen(
        event["url"], event["count"], links, tuple(event["further"]), event["elapsed_s"]
    )


def _page(event: dict[str, Any], took: dict[str, float]) -> PageSeen:
    published = event["published_at"]
    return PageSeen(
        url=event["url"],
        state=event["state"],
        message=event["message"],
        title=event["title"],
        account=event["account"],
        published_at=datetime.fromisoformat(published) if published else None,
        text_chars=event["text_chars"],
        encoding=event["encoding"],
        level=event["level"],
        rendered=event["rendered"],
        elapsed_s=took.get(event["final_url"], 0.0),
    )


def robots_verdict(look: Look, target: Target, url: str) -> str:
    """What robots.txt says of `url`, in words."""
    if not target.robots.obey:
        return f"not obeyed: {target.robots.reason}"
    if any(drop.reason == "robots" for drop in look.drops if drop.url == url):
        return "refuses"
    host = urlsplit(url).netloc.lower()
    seen = [one for one in look.robots if urlsplit(one.url).netloc.lower() == host]
    if not seen:
        return "could not be asked for"
    return "allows" if seen[-1].text.strip() else f"none (HTTP {seen[-1].status}), so allowed"
