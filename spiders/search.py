"""Results of a site's own search for a list of words."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from core.records import Observation
from core.source_rules import WORD_MARK, SearchRule, codec_of
from core.target import Target
from spiders.listing import ListingSpider
from spiders.target_spider import Visit

_FEW = 3


class SearchSpider(ListingSpider):
    """Asks for each word, reads the results as a list, and shares one budget among the words.

    Each word is asked before any result is fetched, results are fetched by turns, and only then
    further pages of results: so no word is left out because another one yields much.
    """

    name = "search"

    def __init__(self, target: Target, run_id: int, **kwargs: Any) -> None:
        super().__init__(target, run_id, **kwargs)
        assert target.search is not None  # noqa: S101 (a target of this kind has it)
        self._search: SearchRule = target.search
        self._turns: deque[str] = deque()
        self._waiting: dict[str, deque[Visit]] = {}
        self._same: dict[bytes, str] = {}
        self._unanswered = 0  # first pages of results under way

    def starts(self) -> Iterator[Visit]:
        """Each word with each template; a word that is never answered counts as without yield."""
        for word in self._search.words:
            self.count(f"yield/{word}", 0)
            for template in self.target.start_urls:
                yield Visit(word_address(template, word, self._search), is_list=True, word=word)

    def read_list(self, response: Response, visit: Visit) -> Iterator[Visit | Observation]:
        """The results for one word, counted for it."""
        found = list(super().read_list(response, visit))
        items = [one for one in found if isinstance(one, Visit) and not one.is_list]
        self.count(f"yield/{visit.word}", len(items))
        self._compare(items, response, visit)
        for one in found:
            yield replace(one, word=visit.word) if isinstance(one, Visit) else one

    def _compare(self, items: list[Visit], response: Response, visit: Visit) -> None:
        """Say where two words have the very same results: then the site does not read the word."""
        if len(items) < _FEW or visit.list_number > 1:
            return
        key = blake2b("\n".join(sorted(one.url for one in items)).encode(), digest_size=8).digest()
        other = self._same.setdefault(key, visit.word)
        if other != visit.word:
            what = f"the same results for {other} and {visit.word}; is search.encoding right?"
            self.drop("search_same_results", response.url, what=what)

    def queue(self, visit: Visit) -> None:
        """Results wait with their word."""
        if visit.is_list:
            self._unanswered += visit.list_number == 1
            super().queue(visit)
            return
        if visit.word not in self._waiting:
            self._waiting[visit.word] = deque()
            self._turns.append(visit.word)
        self._waiting[visit.word].append(visit)

    def has_waiting(self) -> bool:
        """Whether anything may be asked now."""
        return self._asks_a_word() or (not self._unanswered and bool(self._turns or self._lists))

    def _asks_a_word(self) -> bool:
        return bool(self._lists) and self._lists[0].list_number == 1

    def next_visit(self) -> Visit:
        """Each word's first page, then results by turns, then further pages."""
        if self._asks_a_word() or not self._turns:
            return super().next_visit()
        word = self._turns.popleft()
        visit = self._waiting[word].popleft()
        if self._waiting[word]:
            self._turns.append(word)
        else:
            del self._waiting[word]
        return visit

    def _arrived(self, response: Response, visit: Visit) -> Iterator[Any]:
        self._unanswered -= visit.is_list and visit.list_number == 1
        return super()._arrived(response, visit)

    def _failed(self, failure: Failure) -> Iterator[Request]:
        visit: Visit = failure.request.cb_kwargs["visit"]  # type: ignore[attr-defined]  # Scrapy's
        self._unanswered -= visit.is_list and visit.list_number == 1
        return super()._failed(failure)

    def _go_on_when_idle(self) -> None:
        self._unanswered = 0
        super()._go_on_when_idle()

    def _count_start(self, visit: Visit) -> None:
        """A word that cannot be asked is seen by its yield; it is one of many."""


def word_address(template: str, word: str, rule: SearchRule) -> str:
    """The address that asks for `word`, percent-encoded in the site's encoding."""
    return template.replace(WORD_MARK, quote(word.encode(codec_of(rule.encoding)), safe=""))
