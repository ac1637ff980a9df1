"""Counters of what has ever happened, kept in the transaction in which it does."""

import re
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Connection, func, select

from storage.database import Database
from storage.tables import tally
from storage.upsert import add_up

MAX_PARTS = 40
OTHER = "other"
_SHORT_WORD = re.compile(r"[A-Za-z0-9_.-]{1,24}")
_ADD = {dialect: add_up(dialect, tally, "value") for dialect in ("sqlite", "postgresql")}

Key = tuple[str, str]


class Tally(StrEnum):
    """What is counted, and in what words: label, then part."""

    RUNS = "runs"  # state
    PAGES = "pages"  # new, changed, unchanged, suspect, dropped
    DELIVERIES = "deliveries"  # channel; state:code
    PINGS = "pings"  # ok, failed


def count(connection: Connection, name: Tally, amounts: Mapping[Key, int]) -> None:
    """Add to counters; always in the same order, so that no two units of work wait in a circle."""
    rows = [
        {"name": name.value, "label": label, "part": part, "value": amount}
        for (label, part), amount in sorted(amounts.items())
        if amount
    ]
    if rows:
        connection.execute(_ADD[connection.dialect.name], rows)


def count_once(db: Database, name: Tally, label: str) -> None:
    """Add one to a counter in a unit of work of its own."""
    with db.writing() as connection:
        count(connection, name, {(label, ""): 1})


def bounded_part(connection: Connection, name: Tally, label: str, part: str) -> str:
    """`part`, or `other` where the label has too many already: what a server says has no end."""
    known = (tally.c.name == name.value) & (tally.c.label == label)
    if connection.execute(select(tally.c.value).where(known, tally.c.part == part)).first():
        return part
    parts = select(func.count()).select_from(tally).where(known)
    return part if connection.execute(parts).scalar_one() < MAX_PARTS else OTHER


def short_word(text: str) -> str:
    """A code as a label: `none` where there is none, `other` where it is no short word."""
    if not text:
        return "none"
    return text if _SHORT_WORD.fullmatch(text) else OTHER


def read_tallies(connection: Connection) -> dict[Tally, dict[Key, int]]:
    """Every counter that is not zero."""
    found: dict[Tally, dict[Key, int]] = {name: {} for name in Tally}
    for row in connection.execute(select(tally)):
        found[Tally(row.name)][row.label, row.part] = row.value
    return found
