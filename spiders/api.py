"""Entries of public JSON interfaces, found by dotted paths."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import Any
from urllib.parse import quote

from scrapy.http import Response

from core.records import Hints, Observation
from core.source_rules import ApiPaging, ApiRule
from core.target import Target
from spiders.api_entries import ApiEntry, EntryFault, entry_list, read_entries
from spiders.entry_page import entry_page
from spiders.json_answer import MISSING, AnswerFault, kind_of, read_answer, scalar_text, value_at
from spiders.listing import page_text
from spiders.pages import is_binary
from spiders.target_spider import TargetSpider, Visit
from spiders.urls import canonical_url

_HEAD = 2_048
_MAX_CURSOR = 1_000


class ApiSpider(TargetSpider):
    """Asks for JSON, observes its entries or follows them to their pages, and asks for more."""

    name = "api"

    def __init__(self, target: Target, run_id: int, **kwargs: Any) -> None:
        super().__init__(target, run_id, **kwargs)
        assert target.api is not None  # noqa: S101 (a target of this kind has it)
        self._rule: ApiRule = target.api
        self._keys: set[str] = set()

    def starts(self) -> Iterator[Visit]:
        """The start addresses with the request parameters, those of the first page among them."""
        for url in api_starts(self.target.start_urls, self._rule):
            yield Visit(url, is_list=True)

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """The answer's entries, then its next page."""
        try:
            answer = _answer(response)
            found = entry_list(answer, self._rule)
        except AnswerFault as fault:
            self._count_start(visit)
            self.drop(fault.reason, response.url, what=str(fault))
            return
        if not found and visit.list_number == 1:
            where = self._rule.items or "the answer"
            self.drop("list_without_items", response.url, what=f"{where}: an empty list")
        fresh = 0
        for one in read_entries(found, self._rule, response.url):
            if isinstance(one, EntryFault):
                self.drop(one.reason, response.url, what=one.text)
            elif one.key not in self._keys:
                self._keys.add(one.key)
                fresh += 1
                yield self._named(one, response, visit)
        if fresh and visit.list_number < self.target.next.pages:
            yield from self._next(answer, response, visit)

    def _named(self, entry: ApiEntry, response: Response, visit: Visit) -> Visit | Observation:
        if not self._rule.follow:
            start = canonical_url(self.target.start_urls[0]) or response.url
            address = entry.url or f"{start}#entry={quote(entry.key)}"
            return self.carried(response, entry_page(entry), address, entry_hints(entry))
        return Visit(
            entry.url or "",
            depth=visit.depth + 1,
            parent_url=response.url,
            hints=entry_hints(entry),
        )

    def _next(self, answer: Any, response: Response, visit: Visit) -> Iterator[Visit]:
        paging = self._rule.paging
        if paging is None or (paging.more and not _is_true(value_at(answer, paging.more))):
            return
        try:
            url = next_address(paging, answer, response.url, visit)
        except AnswerFault as fault:
            self.drop(fault.reason, response.url, what=str(fault))
            return
        if url is not None:
            number = visit.list_number + 1
            yield replace(visit, url=url, parent_url=response.url, list_number=number)


def entry_hints(entry: ApiEntry) -> Hints:
    """What the answer says of an entry."""
    return Hints(entry.title, entry.published_at, entry.author, entry.account)


def api_starts(start_urls: tuple[str, ...], rule: ApiRule) -> Iterator[str]:
    """The first addresses that are asked."""
    paging = rule.paging
    asked = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in rule.params.items()
    }
    if paging and paging.param and paging.by in {"page", "offset"}:
        asked[paging.param] = str(paging.start)
    for url in start_urls:
        yield reduce(lambda so_far, pair: with_parameter(so_far, *pair), asked.items(), url)


def next_address(paging: ApiPaging, answer: Any, here: str, visit: Visit) -> str | None:
    """Where the list goes on; None where it ends; AnswerFault where that cannot be read."""
    if paging.by in {"page", "offset"}:
        at = paging.start + visit.list_number * paging.step
        return with_parameter(visit.url, paging.param or "", str(at))
    found = value_at(answer, paging.path)
    if found is MISSING or found in (None, "", False):
        return None
    said = scalar_text(found)
    if said is None or len(said) > _MAX_CURSOR:
        what = f"{paging.path}: {kind_of(found)} stands there, no {paging.by} to go on with"
        raise AnswerFault("api_no_next", what)
    if paging.by == "cursor":
        return with_parameter(visit.url, paging.param or "", said)
    url = canonical_url(said, here)
    if url is None:
        raise AnswerFault("api_no_next", f"{paging.path}: {kind_of(found)}, no address")
    return url


def with_parameter(url: str, name: str, value: str) -> str:
    """`url` with the request parameter set, in its place where it was there already."""
    rest, _, fragment = url.partition("#")
    path, _, query = rest.partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    wanted = f"{quote(name)}={quote(value)}"
    names = [pair.partition("=")[0] for pair in pairs]
    if quote(name) in names:
        pairs[names.index(quote(name))] = wanted
    else:
        pairs.append(wanted)
    return f"{path}?{'&'.join(pairs)}" + (f"#{fragment}" if fragment else "")


def _answer(response: Response) -> Any:
    if is_binary(response.body[:_HEAD].lstrip()):
        raise AnswerFault("api_not_json", "an image, a document or a program, not JSON")
    return read_answer(page_text(response))


def _is_true(value: Any) -> bool:
    return value is not MISSING and str(value).lower() not in {"0", "false", "no", "", "none"}
