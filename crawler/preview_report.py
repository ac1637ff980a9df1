"""What a preview says: the lists, the pages, how well fields are filled, what was left out."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from core.records import PageState
from core.target import Target
from crawler.look_faults import fault_sentence
from crawler.looks import Drop, ListSeen, Look, PageSeen, robots_verdict
from spiders.first_address import first_address
from spiders.urls import canonical_url

_MAX_LINKS = 5


def is_sound(look: Look) -> bool:
    """Whether a crawl would collect something: some page was read, and is content."""
    return any(page.state == PageState.OK.value for page in look.pages)


def filled_shares(look: Look) -> dict[str, str]:
    """`title: 4/5` and so on, of the pages that are content."""
    pages = [page for page in look.pages if page.state == PageState.OK.value]
    filled = {
        "title": sum(bool(page.title) for page in pages),
        "account": sum(bool(page.account) for page in pages),
        "published_at": sum(page.published_at is not None for page in pages),
        "text": sum(page.text_chars > 0 for page in pages),
    }
    return {field: f"{count}/{len(pages)}" for field, count in filled.items()}


def robots_of(look: Look, target: Target) -> str:
    """The verdict for the first start address."""
    url = first_address(target)
    return robots_verdict(look, target, canonical_url(url) or url)


def preview_lines(look: Look, target: Target, zone: str) -> Iterator[str]:
    """For a person."""
    yield f"{target.id}  {target.spider}  robots.txt: {robots_of(look, target)}"
    for one in look.lists:
        yield from _list_lines(one)
    for page in look.pages:
        yield _page_line(page, zone)
        if page.message:
            yield f"        {page.message}"
    if look.pages:
        shares = ", ".join(f"{field} {share}" for field, share in filled_shares(look).items())
        yield f"filled  {shares}"
    for drop in look.drops:
        yield f"left out ({drop.reason})  {drop_sentence(drop)}"
    if look.timed_out:
        yield "the look was ended: it took too long"


def drop_sentence(drop: Drop) -> str:
    """Why something was left out; a spider that can say more than its reason has said it."""
    return f"{drop.url}: {drop.what}" if drop.what else fault_sentence(drop.reason, drop.url)


def _list_lines(one: ListSeen) -> Iterator[str]:
    yield f"list    {one.elapsed_s:5.2f} s  {one.count} links  {one.url}"
    for link in one.links[:_MAX_LINKS]:
        yield f"          {link.text or '(no text)'}  {link.url}"
    if one.count > _MAX_LINKS:
        yield f"          … and {one.count - _MAX_LINKS} more"
    for url in one.further[:_MAX_LINKS]:
        yield f"        goes on at {url}"


def _page_line(page: PageSeen, zone: str) -> str:
    day = page.published_at.astimezone(ZoneInfo(zone)).date() if page.published_at else "–"
    return (
        f"page    {page.elapsed_s:5.2f} s  {page.state}  {page.level}  "
        f"title {page.title or '–'}  account {page.account or '–'}  date {day}  "
        f"text {page.text_chars}  {page.encoding}  {page.url}"
    )


def preview_document(look: Look, target: Target) -> dict[str, Any]:
    """For a program."""
    return {
        "id": target.id,
        "spider": target.spider,
        "sound": is_sound(look),
        "robots": robots_of(look, target),
        "lists": [
            {
                "url": one.url,
                "count": one.count,
                "links": [{"url": link.url, "title": link.text} for link in one.links],
                "further": list(one.further),
                "elapsed_s": one.elapsed_s,
            }
            for one in look.lists
        ],
        "pages": [_page_document(page) for page in look.pages],
        "filled": filled_shares(look),
        "states": dict(Counter(page.state for page in look.pages)),
        "drops": [
            {"reason": drop.reason, "url": drop.url, "what": drop_sentence(drop)}
            for drop in look.drops
        ],
        "timed_out": look.timed_out,
    }


def _page_document(page: PageSeen) -> dict[str, Any]:
    published = page.published_at
    return {
        "url": page.url,
        "state": page.state,
        "message": page.message,
        "title": page.title,
        "account": page.account,
        "published_at": published.isoformat() if published else None,
        "text_chars": page.text_chars,
        "encoding": page.encoding,
        "level": page.level,
        "rendered": page.rendered,
        "elapsed_s": page.elapsed_s,
    }
