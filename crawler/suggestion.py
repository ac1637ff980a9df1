"""An address → a proposal: the page is fetched as a crawl would, and what it names is tried."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from core.errors import LookError
from core.records import Capture
from core.target import Limits, Target
from crawler.api_proposal import api_proposal
from crawler.look_faults import fault_sentence
from crawler.looks import Look, Viewpoint, fetch, robots_verdict
from crawler.machine_proposal import machine_proposal
from crawler.page_proposal import page_proposal, wechat_proposal
from crawler.page_shape import PageShape, measure_page
from crawler.proposal import NothingFoundError, Proposal, content_type_of, many
from crawler.settings import is_loopback
from spiders.decode import decode
from spiders.page_links import linked_feeds, sibling_sources
from spiders.pages import body_fault

_PAGE_BYTES = 16 * 1024 * 1024
_MORE = 2  # times as much in the rendered page as in the plain one: scripts draw it


def suggest(viewpoint: Viewpoint, url: str, *, timeout_s: float, render: bool | None) -> Proposal:
    """A proposal for `url`; LookError says why there is none.

    `render` says whether the page is also looked at in Chromium; None: only where next to nothing
    stands in the plain page.
    """
    target = _asking(url, timeout_s)
    look = fetch(viewpoint, target, url, siblings=True)
    capture = _captured(look, url)
    robots = robots_verdict(look, target, url)
    zone = ZoneInfo(viewpoint.settings.timezone)
    proposal = machine_proposal(capture, _PAGE_BYTES, zone) or api_proposal(capture)
    if proposal is None:
        declared = (content_type_of(capture) or "").partition(";")[0].strip().lower()
        fault = body_fault(capture.body, declared)
        if fault:
            raise LookError(fault_sentence(fault, url))
        proposal = wechat_proposal(capture, zone)
    if proposal is not None:
        return replace(proposal, robots=robots)
    found = _Found(viewpoint, target, look, capture)
    return replace(_with_others(found, render=render), robots=robots)


def _asking(url: str, timeout_s: float) -> Target:
    """The target that a page is asked for with: one request at a time, a second between two."""
    delay_s = 0.0 if is_loopback(url) else 1.0
    limits = Limits(timeout_s=timeout_s, concurrency=1, delay_s=delay_s, page_bytes=_PAGE_BYTES)
    return Target(id="suggest", title="suggest", spider="article", start_urls=(url,), limits=limits)


def _captured(look: Look, url: str) -> Capture:
    capture = look.capture_of(url)
    if capture is None:
        raise LookError(fault_sentence("timeout" if look.timed_out else look.drop_of(url), url))
    return capture


class _Found:
    """The page, its shape, and the feeds and sitemaps that were tried."""

    def __init__(self, viewpoint: Viewpoint, target: Target, look: Look, capture: Capture) -> None:
        self.viewpoint = viewpoint
        self.target = target
        self.zone = ZoneInfo(viewpoint.settings.timezone)
        self.capture = capture
        self.text = decode(capture.body, content_type_of(capture)).text
        self.shape = measure_page(self.text, capture.final_url)
        robots = "\n".join(one.text for one in look.robots)
        self._feeds = linked_feeds(self.text, capture.final_url)
        self._sources = sibling_sources(self.text, capture.final_url, robots)
        self._look = look

    def others(self) -> tuple[list[Proposal], list[str]]:
        """Proposals for the feeds and sitemaps that work, and what is said of feeds that do not."""
        working: list[Proposal] = []
        broken: list[str] = []
        for url in self._sources:
            proposal, fault = _tried(self._look, url, self.zone)
            if proposal is not None:
                working.append(replace(proposal, url=url))
            elif url in self._feeds:
                broken.append(f"the page links to a feed that does not work: {fault}")
        return working, broken

    def rendered(self) -> Capture | None:
        """The page after its scripts have run; None where that cannot be had."""
        target = self.target.model_copy(update={"browser": True})
        url = self.target.start_urls[0]
        return fetch(self.viewpoint, target, url).capture_of(url)


def _tried(look: Look, url: str, zone: ZoneInfo) -> tuple[Proposal | None, str]:
    capture = look.capture_of(url)
    if capture is None:
        return None, fault_sentence(look.drop_of(url), url)
    try:
        proposal = machine_proposal(capture, _PAGE_BYTES, zone)
    except LookError as error:
        return None, str(error)
    return proposal, f"{url}: neither a feed nor a sitemap"


def _with_others(found: _Found, *, render: bool | None) -> Proposal:
    others, broken = found.others()
    feeds = [one for one in others if one.spider == "feed"]
    proposal = _best(found, feeds, others, render=render)
    also = tuple(
        f"{one.spider} {one.url} ({one.why[0].removeprefix('it is ')})"
        for one in others
        if one.url != proposal.url
    )
    return replace(
        proposal,
        feeds=tuple(one.url for one in feeds),
        sitemaps=tuple(one.url for one in others if one.spider == "sitemap"),
        also=also,
        doubts=(*proposal.doubts, *broken),
    )


def _best(
    found: _Found, feeds: Sequence[Proposal], others: Sequence[Proposal], *, render: bool | None
) -> Proposal:
    thin = found.shape.is_thin
    if thin and feeds:
        said = f"{_measures(found.shape)}, so that its feed is the better source"
        return replace(feeds[0], why=(*feeds[0].why, f"the page itself has {said}"))
    if render or (thin and render is None):
        return _compared(found, others)
    return replace(
        page_proposal(found.capture, found.shape, found.zone),
        browser_why=f"the plain page has {_measures(found.shape)}",
    )


def _compared(found: _Found, others: Sequence[Proposal]) -> Proposal:
    """With what Chromium makes of the page, or with what is left where there is no Chromium."""
    plain = found.shape
    capture = found.rendered() if found.viewpoint.chromium else None
    if capture is not None:
        text = decode(capture.body, content_type_of(capture)).text
        drawn = measure_page(text, capture.final_url)
        said = f"plain: {_measures(plain)}; rendered: {_measures(drawn)}"
        if _draws_more(plain, drawn):
            proposal = page_proposal(capture, drawn, found.zone)
            return replace(proposal, browser=True, browser_why=f"scripts draw the page: {said}")
        return _or_other(found, others, f"scripts draw nothing more: {said}")
    lack = "Chromium did not render it" if found.viewpoint.chromium else "there is no Chromium here"
    why = f"the plain page has {_measures(plain)}; {lack} to compare with"
    if plain.is_thin and plain.scripts:
        return _unseen(found, why)
    return _or_other(found, others, why)


def _unseen(found: _Found, why: str) -> Proposal:
    """For a page that scripts may draw, where that cannot be seen."""
    scripts = many(found.shape.scripts, "script")
    doubt = f"{scripts} may draw what is missing; suggest again where adwatch doctor finds Chromium"
    try:
        proposal, browser = page_proposal(found.capture, found.shape, found.zone), False
    except NothingFoundError:
        url = found.shape.url
        proposal, browser = Proposal(url, "listing", url, ("what it holds is not known yet",)), True
    doubts = (*proposal.doubts, doubt)
    return replace(proposal, browser=browser, browser_why=why, doubts=doubts)


def _or_other(found: _Found, others: Sequence[Proposal], why: str) -> Proposal:
    """The page, or the site's sitemap where there is nothing on the page."""
    try:
        return replace(page_proposal(found.capture, found.shape, found.zone), browser_why=why)
    except NothingFoundError:
        if not others:
            raise
        return replace(others[0], why=(*others[0].why, f"on the page itself is nothing: {why}"))


def _draws_more(plain: PageShape, drawn: PageShape) -> bool:
    links, text = len(drawn.links), drawn.text_chars
    return (drawn.has_list and links >= _MORE * max(3, len(plain.links))) or (
        text >= max(200, _MORE * plain.text_chars)
    )


def _measures(shape: PageShape) -> str:
    listed = many(len(shape.links), "link")
    return f"{listed} in its list and {shape.text_chars} characters of running text"
