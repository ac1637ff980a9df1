"""Texts as every database can hold them; knows no database itself, since readers use it too."""

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

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
