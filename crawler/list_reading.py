"""What a target's spider reads of a list page that is at hand, without a crawl."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scrapy.http import Headers, Request
from scrapy.responsetypes import responsetypes

from core.records import Capture, Hints, Observation
from core.target import Target
from crawler.spider_kinds import SPIDERS
from spiders.target_spider import Visit


@dataclass(frozen=True, slots=True)
class ListReading:
    """The items of a list page with what it says of them, the lists it leads on to, the drops.

    `followed` are the items that have a page of their own to be fetched. `is_content`: the page is
    itself the item: an article where a list could have been.
    """

    items: tuple[tuple[str, Hints], ...]
    further: tuple[str, ...]
    drops: tuple[str, ...]
    followed: tuple[str, ...]
    is_content: bool


class _Alone:
    """Mixed into a spider that no crawl drives: drops are kept, statistics are nobody's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dropped: list[str] = []

    def count(self, name: str, number: int = 1) -> None:
        """There are no statistics."""

    def drop(self, reason: str, url: str, level: int = logging.INFO, what: str = "") -> None:
        """Keep the reason."""
        del url, level, what
        self.dropped.append(reason)


def has_lists(target: Target) -> bool:
    """Whether the target's start addresses are lists."""
    return bool(SPIDERS[target.spider].starts_are_lists)


def read_list(target: Target, capture: Capture) -> ListReading:
    """What the target's spider makes of `capture` today."""
    kind = SPIDERS[target.spider]
    spider = type(f"Alone{kind.__name__}", (_Alone, kind), {})(target=target, run_id=0)
    headers = Headers(list(capture.headers))
    response = responsetypes.from_args(headers=headers, url=capture.final_url, body=capture.body)(
        capture.final_url,
        status=capture.status,
        headers=headers,
        body=capture.body,
        request=Request(capture.url),
    )
    found = list(spider.read_list(response, Visit(capture.url, is_list=True)))
    observed = any(isinstance(one, Observation) for one in found)
    return ListReading(
        items=tuple(_items(found)),
        further=tuple(one.url for one in found if isinstance(one, Visit) and one.is_list),
        drops=tuple(spider.dropped),
        followed=tuple(one.url for one in found if isinstance(one, Visit) and not one.is_list),
        is_content=observed and kind.start_may_be_content,
    )


def _items(found: list[Visit | Observation]) -> Iterator[tuple[str, Hints]]:
    for one in found:
        if isinstance(one, Observation) or not one.is_list:
            yield one.url, one.hints
