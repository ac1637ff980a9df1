"""The row of an address: what stood there last, and which state it is in."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from core.records import Capture, Observation, Page, PageState
from storage.tables import page
from storage.work import Work

# A server that sends a longer validator wants it echoed at every visit; it is not worth keeping.
MAX_VALIDATOR_CHARS = 1_000

# Built once: putting a statement together takes longer than SQLite needs to run it.
_BY_KEY = select(page).where(page.c.key == bindparam("wanted_key"))
_BY_KEYS = select(page).where(page.c.key.in_(bindparam("wanted_keys", expanding=True)))
_ADD = page.insert().returning(page.c.id)
_CHANGE = page.update().where(page.c.id == bindparam("page_id"))


def page_row(work: Work, target_id: str, url: str) -> Row[Any] | None:
    """The row of an address of a target, as it is after all that was put off."""
    key = _key(target_id, url)
    if work.is_absent(key):
        return None
    work.settle()
    return work.connection.execute(_BY_KEY, {"wanted_key": key}).first()


def expect_pages(work: Work, pages: Sequence[tuple[str, str]]) -> None:
    """Find out in one question which of the addresses have no row yet."""
    keys = [_key(*one) for one in pages]
    found = work.connection.execute(_BY_KEYS, {"wanted_keys": keys})
    work.expect_absent({*keys} - {row.key for row in found})


def page_rows(connection: Connection, pages: Sequence[tuple[str, str]]) -> list[Row[Any] | None]:
    """The row of each target and address, None where there is none, in one question."""
    keys = [_key(*one) for one in pages]
    found = {row.key: row for row in connection.execute(_BY_KEYS, {"wanted_keys": keys})}
    return [found.get(key) for key in keys]


def keep_content(
    connection: Connection,
    stood: Row[Any] | None,
    seen: Observation,
    content: Page,
) -> int:
    """Note content at the address, leaving open which observation it is; the page's id."""
    capture, stored = seen.capture, seen.stored
    values = _visit(stood, seen) | _state(stood, seen, content)
    values |= {
        "etag": validator(capture, "etag"),
        "last_modified": validator(capture, "last-modified"),
        "body_sha256": stored.body_sha256 if stored else None,
        "content_hash": seen.content_hash,
        "state_sha256": None,
    }
    return _write(connection, stood, seen, values)


def keep_state(
    connection: Connection, stood: Row[Any] | None, seen: Observation, content: Page
) -> int:
    """Note that the address has no content now; what was known of its content stays. Its id."""
    values = _visit(stood, seen) | _state(stood, seen, content)
    values["state_sha256"] = seen.stored.body_sha256 if seen.stored else None
    return _write(connection, stood, seen, values)


def keep_sighting(connection: Connection, stood: Row[Any], seen: Observation) -> None:
    """Note that the address still has the content that is known; fresh validators replace old."""
    values = _visit(stood, seen) | _state(stood, seen, Page(PageState.OK))
    fresh = {
        "etag": validator(seen.capture, "etag"),
        "last_modified": validator(seen.capture, "last-modified"),
    }
    if not seen.capture.not_modified:
        values |= fresh
    else:
        values |= {name: value for name, value in fresh.items() if value is not None}
    values["state_sha256"] = None
    _write(connection, stood, seen, values)


def set_observation(work: Work, page_id: int, observation_id: int) -> None:
    """Say which observation holds the page's content."""
    work.put_off(_CHANGE, {"page_id": page_id, "observation_id": observation_id})


def validator(capture: Capture, name: str) -> str | None:
    """A header that makes the next fetch conditional."""
    found = next((value for key, value in capture.headers if key.lower() == name), None)
    return found if found and len(found) <= MAX_VALIDATOR_CHARS else None


def _key(target_id: str, url: str) -> str:
    return sha256(f"{target_id}\n{url}".encode(errors="replace")).hexdigest()


def _visit(stood: Row[Any] | None, seen: Observation) -> dict[str, Any]:
    moment = seen.capture.captured_at
    return {
        "last_seen": max(stood.last_seen, moment) if stood else moment,
        "last_status": seen.capture.status,
    }


def _state(stood: Row[Any] | None, seen: Observation, content: Page) -> dict[str, Any]:
    same = stood is not None and stood.state == content.state.value
    values: dict[str, Any] = {"state": content.state.value, "state_message": content.state_message}
    return values if same else values | {"state_since": seen.capture.captured_at}


def _write(
    connection: Connection, stood: Row[Any] | None, seen: Observation, values: dict[str, Any]
) -> int:
    if stood is not None:
        connection.execute(_CHANGE, {"page_id": stood.id, **values})
        return int(stood.id)
    values |= {
        "key": _key(seen.target_id, seen.url),
        "target_id": seen.target_id,
        "url": seen.url,
        "first_seen": seen.capture.captured_at,
    }
    return int(connection.execute(_ADD, values).scalar_one())
