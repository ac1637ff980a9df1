"""Texts of strangers on their way to a terminal, a comment or a program."""

import json
from typing import Any


def printable(text: str) -> str:
    """`text` on one line, with a space for whatever a terminal or a YAML reader would act on."""
    return "".join(char if char.isprintable() else " " for char in text)


def json_line(document: Any) -> str:
    """`document` as JSON in UTF-8, whatever halves of characters it holds."""
    text = json.dumps(document, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()
