"""Pages that are found through lists: news columns, boards, classifieds, search results."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import re2
from scrapy.http import Response

from core.records import Hints, Link, Observation
from core.target import LinkRule, Target
from spiders.decode import decode
from spiders.link_candidates import all_links, selected_links
from spiders.links import discover_links, is_weak_list, with_script_links
from spiders.pages import empty_list_reason, page_fault, wall_reason
from spiders.paging import next_page
from spiders.target_spider import TargetSpider, Visit


class ListingSpider(TargetSpider):
    """Reads list pages, follows their items and their pager."""

    name = "listing"

    def __init__(self, target: Target, run_id: int, **kwargs: Any) -> None:
        super().__init__(target, run_id, **kwargs)
        self._rule = target.links
        self._allow = re2.compile(target.links.allow) if target.links.allow else None
        self._deny = re2.compile(target.links.deny) if target.links.deny else None

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """The list's items, then its next page."""
        fault = page_fault(response)
        if fault:
            self.drop(f"list_{fault}", response.url)
            return
        text = page_text(response)
        links = [link for link in list_links(text, response.url, self._rule) if self.wants(link)]
        wall = self._wall(text, links)
        if wall:
            self.drop(wall, response.url)
            return
        if not links:
            self.drop(empty_list_reason(text), response.url)
        for link in links:
            yield Visit(
                link.url,
                depth=visit.depth + 1,
                parent_url=response.url,
                hints=Hints(title=link.text),
            )
        if links and visit.list_number < self.target.next.pages:
            following = next_page(text, response.url, self.target.next.css)
            if following:
                number = visit.list_number + 1
                yield replace(visit, url=following, parent_url=response.url, list_number=number)

    def _wall(self, text: str, links: list[Link]) -> str | None:
        """A notice in place of the list, whose own few links were taken for one."""
        if not links or self._rule.css or self._rule.allow or not is_weak_list(links):
            return None
        return "captcha" if wall_reason(text) == "captcha" else None

    def wants(self, link: Link) -> bool:
        """Whether the target's patterns let `link` through."""
        if self._allow is not None and not self._allow.search(link.url):
            return False
        return self._deny is None or not self._deny.search(link.url)

    def may_leave(self, visit: Visit) -> bool:
        """An operator's pattern that spells out a host may lead off site."""
        return not visit.is_list and "://" in (self._rule.allow or "")


def page_text(response: Response) -> str:
    """The page as text."""
    declared = response.headers.get("Content-Type")
    return decode(response.body, declared.decode("latin-1") if declared else None).text


def list_links(text: str, base_url: str, rule: LinkRule) -> tuple[Link, ...]:
    """The links that `rule` selects; all links where it only filters; found where it is silent."""
    if rule.css:
        return selected_links(text, base_url, rule.css)
    if rule.allow:
        return with_script_links(all_links(text, base_url), text, base_url)
    return discover_links(text, base_url)
