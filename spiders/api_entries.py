"""A JSON answer → its entries by the paths of a target, and every fault named with its path."""

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from core.source_rules import ApiFields, ApiRule, ApiSuccess
from spiders.feed_reader import parse_date
from spiders.json_answer import (
    MISSING,
    AnswerFault,
    break_in,
    kind_of,
    said_refusal,
    scalar_text,
    shown,
    value_at,
    values_at,
)
from spiders.pages import wall_word
from spiders.urls import canonical_url

MAX_ENTRIES = 5_000
_MAX_IMAGES = 50
_MAX_LINE = 500
_MAX_LINE_MARKUP = 10_000
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138
_OPTIONAL = ("title", "text", "account", "author", "published", "images")


@dataclass(frozen=True, slots=True)
class ApiEntry:
    """One entry: `key` tells it apart, `text` is plain or HTML as it came, `source` its JSON."""

    key: str
    url: str | None
    title: str = ""
    text: str = ""
    account: str = ""
    author: str = ""
    published_at: datetime | None = None
    images: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class EntryFault:
    """Why an entry or a field of one is left out; the text names path and what stood there."""

    reason: str
    text: str


def entry_list(answer: Any, rule: ApiRule) -> list[Any]:
    """The list in an answer; AnswerFault where it is refused, missing or no list."""
    if rule.success is not None:
        _refuse_error(answer, rule.success)
    found = value_at(answer, rule.items)
    if isinstance(found, list):
        return found
    where = break_in(answer, rule.items) if rule.items else f"the answer: {kind_of(found)}"
    said = said_refusal(answer)
    reason = wall_word(said) or ("api_no_list" if found is MISSING else "api_not_a_list")
    raise AnswerFault(reason, f"{where}; the answer says {said}" if said else where)


def _refuse_error(answer: Any, success: ApiSuccess) -> None:
    found = value_at(answer, success.path)
    wanted = {str(value) for value in success.values}
    if found is not MISSING and not isinstance(found, dict | list) and str(found) in wanted:
        return
    said = said_refusal(answer)
    what = f"{success.path}: {kind_of(found)} stands there, not {' or '.join(sorted(wanted))}"
    raise AnswerFault(wall_word(said) or "api_refused", f"{what}; the answer says {said}")


def read_entries(found: list[Any], rule: ApiRule, base_url: str) -> Iterator[ApiEntry | EntryFault]:
    """The entries in their order, and what is left out."""
    for number, value in enumerate(found[:MAX_ENTRIES]):
        place = f"{rule.items}.{number}" if rule.items else str(number)
        if isinstance(value, dict):
            yield from _read_entry(value, rule, base_url, place)
        else:
            yield EntryFault("api_entry_type", f"{place}: {kind_of(value)}, not an object")
    if len(found) > MAX_ENTRIES:
        what = f"{rule.items or 'the answer'}: {len(found)} entries, {MAX_ENTRIES} are read"
        yield EntryFault("api_entry_limit", what)
    yield from _paths_to_nothing(found[:MAX_ENTRIES], rule)


def _paths_to_nothing(found: list[Any], rule: ApiRule) -> Iterator[EntryFault]:
    """Optional fields that no entry has: a wrong path, or a changed interface."""
    entries = [value for value in found if isinstance(value, dict)]
    for name in _OPTIONAL if entries else ():
        path = getattr(rule.fields, name)
        if path and all(_is_nothing(value, path) for value in entries):
            what = f"{name}: no entry has it; {break_in(entries[0], path)}"
            yield EntryFault("api_field_missing", what)


def _is_nothing(value: Any, path: str) -> bool:
    return not any(one is not MISSING for one in values_at(value, path))


