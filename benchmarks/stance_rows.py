"""Labelled rows for the stance model: read, cut into windows, grouped so that no twin is split."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.labelled import JUDGED_POSTS, OWN, SHARED, read_rows
from classifiers.facts import gather_facts
from classifiers.rulebook import Rulebook, load_rulebook
from classifiers.stance_model import WINDOW, as_signs

DATA = (SHARED, OWN, JUDGED_POSTS)
MOST_OF_ONE = 0.05  # the weight of a row where a file has few of its label
# Whole texts of today, figures and all, and posts in which both sides speak of the same schemes;
# the others are old, of one side only, or without their digits. Messages of banks and shops are
# what a phone gets most.
SHARES = {"hand": 8.0, "authored": 8.0, "bdci": 8.0, "sms": 4.0}
MOST_WINDOWS = 4
SHINGLE = 6
TWIN_SHARE = 0.15  # of the shorter text's shingles; rewritten pairs share about this much
COMMON_FROM = 12  # a shingle in more texts than this is a turn of phrase


@dataclass(frozen=True)
class Row:
    """One labelled text with its windows in signs."""

    id: str
    file: str
    text: str
    label: str
    cluster: str
    windows: tuple[str, ...]
    shingles: frozenset[str]

    @property
    def is_promotion(self) -> bool:
        return self.label == "positive"


def row_weights(rows: list[Row]) -> np.ndarray:
    """Files of a sort count alike within a label, and the labels alike: no source is a feature."""
    sizes = Counter((row.file, row.label) for row in rows)
    weights = np.array(
        [
            min(1 / sizes[row.file, row.label], MOST_OF_ONE)
            * SHARES.get(row.file.split("_", 1)[0], 1.0)
            for row in rows
        ]
    )
    promotions = np.array([row.is_promotion for row in rows])
    for side in (promotions, ~promotions):
        weights[side] *= len(rows) / 2 / weights[side].sum()
    return weights


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
        return list(pool.map(_read_row, _named_rows(paths), chunksize=40))


def _named_rows(paths: Iterable[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((path.stem, row) for path in paths for row in read_rows(path))


def _read_row(named: tuple[str, dict[str, Any]]) -> Row:
    file, row = named
    plain = gather_facts(row["text"], bare_rulebook()).normal.text
    starts = range(0, max(len(plain) - WINDOW // 2, 1), WINDOW)
    head = plain[:WINDOW]
    return Row(
        id=row["id"],
        file=file,
        text=row["text"],
        label=row["label"],
        cluster=row.get("cluster") or "",
        windows=tuple(as_signs(plain[at : at + WINDOW]) for at in starts[:MOST_WINDOWS]),
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
