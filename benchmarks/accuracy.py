"""Accuracy of the classifier on labelled JSONL: recall, precision and false alarms a file.

A text counts as flagged from level medium on. Borderline rows are reported apart: of them only the
share that is flagged. With --floors the run fails where a file falls below what stands there.
Measured are the texts beside this file and, where it lies beside the project, the shared folder.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.labelled import LABELS, OWN, SHARED, read_rows
from classifiers.engine import assess_text
from classifiers.rulebook import load_rulebook
from core.records import Assessment, Level

MIN_POSITIVES = 5  # a recall over fewer rows is an anecdote and has no floor


@dataclass(frozen=True, slots=True)
class Tally:
    """Flagged and all rows of one file, by label; `named` counts positives whose pattern is right."""

    flagged: dict[str, int]
    rows: dict[str, int]
    named: int = 0

    def share(self, label: str) -> float | None:
        """The share of a label's rows that is flagged."""
        return self.flagged[label] / self.rows[label] if self.rows[label] else None

    @property
    def precision(self) -> float | None:
        flagged = self.flagged["positive"] + self.flagged["negative"]
        return self.flagged["positive"] / flagged if flagged else None


def judge_row(row: dict[str, Any]) -> tuple[dict[str, Any], Assessment]:
    medium = "chat_group" if row.get("form") == "chat_group" else "web"
    return row, assess_text(row["text"], load_rulebook(), medium)


def tally(judged: list[tuple[dict[str, Any], Assessment]]) -> Tally:
    flagged = dict.fromkeys(LABELS, 0)
    rows = dict.fromkeys(LABELS, 0)
    named = 0
    for row, assessment in judged:
        rows[row["label"]] += 1
        flagged[row["label"]] += assessment.level >= Level.MEDIUM
        if row["label"] == "positive":
            named += bool(set(row.get("patterns") or ()) & set(assessment.patterns))
    return Tally(flagged, rows, named)


def show(name: str, result: Tally) -> str:
    def cell(value: float | None) -> str:
        return "     -" if value is None else f"{value:6.3f}"

    counts = "/".join(str(result.rows[label]) for label in LABELS)
    return (
        f"{name:28} {counts:>14}  {cell(result.share('positive'))} {cell(result.precision)} "
        f"{cell(result.share('negative'))} {cell(result.share('borderline'))} {result.named:6}"
    )


def worst_errors(judged: list[tuple[dict[str, Any], Assessment]], most: int) -> Iterator[str]:
    false_alarms = [
        (row, found) for row, found in judged
        if row["label"] == "negative" and found.level >= Level.MEDIUM
    ]  # fmt: skip
    missed = [
        (row, found) for row, found in judged
        if row["label"] == "positive" and found.level < Level.MEDIUM
    ]  # fmt: skip
    for title, rows in (("false alarm", false_alarms), ("missed", missed)):
        for row, found in sorted(rows, key=lambda pair: -pair[1].score)[:most]:
            rules = ",".join(hit.rule for hit in found.hits if hit.points > 0)
            text = " ".join(row["text"].split())[:120]
            yield f"  {title} {row['id']} {found.score:g} {found.stance.value} [{rules}] {text}"


def below_floors(results: dict[str, Tally], floors: dict[str, dict[str, float]]) -> list[str]:
    faults = []
    for name, floor in floors.items():
        if name not in results:
            continue
        result = results[name]
        recall, alarms = result.share("positive"), result.share("negative")
        named = result.named / result.rows["positive"] if result.rows["positive"] else None
        for word, value in (("recall", recall), ("named", named)):
            if word in floor and value is not None and value < floor[word]:
                faults.append(f"{name}: {word} {value:.3f} < {floor[word]}")
        if "false_alarms" in floor and alarms is not None and alarms > floor["false_alarms"]:
            faults.append(f"{name}: false alarms {alarms:.4f} > {floor['false_alarms']}")
    return faults


def files_of(folders: list[Path]) -> list[Path]:
    """The JSONL files that folders hold, or that are named themselves."""
    return [
        path
        for folder in folders
        for path in (sorted(folder.glob("*.jsonl")) if folder.is_dir() else [folder])
        if path.exists()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[OWN, SHARED],
        help="JSONL files or folders of them (default: benchmarks/texts and the shared texts)",
    )
    parser.add_argument("--floors", type=Path, help="JSON of floors a file")
    parser.add_argument(
        "--errors", type=int, default=0, metavar="N", help="show N worst errors a file"
    )
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    paths = files_of(options.data)
    if not paths:
        print("skipped: no labelled texts at " + " or ".join(map(str, options.data)))
        return 0
    print(f"rulebook {load_rulebook().digest}; flagged from level medium on")
    print(f"{'file':28} {'pos/neg/border':>14}  recall   prec    FPR  border  named")
    results = measure(paths, options.jobs, options.errors)
    faults = []
    if options.floors:
        faults = below_floors(results, json.loads(options.floors.read_text(encoding="utf-8")))
        print("\n".join(faults) or "no file is below its floor")
    return 1 if faults else 0


def measure(paths: list[Path], jobs: int, errors: int) -> dict[str, Tally]:
    """The tally of each file, printed as it is known."""
    results: dict[str, Tally] = {}
    with ProcessPoolExecutor(jobs) as pool:
        for path in paths:
            judged = list(pool.map(judge_row, read_rows(path), chunksize=50))
            results[path.stem] = tally(judged)
            print(show(path.stem, results[path.stem]), flush=True)
            for line in worst_errors(judged, errors):
                print(line)
    return results


if __name__ == "__main__":
    sys.exit(main())
