"""Train the stance model from labelled JSONL, measure it on texts held out, and write its weights.

Two ways of holding out are reported: groups of rows (a cluster, or texts alike in wording), and
whole files, which is what a text by another hand looks like. In both the whole classifier is
measured with and without the model, and the glance, of that very fold. Nothing is written with --measure.
"""

import argparse
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.labelled import LABELS
from benchmarks.stance_rows import (
    DATA,
    Row,
    bare_rulebook,
    data_digest,
    find_files,
    group_rows,
    load_rows,
    row_weights,
)
from benchmarks.train_glance import train as train_glance
from classifiers.dictionary import dictionary, segmenter
from classifiers.engine import assess_text
from classifiers.glance import Glance
from classifiers.grams import LONGEST
from classifiers.stance_model import (
    BUCKETS,
    VERSION,
    WINDOW,
    StanceModel,
    Vocabulary,
    distinct_buckets,
)
from classifiers.weight_file import MODEL_FOLDER, write_weights
from core.records import Level

try:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
except ImportError as error:
    sys.exit(f"training needs scikit-learn ({error}): pip install -e '.[train]'")

STRENGTH = 20.0  # inverse of the penalty on weights
RARE_BELOW = 2  # an n-gram of fewer windows is a name, not a manner of speaking
FOLDS = 5
MIN_EACH = 20  # fewer rows of a label give no AUC worth printing

Score = Callable[[Row], float]


@cache
def _words_of(window: str) -> tuple[str, ...]:
    """The words of the dictionary in a window, each once."""
    known = dictionary()
    words = set(segmenter().cut(window, HMM=False))
    return tuple(word for word in words if len(word) > 1 and known.get(word))


def vocabulary_of(rows: list[Row]) -> Vocabulary:
    """The words of the dictionary that stand in several windows."""
    seen = Counter(word for row in rows for window in row.windows for word in _words_of(window))
    return Vocabulary(tuple(sorted(word for word, count in seen.items() if count >= RARE_BELOW)))


def design(lines: list[list[np.ndarray]], rarity: np.ndarray) -> tuple[csr_matrix, np.ndarray]:
    """A line a window: its n-grams and words by rarity, at unit length; and each line's row."""
    ends, columns, values, owners = [0], [], [], []
    for at, windows in enumerate(lines):
        for buckets in windows:
            known = buckets[rarity[buckets] > 0]
            columns.append(known)
            values.append(rarity[known] / (np.linalg.norm(rarity[known]) or 1.0))
            ends.append(ends[-1] + len(known))
            owners.append(at)
    shape = (len(owners), BUCKETS)
    return csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape), np.array(
        owners
    )


def train(rows: list[Row]) -> StanceModel:
    vocabulary = vocabulary_of(rows)
    read = [
        [distinct_buckets(window, vocabulary.buckets(window)) for window in row.windows]
        for row in rows
    ]
    seen = np.zeros(BUCKETS, np.int32)
    for windows in read:
        for buckets in windows:
            seen[buckets] += 1
    windows = sum(len(row.windows) for row in rows)
    rarity = np.where(seen >= RARE_BELOW, np.log((1 + windows) / (1 + seen)) + 1, 0.0)
    rarity = rarity.astype(np.float16).astype(np.float32)
    lines, owners = design(read, rarity)
    used = np.unique(lines.indices)
    weights = row_weights(rows)[owners] / np.bincount(owners)[owners]
    truth = np.array([row.is_promotion for row in rows])[owners]
    fitted = LogisticRegression(C=STRENGTH, max_iter=1000, tol=1e-4).fit(
        lines[:, used], truth, sample_weight=weights
    )
    table = np.zeros(BUCKETS, np.float16)
    table[used] = fitted.coef_[0]
    bias = float(fitted.intercept_[0])
    return StanceModel(table.astype(np.float32), rarity, bias, {"version": VERSION}, vocabulary)


def score(model: StanceModel, row: Row) -> float:
    return max(map(model.score, row.windows))


Models = dict[str, tuple[StanceModel, Glance]]


def held_out(rows: list[Row], parts: list[str]) -> tuple[np.ndarray, Models]:
    """Each row's score by the model that saw nothing of its part, and the models and glances.

    Borderline rows never train.
    """
    scores, models = np.zeros(len(rows)), {}
    for part in sorted(set(parts)):
        others = [
            row
            for row, own in zip(rows, parts, strict=True)
            if own != part and row.label != "borderline"
        ]
        models[part] = train(others), train_glance(others)
        for at, own in enumerate(parts):
            if own == part:
                scores[at] = score(models[part][0], rows[at])
    return scores, models


def calibration(rows: list[Row], scores: np.ndarray) -> tuple[float, float]:
    """Slope and shift that make held-out scores log-odds."""
    sure = [at for at, row in enumerate(rows) if row.label != "borderline"]
    chosen = [rows[at] for at in sure]
    fitted = LogisticRegression(C=1e6).fit(
        scores[sure, None], [row.is_promotion for row in chosen], sample_weight=row_weights(chosen)
    )
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])


def calibrated(model: StanceModel, slope: float, shift: float) -> StanceModel:
    table = (model.weights * slope).astype(np.float16).astype(np.float32)
    return replace(model, weights=table, bias=model.bias * slope + shift)


