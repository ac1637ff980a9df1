"""Column types that keep times in UTC and texts storable on every database."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"

AnyValue = TypeVar("AnyValue")


def storable(text: str) -> str:
    """`text` with NUL and lone surrogates replaced one for one, so that offsets still count.

    PostgreSQL refuses NUL in text, and neither database can encode half a surrogate pair.
    """
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def storable_record(value: AnyValue) -> AnyValue:
    """A record with every text in it made storable; the same object where nothing changed."""
    cleaned: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        cleaned = storable(value) if _UNSTORABLE.search(value) else value
    elif isinstance(value, tuple):
        items = tuple(storable_record(item) for item in value)
        cleaned = value if all(a is b for a, b in zip(items, value, strict=True)) else items
    elif is_dataclass(value) and not isinstance(value, type):
        found = ((f.name, getattr(value, f.name)) for f in fields(value))
        changed = {name: new for name, old in found if (new := storable_record(old)) is not old}
        cleaned = replace(value, **changed) if changed else value
    return cleaned  # type: ignore[no-any-return]


class StorableText(TypeDecorator[str]):
    """Text from outside; whatever a database refuses is replaced one for one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as both databases can hold it."""
        del dialect
        return None if value is None else storable(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware in, aware UTC out. SQLite keeps it as naive UTC, which sorts as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, without its zone where the database has no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; storage takes aware times only")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
