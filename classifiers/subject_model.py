"""The subject model: which violation pattern a suspect text is most likely a case of.

Rules name what is promised; what it is promised about (a pension flat, a token, a herd) is often
only told. A linear reader of the same hashed n-grams as the stance model's names it. It never
makes a text suspect. Its weights are trained by `benchmarks/train_subject.py`; without the weight
file the rules' own patterns stand alone.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.stance_model import (
    BUCKET_BITS,
    MODEL_FOLDER,
    as_signs,
    distinct_buckets,
    window_around,
)

VERSION = "subject-1"
CELL_BITS = 15
CELLS = 1 << CELL_BITS
READ_CHARS = 1_500  # characters that are read at once

Cells = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Subject:
    """A violation pattern and how sure the model is of it, from 0 to 1."""

    pattern: str
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class SubjectModel:
    """A weight for each cell of n-grams and pattern, the rarity of each cell, and the biases.

    `patterns` are in alphabetical order, as the columns of `weights` are.
    """

    patterns: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    rarity: npt.NDArray[np.float32]
    biases: npt.NDArray[np.float32]
    card: dict[str, Any]

    def likely(self, signs: str, most: int = 2) -> tuple[Subject, ...]:
        """The likeliest subjects of a text in signs (`as_signs`), the first first."""
        cells = cells_of(signs)
        values = self.rarity[cells]
        length = float(np.sqrt(values @ values)) or 1.0
        logits = self.biases + (values / length) @ self.weights[cells]
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")[:most].tolist()
        return tuple(Subject(self.patterns[at], float(shares[at])) for at in order)

    def read(self, text: str, at: int) -> tuple[Subject, ...]:
        """The likeliest subjects of what stands around `at` in a normalised text."""
        return self.likely(as_signs(window_around(text, at, READ_CHARS)))


def cells_of(signs: str) -> Cells:
    """The cells of a text's n-grams, each once."""
    return np.unique(distinct_buckets(signs) >> (BUCKET_BITS - CELL_BITS))


@cache
def load_subjects(folder: Path = MODEL_FOLDER) -> SubjectModel | None:
    """The model in `folder`, or None where there is no weight file.

    Raises `ValueError` for weights that do not fit this reader: a broken file is no absent one.
    """
    path = folder / f"{VERSION}.npy"
    if not path.exists():
        return None
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    table = np.load(path, allow_pickle=False)
    patterns = tuple(card["patterns"])
    if table.shape != (CELLS, len(patterns) + 1) or card["version"] != VERSION:
        raise ValueError(f"{path.name} is not a weight file of {VERSION}")
    biases = np.array(card["biases"], np.float32)
    weights = table[:, 1:].astype(np.float32) * np.float32(card["scale"])
    return SubjectModel(patterns, weights, table[:, 0].astype(np.float32), biases, card)
