"""Labelled texts: our own, those of the shared folder, and labels of posts that only lie there.

A row of `labels/` has an id, a label and a kind; its text is the post of that id in the shared
folder's posts without labels. Where the folder is absent such a file has no rows.
"""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OWN = HERE / "texts"
JUDGED_POSTS = HERE / "labels"
SHARED = HERE.parents[1] / "shared" / "data" / "text"
LABELS = ("positive", "negative", "borderline")
_POSTS = SHARED / "unlabelled.jsonl.gz"


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file that have a label, each with its text."""
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            if "text" not in row:
                row["text"] = _posts().get(row["id"])
            if row.get("label") in LABELS and row["text"] is not None:
                yield row


@cache
def _posts() -> dict[str, str]:
    if not _POSTS.exists():
        return {}
    with gzip.open(_POSTS, "rt", encoding="utf-8") as stream:
        return {row["id"]: row["text"] for row in map(json.loads, stream)}
