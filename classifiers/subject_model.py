"""The subject model: which violation pattern a suspect text is most likely a case of.

Rules name what is promised; what it is promised about (a pension flat, a token, a herd) is often
only told. A linear reader of the same hashed n-grams as the stance model's names it. It never
makes a text suspect. Its weights are trained by `benchmarks/train_subject.py`; without the weight
file the rules' own patterns stand alone.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.stance_model import BUCKET_BITS, as_signs, distinct_buckets, window_around
from classifiers.weight_file import MODEL_FOLDER, read_weights

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

    def logits(self, cells: Cells) -> npt.NDArray[Any]:
        """The unscaled log-odds of each pattern for a text with these cells."""
        values = self.rarity[cells]
        length = float(np.sqrt(values @ values)) or 1.0
        found: npt.NDArray[Any] = self.biases + (values / length) @ self.weights[cells]
        return found

    def likely(self, signs: str, most: int = 2) -> tuple[Subject, ...]:
        """The likeliest subjects of a text in signs (`as_signs`), the first first."""
        logits = self.logits(cells_of(signs))
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")[:most].tolist()
        return tuple(Subject(self.patterns[at], float(shares[at])) for at in order)

    def read(self, text: str, at: int) -> tuple[Subject, ...]:
        """The likeliest subjects of what stands around `at` in a normalised text."""
        read = window_around(len(text), at, READ_CHARS)
        return self.likely(as_signs(text[read.start : read.stop]))


def cells_of(signs: str) -> Cells:
    """The cells of a text's n-grams, each once."""
    return np.unique(distinct_buckets(signs) >> (BUCKET_BITS - CELL_BITS))


@cache
def load_subjects(folder: Path = MODEL_FOLDER) -> SubjectModel | None:
    """The model in `folder`, or None where there is no weight file.

    Raises `ValueError` for weights that do not fit this reader: a broken file is no absent one.
    """
    shapes = {"steps": (CELLS, None), "scale": (), "rarity": (CELLS,), "biases": (None,)}
    found = read_weights(folder, VERSION, shapes)
    if found is None:
        return None
    arrays, card = found
    weights = arrays["steps"].astype(np.float32) * arrays["scale"]
    rarity = arrays["rarity"].astype(np.float32)
    return SubjectModel(tuple(card["patterns"]), weights, rarity, arrays["biases"], card)
