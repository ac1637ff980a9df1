"""Labelled rows for the stance model: read, cut into windows, grouped so that no twin is split."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from pathlib import Path

from classifiers.facts import gather_facts
from classifiers.judgement import judge
from classifiers.opinion import marks_of
from classifiers.rulebook import Rulebook, load_rulebook
from classifiers.stance_model import WINDOW, as_signs

LABELS = ("positive", "negative", "borderline")
MOST_WINDOWS = 4
SHINGLE = 6
TWIN_SHARE = 0.15  # of the shorter text's shingles; rewritten pairs share about this much
COMMON_FROM = 12  # a shingle in more texts than this is a turn of phrase


@dataclass(frozen=True)
class Row:
    """One labelled text with its windows in signs and the evidence that the rules found in it."""

    id: str
    file: str
    text: str
    label: str
    cluster: str
    windows: tuple[str, ...]
    marks: tuple[str, ...]
    shingles: frozenset[str]

    @property
    def is_promotion(self) -> bool:
        return self.label == "positive"


@cache
def bare_rulebook() -> Rulebook:
    """The rules without a model, so that training does not feed on itself."""
    return replace(load_rulebook(), model=None)


def find_files(places: Iterable[Path]) -> list[Path]:
    return [
        path
        for place in places
        for path in (sorted(place.glob("*.jsonl")) if place.is_dir() else [place])
    ]


def data_digest(paths: Iterable[Path]) -> str:
    """Twelve hex digits over the names and bytes of the training files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:12]


def load_rows(paths: Iterable[Path], jobs: int) -> list[Row]:
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_read_row, _lines(paths), chunksize=40))


def _lines(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        with path.open(encoding="utf-8") as stream:
            yield from (
                (path.stem, line) for line in stream if json.loads(line).get("label") in LABELS
            )


def _read_row(named: tuple[str, str]) -> Row:
    file, line = named
    row = json.loads(line)
    facts = gather_facts(row["text"], bare_rulebook())
    plain = facts.normal.text
    reading = judge(row["text"], bare_rulebook()).reading
    starts = range(0, max(len(plain) - WINDOW // 2, 1), WINDOW)
    head = plain[:WINDOW]
    return Row(
        id=row["id"],
        file=file,
        text=row["text"],
        label=row["label"],
        cluster=row.get("cluster") or "",
        windows=tuple(as_signs(plain[at : at + WINDOW]) for at in starts[:MOST_WINDOWS]),
        marks=tuple(marks_of(facts, reading)),
        shingles=frozenset(head[at : at + SHINGLE] for at in range(len(head) - SHINGLE + 1)),
    )


def group_rows(rows: list[Row]) -> list[int]:
    """The group of each row: of one cluster, or alike in wording."""
    parent = list(range(len(rows)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for first, second in [*_same_cluster(rows), *_alike(rows)]:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return [root(at) for at in range(len(rows))]


def _same_cluster(rows: list[Row]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for at, row in enumerate(rows):
        if row.cluster:
            yield first.setdefault(row.cluster, at), at


def _alike(rows: list[Row]) -> Iterator[tuple[int, int]]:
    holders: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        for shingle in row.shingles:
            holders[shingle].append(at)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for found in holders.values():
        if len(found) <= COMMON_FROM:
            for pair in combinations(found, 2):
                shared[pair] += 1
    for (first, second), count in shared.items():
        shorter = min(len(rows[first].shingles), len(rows[second].shingles))
        if count >= TWIN_SHARE * shorter:
            yield first, second
