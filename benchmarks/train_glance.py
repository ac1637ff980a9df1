"""Train the glance from labelled JSONL, measure it on files held out, and write its weights.

What counts is what it lets go: the share of promotions of files that it saw nothing of, against
the share of other texts that the stance model is asked about for its sake.
"""

import argparse
import sys
from collections import Counter

import numpy as np

from benchmarks.stance_rows import DATA, Row, data_digest, find_files, load_rows, row_weights
from classifiers.bare import BareText
from classifiers.glance import (
    BUCKET_BITS,
    BUCKETS,
    PROMISING_FROM,
    SHORT,
    STEP,
    VERSION,
    WIDTH,
    Glance,
    stretches_of,
)
from classifiers.grams import gram_buckets
from classifiers.weight_file import MODEL_FOLDER, write_weights

try:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression
except ImportError as error:
    sys.exit(f"training needs scikit-learn ({error}): pip install -e '.[train]'")

STRENGTH = 4.0  # inverse of the penalty on weights
MOST_STRETCHES = 8  # of one text
FEWEST = 100  # a file of fewer rows is not held out


def design(rows: list[Row]) -> tuple[csr_matrix, np.ndarray]:
    """A line a stretch: its n-grams by their number; and each line's row."""
    ends, columns, values, owners = [0], [], [], []
    for at, row in enumerate(rows):
        codes = BareText.of((row.text,)).codes
        for start, end in stretches_of(range(len(codes)))[:MOST_STRETCHES]:
            buckets = np.concatenate(gram_buckets(codes[start:end], BUCKET_BITS))
            columns.append(buckets)
            values.append(np.full(len(buckets), 1 / np.sqrt(max(end - start, SHORT))))
            ends.append(ends[-1] + len(buckets))
            owners.append(at)
    shape = (len(owners), BUCKETS)
    lines = csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape)
    lines.sum_duplicates()
    return lines, np.array(owners)


def train(rows: list[Row]) -> Glance:
    lines, owners = design(rows)
    used = np.unique(lines.indices)
    weights = row_weights(rows)[owners] / np.bincount(owners, minlength=len(rows))[owners]
    truth = np.array([row.is_promotion for row in rows])[owners]
    fitted = LogisticRegression(C=STRENGTH, max_iter=1000).fit(
        lines[:, used], truth, sample_weight=weights
    )
    table = np.zeros(BUCKETS, np.float16)
    table[used] = fitted.coef_[0]
    return Glance(table.astype(np.float32), float(fitted.intercept_[0]), {"version": VERSION})


def measure(rows: list[Row]) -> dict[str, dict[str, float]]:
    """The share of each held-out file's texts that are promising, by label."""
    figures: dict[str, dict[str, float]] = {}
    print(f"{'file left out':24} promising of the positive  of the negative")
    for file, size in sorted(Counter(row.file for row in rows).items()):
        if size < FEWEST:
            continue
        glance = train([row for row in rows if row.file != file])
        shares = {}
        for label in ("positive", "negative"):
            texts = [row.text for row in rows if row.file == file and row.label == label]
            kept = sum(glance.may_promote(BareText.of((text,))) for text in texts)
            if texts:
                shares[label] = round(kept / len(texts), 4)
        figures[file] = shares
        cells = [f"{shares.get(label, float('nan')):22.3f}" for label in ("positive", "negative")]
        print(f"{file:24} {' '.join(cells)}", flush=True)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="measure only, write no weights")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    paths = find_files([place for place in DATA if place.exists()])
    rows = [row for row in load_rows(paths, options.jobs) if row.label != "borderline"]
    figures = measure(rows)
    if options.measure:
        return 0
    glance = train(rows)
    card = {
        "version": VERSION,
        "bias": glance.bias,
        "data": data_digest(paths),
        "files": [path.name for path in paths],
        "features": f"character n-grams of {WIDTH} bare characters, every {STEP}",
        "penalty": STRENGTH,
        "promising_from": PROMISING_FROM,
        "figures": {"files held out": figures},
    }
    arrays = {"weights": glance.weights.astype(np.float16)}
    print(f"written: {write_weights(MODEL_FOLDER, VERSION, arrays, card)}, and the card beside it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
