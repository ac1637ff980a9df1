"""The glance: which stretches of a bare text read as if they might promote.

A linear reader of hashed character n-grams that costs a few additions a character. Where neither a
rule nor anything else calls for the stance model, the glance says what the model shall read. It
never makes a text suspect. Its weights are trained by `benchmarks/train_glance.py`; without the
weight file the model reads what the rules point at.
"""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.bare import JOINT, BareText
from classifiers.grams import Weights, gram_buckets
from classifiers.weight_file import MODEL_FOLDER, read_weights

VERSION = "glance-1"
BUCKET_BITS = 17
BUCKETS = 1 << BUCKET_BITS
WIDTH, STEP = 160, 80  # bare characters that are read at once, and from one stretch to the next
SHORT = 20  # a shorter text counts as if it had as many characters
PROMISING_FROM = -0.5  # log-odds; the training prints what it lets go
# Taken off for each natural logarithm of a text's stretches: of many, one reads well by chance.
CHANCE = 0.5
Logits = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bare characters `start`-`end` of a text, and the log-odds that they promote.

    In a text of several stretches these are less, by what chance makes of the best of them.
    """

    start: int
    end: int
    logit: float


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A weight for each bucket, the bias, and the card that says where they come from."""

    weights: Weights
    bias: float
    card: dict[str, Any]

    def may_promote(self, text: BareText) -> bool:
        """Whether any of the joined texts has a promising stretch."""
        _, logits = self._logits(text)
        return bool((logits >= PROMISING_FROM).any())

    def promising(self, text: BareText) -> list[Stretch]:
        """The promising stretches, the likeliest first."""
        found = self._stretches(text, PROMISING_FROM)
        return sorted(found, key=lambda stretch: -stretch.logit)

    def read(self, text: BareText) -> list[Stretch]:
        """All stretches of the joined texts; none reaches from one text into the next."""
        return self._stretches(text, -math.inf)

    def _stretches(self, text: BareText, least: float) -> list[Stretch]:
        bounds, logits = self._logits(text)
        places = (logits >= least).nonzero()[0].tolist()
        return [Stretch(*bounds[place], float(logits[place])) for place in places]

    def _logits(self, text: BareText) -> tuple[list[tuple[int, int]], Logits]:
        """All stretches of the joined texts, and the log-odds of each."""
        parts = [stretches_of(part) for part in _parts(text)]
        bounds = [bound for part in parts for bound in part]
        if not bounds:
            return [], np.zeros(0)
        grams = gram_buckets(text.codes, BUCKET_BITS)
        if bounds == [(0, len(text.codes))]:
            total = self.weights[np.concatenate(grams)].sum(dtype=np.float64)
            return bounds, np.array([self.bias + total / math.sqrt(max(bounds[0][1], SHORT))])
        starts, ends = np.array(bounds).T
        chance = [CHANCE * math.log(len(part)) for part in parts for _ in part]
        totals = np.zeros(len(bounds))
        for size, buckets in enumerate(grams, 1):
            sums = np.zeros(len(buckets) + 1)
            self.weights[buckets].cumsum(dtype=np.float64, out=sums[1:])
            lows = np.minimum(starts, len(buckets))
            totals += sums[np.maximum(ends - size + 1, lows)] - sums[lows]
        return bounds, self.bias + totals / np.sqrt(np.maximum(ends - starts, SHORT)) - chance


def _parts(text: BareText) -> list[range]:
    """Where each of the joined texts stands."""
    starts = (0, *(joint + len(JOINT) for joint in text.joints))
    return list(map(range, starts, (*text.joints, len(text.codes))))


def stretches_of(part: range) -> list[tuple[int, int]]:
    """The overlapping stretches that a text is read in."""
    if len(part) <= WIDTH:
        return [(part.start, part.stop)] if part else []
    return [
        (start, min(start + WIDTH, part.stop))
        for start in range(part.start, part.stop - STEP, STEP)
    ]


@cache
def load_glance(folder: Path = MODEL_FOLDER) -> Glance | None:
    """The glance in `folder`, or None where there is no weight file.

    Raises `ValueError` for weights that do not fit: a broken file is no absent one.
    """
    found = read_weights(folder, VERSION, {"weights": (BUCKETS,)})
    if found is None:
        return None
    arrays, card = found
    return Glance(arrays["weights"].astype(np.float32), float(card["bias"]), card)
