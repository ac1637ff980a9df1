"""Train the subject model from labelled JSONL, measure it by hands held out, write its weights.

A row needs `label: positive` and `patterns`, the main one first. The rules' own examples are rows
too. Each file is left out in turn: what counts is how often the main pattern, or any of the row's
patterns, is among the first one or two that a model names which has not seen that hand.
"""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.labelled import read_rows as labelled_rows
from benchmarks.stance_rows import DATA, data_digest, find_files
from classifiers.facts import gather_facts
from classifiers.rule_records import SIGNAL
from classifiers.rulebook import load_rulebook
from classifiers.stance_model import as_signs
from classifiers.subject_model import CELLS, READ_CHARS, VERSION, SubjectModel, cells_of
from classifiers.weight_file import MODEL_FOLDER, write_weights

try:
    from scipy.optimize import minimize_scalar
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression
except ImportError as error:
    sys.exit(f"training needs scikit-learn ({error}): pip install -e '.[train]'")

STRENGTH = 30.0  # inverse of the penalty on weights
RARE_BELOW = 2
FEWEST = 5  # positives that a file must have to be left out


@dataclass(frozen=True)
class Row:
    file: str
    cells: np.ndarray
    patterns: tuple[str, ...]


def read_rows(paths: list[Path]) -> list[Row]:
    book = load_rulebook()
    told = [
        ("rules", text, (rule.pattern,))
        for rule in book.rules
        if rule.pattern != SIGNAL
        for text in rule.examples
    ]
    for path in paths:
        told += [
            (path.stem, row["text"], tuple(row["patterns"]))
            for row in labelled_rows(path)
            if row["label"] == "positive" and row.get("patterns")
        ]
    return [
        Row(file, cells_of(as_signs(_plain(text)[:READ_CHARS])), patterns)
        for file, text, patterns in told
    ]


def _plain(text: str) -> str:
    return gather_facts(text, load_rulebook()).normal.text


def rarity_of(rows: list[Row]) -> np.ndarray:
    seen = np.zeros(CELLS, np.int32)
    for row in rows:
        seen[row.cells] += 1
    rarity = np.where(seen >= RARE_BELOW, np.log((1 + len(rows)) / (1 + seen)) + 1, 0.0)
    return rarity.astype(np.float16).astype(np.float32)


def train(rows: list[Row]) -> SubjectModel:
    rarity = rarity_of(rows)
    values = [rarity[row.cells] for row in rows]
    values = [one / (np.linalg.norm(one) or 1.0) for one in values]
    ends = np.cumsum([0, *(len(one) for one in values)])
    columns = np.concatenate([row.cells for row in rows])
    lines = csr_matrix((np.concatenate(values), columns, ends), (len(rows), CELLS))
    used = np.unique(lines.indices)
    fitted = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3).fit(
        lines[:, used], [row.patterns[0] for row in rows]
    )
    weights = np.zeros((CELLS, len(fitted.classes_)), np.float32)
    weights[used] = fitted.coef_.T
    biases = fitted.intercept_.astype(np.float32)
    return SubjectModel(tuple(fitted.classes_), weights, rarity, biases, {"version": VERSION})


def sharpness(scored: list[tuple[np.ndarray, int]]) -> float:
    """The factor on all logits that makes the shares of held-out rows as sure as they are right."""

    def surprise(factor: float) -> float:
        total = 0.0
        for found, truth in scored:
            scaled = found * factor
            top = scaled.max()
            total += float(np.log(np.exp(scaled - top).sum()) + top - scaled[truth])
        return total / len(scored)

    return float(minimize_scalar(surprise, bounds=(0.2, 10.0), method="bounded").x)


def measure(rows: list[Row]) -> tuple[dict[str, list[float]], float]:
    figures: dict[str, list[float]] = {}
    scored: list[tuple[np.ndarray, int]] = []
    sizes = Counter(row.file for row in rows)
    print(f"{'file left out':16} {'rows':>5}  main first  main in two  any first  any in two")
    for file in sorted(name for name, size in sizes.items() if size >= FEWEST and name != "rules"):
        model = train([row for row in rows if row.file != file])
        places = {pattern: at for at, pattern in enumerate(model.patterns)}
        counts = np.zeros(4)
        left_out = [row for row in rows if row.file == file and row.patterns[0] in places]
        for row in left_out:
            found = model.logits(row.cells)
            scored.append((found, places[row.patterns[0]]))
            named = [model.patterns[at] for at in np.argsort(-found)[:2]]
            counts += [
                named[0] == row.patterns[0],
                row.patterns[0] in named,
                named[0] in row.patterns,
                bool(set(named) & set(row.patterns)),
            ]
        figures[file] = [round(float(count) / len(left_out), 3) for count in counts]
        shown = "  ".join(f"{figure:10.3f}" for figure in figures[file])
        print(f"{file:16} {len(left_out):5}  {shown}", flush=True)
    return figures, sharpness(scored)


def write(model: SubjectModel, card: dict[str, object]) -> None:
    scale = np.float32(np.abs(model.weights).max() / 127)
    arrays = {
        "steps": np.round(model.weights / scale).astype(np.int8),
        "scale": np.array(scale),
        "rarity": model.rarity.astype(np.float16),
        "biases": model.biases,
    }
    print(f"written: {write_weights(MODEL_FOLDER, VERSION, arrays, card)}, and the card beside it")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, action="append", help="a JSONL file or a folder of them; may repeat"
    )
    parser.add_argument("--measure", action="store_true", help="measure only, write no weights")
    options = parser.parse_args()
    paths = find_files(options.data or [place for place in DATA if place.exists()])
    rows = read_rows(paths)
    figures, factor = measure(rows)
    print(f"logits times {factor:.2f} are as sure as they are right")
    if options.measure:
        return 0
    model = train(rows)
    model = SubjectModel(
        model.patterns, model.weights * factor, model.rarity, model.biases * factor, model.card
    )
    card = {
        "version": VERSION,
        "patterns": list(model.patterns),
        "data": data_digest(paths),
        "files": sorted({row.file for row in rows}),
        "rows": len(rows),
        "penalty": STRENGTH,
        "sharpness": factor,
        "figures": {"columns": ["main first", "main in two", "any first", "any in two"], **figures},
    }
    write(model, card)
    return 0


if __name__ == "__main__":
    sys.exit(main())