def measure(
    rows: list[Row], parts: list[str], models: Models | None
) -> dict[str, dict[str, float]]:
    """Flagged shares by file and label, each row judged with its part's model (or with none)."""
    flags: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row, part in zip(rows, parts, strict=True):
        model, glance = models[part] if models else (None, None)
        book = replace(bare_rulebook(), model=model, glance=glance)
        book.__dict__["lexicon"] = bare_rulebook().lexicon
        flags[row.file, row.label].append(assess_text(row.text, book).level >= Level.MEDIUM)
    files = sorted({file for file, _ in flags})
    return {
        file: {
            label: round(float(np.mean(flags[file, label])), 4)
            for label in LABELS
            if (file, label) in flags
        }
        for file in files
    }


def show(
    title: str, rows: list[Row], scores: np.ndarray, without: Any, with_model: Any
) -> dict[str, Any]:
    print(
        f"\n{title}\n{'file':24}    AUC   flagged without model -> with (positive, negative, borderline)"
    )
    figures: dict[str, Any] = {}
    for file in sorted({row.file for row in rows}):
        at = [k for k, row in enumerate(rows) if row.file == file and row.label != "borderline"]
        truth = [rows[k].is_promotion for k in at]
        both = min(sum(truth), len(truth) - sum(truth)) >= MIN_EACH
        auc = round(float(roc_auc_score(truth, scores[at])), 3) if both else None
        cells = [
            f"{without[file][label]:.3f} -> {with_model[file][label]:.3f}"
            if label in without[file]
            else " " * 14
            for label in LABELS
        ]
        print(f"{file:24} {auc if auc is not None else '-':>6}   {'   '.join(cells)}")
        figures[file] = {"auc": auc, "rules": without[file], "with_model": with_model[file]}
    return figures


def speed(model: StanceModel, rows: list[Row]) -> tuple[float, float]:
    """Documents a second, one by one: this scorer, and scikit-learn on the same windows."""
    windows = [row.windows[0] for row in rows][:1500]
    begin = time.perf_counter()
    for window in windows:
        model.score(window)
    own = len(windows) / (time.perf_counter() - begin)
    reader = HashingVectorizer(
        analyzer="char", ngram_range=(1, LONGEST), n_features=BUCKETS, binary=True
    )
    linear = LogisticRegression().fit(reader.transform(["甲", "乙"]), [0, 1])
    begin = time.perf_counter()
    for window in windows:
        linear.decision_function(reader.transform([window]))
    return own, len(windows) / (time.perf_counter() - begin)


def write(model: StanceModel, card: dict[str, Any]) -> None:
    arrays = {"weights": model.weights, "rarity": model.rarity}
    stored = {name: array.astype(np.float16) for name, array in arrays.items()}
    words = "\n".join(model.vocabulary.words).encode()
    stored["words"] = np.frombuffer(words, np.uint8)
    print(f"written: {write_weights(MODEL_FOLDER, VERSION, stored, card)}, and the card beside it")


def parse(arguments: Iterable[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, action="append", help="a JSONL file or a folder of them; may repeat"
    )
    parser.add_argument("--measure", action="store_true", help="measure only, write no weights")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args(arguments)


def main() -> int:
    options = parse()
    paths = find_files(options.data or [place for place in DATA if place.exists()])
    if not paths:
        print("no labelled texts; name them with --data", file=sys.stderr)
        return 2
    rows = load_rows(paths, options.jobs)
    groups = group_rows(rows)
    print(
        f"{len(rows)} rows of {len(paths)} files in {len(set(groups))} groups, data {data_digest(paths)}"
    )
    folds = [str(zlib.crc32(str(group).encode()) % FOLDS) for group in groups]
    figures: dict[str, Any] = {}
    without = measure(rows, folds, None)
    slope = shift = 0.0
    for title, parts in (
        ("groups held out", folds),
        ("files held out", [row.file for row in rows]),
    ):
        scores, models = held_out(rows, parts)
        if not figures:
            slope, shift = calibration(rows, scores)
        models = {
            part: (calibrated(model, slope, shift), glance)
            for part, (model, glance) in models.items()
        }
        figures[title] = show(title, rows, scores, without, measure(rows, parts, models))
    final = calibrated(train([row for row in rows if row.label != "borderline"]), slope, shift)
    own, theirs = speed(final, rows)
    print(f"\nscored one by one: {own:,.0f} docs/s, scikit-learn {theirs:,.0f} docs/s")
    card = {
        "version": VERSION,
        "bias": final.bias,
        "data": data_digest(paths),
        "files": [path.name for path in paths],
        "rows": dict(Counter(row.label for row in rows)),
        "rules": bare_rulebook().digest,
        "features": f"distinct character 1-{LONGEST}-grams, words and pairs of words by rarity, of {WINDOW}-character windows, {BUCKETS} buckets",
        "penalty": STRENGTH,
        "calibration": {"slope": slope, "shift": shift},
        "figures": figures,
    }
    if not options.measure:
        write(final, card)
    return 0


if __name__ == "__main__":
    sys.exit(main())
