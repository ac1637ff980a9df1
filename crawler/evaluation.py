"""Judging the judge: labelled texts against levels, with intervals and the worst errors.

A text counts as flagged from level medium on. Recall and precision speak of positive and negative
rows; borderline rows are counted apart. Intervals are percentile bootstraps over rows, or over
`cluster`s where rows name one, since rows about one scheme are not independent.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.engine import assess_text
from classifiers.rulebook import load_rulebook
from core.records import Level

LABELS = ("positive", "negative", "borderline")
SAMPLES = 1_000
SEED = 20_260_101
PORTION = 50


class LabelFaultError(ValueError):
    """A row that cannot be evaluated: `file:line: what is wrong`."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled row and what the classifier said of it."""

    id: str
    label: str
    source: str
    kind: str
    cluster: str
    patterns: tuple[str, ...]
    text: str
    level: Level
    score: float
    stance: str
    found: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def is_flagged(self) -> bool:
        """Whether a reviewer would see it."""
        return self.level >= Level.MEDIUM

    @property
    def is_named(self) -> bool:
        """Whether one of the patterns that the row names was found."""
        return bool(set(self.patterns) & set(self.found))


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and shares of a group of rows; a share of nothing is None."""

    rows: dict[str, int]
    flagged: dict[str, int]
    named: int
    to_name: int

    def share(self, label: str) -> float | None:
        """The flagged share of one label."""
        return self.flagged[label] / self.rows[label] if self.rows[label] else None

    @property
    def precision(self) -> float | None:
        """Of the flagged positive and negative rows, the positive share."""
        flagged = self.flagged["positive"] + self.flagged["negative"]
        return self.flagged["positive"] / flagged if flagged else None

    @property
    def naming(self) -> float | None:
        """Of the positives with named patterns, the share where one of them was found."""
        return self.named / self.to_name if self.to_name else None


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows with a known label; raises `LabelFaultError` at the first that is broken."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise LabelFaultError(f"{path.name}:{number}: not JSON: {error}") from None
            if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                raise LabelFaultError(f'{path.name}:{number}: want an object with a "text"')
            if row.get("label") not in LABELS:
                allowed = ", ".join(LABELS)
                raise LabelFaultError(f'{path.name}:{number}: "label" must be one of {allowed}')
            yield {"source": path.stem, "id": f"{path.stem}:{number}", **row, "file": path.stem}


def judge_rows(rows: Iterable[dict[str, Any]], jobs: int) -> Iterator[Judged]:
    """Every row with its assessment, in order."""
    if jobs == 1:
        yield from map(judge_row, rows)
        return
    with ProcessPoolExecutor(jobs, initializer=load_rulebook) as pool:
        yield from pool.map(judge_row, rows, chunksize=PORTION)


def judge_row(row: dict[str, Any]) -> Judged:
    """One row with its assessment; a chat is judged as a chat."""
    medium = row.get("medium") or ("chat_group" if row.get("form") == "chat_group" else "web")
    found = assess_text(row["text"], load_rulebook(), medium)
    return Judged(
        id=str(row["id"]),
        label=row["label"],
        source=str(row.get("file", row["source"])),
        kind=str(row.get("kind") or row.get("form") or ""),
        cluster=str(row.get("cluster") or row["id"]),
        patterns=tuple(row.get("patterns") or ()),
        text=row["text"],
        level=found.level,
        score=found.score,
        stance=found.stance.value,
        found=found.patterns,
        rules=tuple(hit.rule for hit in found.hits if hit.points > 0),
    )


def figures(judged: Iterable[Judged]) -> Figures:
    """Counts over rows."""
    rows, flagged = dict.fromkeys(LABELS, 0), dict.fromkeys(LABELS, 0)
    named = to_name = 0
    for one in judged:
        rows[one.label] += 1
        flagged[one.label] += one.is_flagged
        if one.label == "positive" and one.patterns:
            to_name += 1
            named += one.is_named
    return Figures(rows, flagged, named, to_name)


def grouped(judged: Iterable[Judged], key: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    """Rows by source, kind or whatever `key` says, in order of appearance."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(key(one), []).append(one)
    return groups


def interval(judged: list[Judged], label: str) -> tuple[float, float] | None:
    """The 95 % bootstrap interval of a label's flagged share; None without rows."""
    groups = grouped((one for one in judged if one.label == label), lambda one: one.cluster)
    if not groups:
        return None
    sizes = np.array([len(rows) for rows in groups.values()], dtype=float)
    hits = np.array([sum(one.is_flagged for one in rows) for rows in groups.values()], dtype=float)
    drawn = np.random.default_rng(SEED).integers(0, len(sizes), (SAMPLES, len(sizes)))
    shares = hits[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(low), float(high)


def worst_errors(judged: Iterable[Judged], most: int) -> list[Judged]:
    """False alarms by their score, then misses by how far they were from being flagged."""
    wrong = [one for one in judged if one.is_flagged != (one.label == "positive")]
    alarms = [one for one in wrong if one.label == "negative"]
    misses = [one for one in wrong if one.label == "positive"]
    alarms.sort(key=lambda one: -one.score)
    misses.sort(key=lambda one: one.score)
    return [*alarms[:most], *misses[:most]]
