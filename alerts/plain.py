"""Plain text in columns: Han characters count twice, words and closing marks are not torn apart."""

import re
import unicodedata
from collections.abc import Iterable

COLUMNS = 76
# What stays on one line: a run of Latin text, or one character, with the marks that belong to it.
_TOKEN = re.compile(r"[（【《“「『]*(?:[!-~]+|\s|.)[，。；：、！？）】》”」』%]*", re.DOTALL)


def width(text: str) -> int:
    """Columns a text takes in a fixed-width view."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def wrap(text: str, columns: int = COLUMNS, indent: str = "") -> str:
    """The text in lines of at most `columns`, each but the first after `indent`."""
    return f"\n{indent}".join(_lines(text, columns))


def field(label: str, values: str | Iterable[str], columns: int = COLUMNS) -> str:
    """`   label  value`, the values below one another and wrapped beside the label."""
    said = [values] if isinstance(values, str) else list(values)
    head = f"   {label}" + " " * max(1, 12 - width(label))
    indent = " " * width(head)
    return head + f"\n{indent}".join(wrap(text, columns - len(indent), indent) for text in said)


def _lines(text: str, columns: int) -> list[str]:
    lines = [""]
    for found in _TOKEN.finditer(text):
        token = found[0]
        if "\n" in token:
            lines.append(token.replace("\n", ""))
            continue
        while width(lines[-1]) + width(token) > columns:
            if lines[-1] and width(token) <= columns:
                lines.append("")
                token = token.lstrip(" ")
                continue
            fits = _fitting(token, columns - width(lines[-1]))
            if fits == 0 and lines[-1]:
                lines.append("")
                continue
            fits = max(fits, 1)  # so that there is progress
            lines[-1] += token[:fits]
            token = token[fits:]
            lines.append("")
        lines[-1] += token
    return lines


def _fitting(text: str, columns: int) -> int:
    """How many characters of an over-long run fit."""
    at = taken = 0
    while at < len(text) and taken + width(text[at]) <= columns:
        taken += width(text[at])
        at += 1
    return at