def _read_entry(
    value: dict[str, Any], rule: ApiRule, base_url: str, place: str
) -> Iterator[ApiEntry | EntryFault]:
    fields = rule.fields
    reader = _Fields(value, place)
    given = reader.text("url", fields.url)
    url = canonical_url(given.strip(), base_url) if given.strip() else None
    if given.strip() and url is None:
        reader.fault("url", fields.url, f"{shown(given)!r} is no address that may be asked")
    entry = ApiEntry(
        key=reader.text("id", fields.id).strip() or url or "",
        url=url,
        title=one_line(reader.text("title", fields.title)),
        text=reader.prose(fields.text),
        account=one_line(reader.text("account", fields.account)),
        author=one_line(reader.text("author", fields.author)),
        published_at=reader.moment(fields.published),
        images=reader.images(fields.images, base_url),
        source="" if rule.follow else json.dumps(value, ensure_ascii=False),
    )
    yield from reader.faults
    yield _lack(entry, rule, value, place) or entry


def _lack(entry: ApiEntry, rule: ApiRule, value: dict[str, Any], place: str) -> EntryFault | None:
    fields: ApiFields = rule.fields
    if rule.follow and entry.url is None:
        return EntryFault("api_no_url", f"{place}.{break_in(value, fields.url or '')}")
    if not entry.key:
        return EntryFault("api_no_id", f"{place}: neither id nor url; {kind_of(value)}")
    if not rule.follow and not (entry.text.strip() or entry.title):
        path = fields.text or fields.title or ""
        return EntryFault("api_no_text", f"{place}.{break_in(value, path)}")
    return None


class _Fields:
    """Reads the fields of one entry, and keeps what is wrong with them."""

    def __init__(self, value: dict[str, Any], place: str) -> None:
        self._value = value
        self._place = place
        self.faults: list[EntryFault] = []

    def fault(self, name: str, path: str | None, what: str) -> None:
        """Keep that a field is left out."""
        text = f"{self._place}.{path}: {what}; the {name} is left out"
        self.faults.append(EntryFault("api_field_type", text))

    def _found(self, path: str | None) -> Any:
        found = value_at(self._value, path) if path else None
        return None if found is MISSING else found

    def text(self, name: str, path: str | None) -> str:
        """A text or number; "" where there is none."""
        found = self._found(path)
        said = "" if found is None else scalar_text(found)
        if said is None:
            self.fault(name, path, f"{kind_of(found)} stands there, not a text")
        return said or ""

    def prose(self, path: str | None) -> str:
        """A text, or a list of them as paragraphs."""
        found = self._found(path)
        if isinstance(found, list):
            parts = [scalar_text(one) for one in found]
            if None not in parts:
                return "\n".join(part for part in parts if part)
        return self.text("text", path)

    def moment(self, path: str | None) -> datetime | None:
        """A date as written, or seconds or milliseconds since 1970."""
        found = self._found(path)
        if found is None or found == "":
            return None
        said = scalar_text(found)
        moment = parse_moment(said) if said is not None else None
        if moment is None:
            self.fault("date", path, f"{kind_of(found)} stands there, which is no date")
        return moment

    def images(self, path: str | None, base_url: str) -> tuple[str, ...]:
        """The addresses of images."""
        found = (
            [one for one in values_at(self._value, path) if one not in (None, "")] if path else []
        )
        found = [one for one in found if one is not MISSING]
        urls = [canonical_url(one, base_url) for one in found if isinstance(one, str)]
        odd = next((one for one in found if not isinstance(one, str)), None)
        if odd is not None:
            self.fault("image", path, f"{kind_of(odd)} stands there, not an address")
        return tuple(dict.fromkeys(url for url in urls if url))[:_MAX_IMAGES]


def one_line(markup: str) -> str:
    """Text that may be HTML, on one line; marks around a word do not tear it apart."""
    markup = markup[:_MAX_LINE_MARKUP]
    if "<" in markup:
        markup = LexborHTMLParser(markup).text(deep=True, separator="")
    return " ".join(html.unescape(markup).split())[:_MAX_LINE]


def parse_moment(said: str) -> datetime | None:
    """A date, or seconds or milliseconds since 1970, as aware UTC."""
    try:
        number = float(said)
    except ValueError:
        return parse_date(said)
    seconds = number / 1_000 if number >= _MILLISECONDS_FROM else number
    if not seconds > 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
