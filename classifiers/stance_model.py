"""The stance model: a linear reader of hashed character n-grams, in numpy alone.

It reads a window of normalised text, in which sums, terms and numbers are one sign each, together
with the ids of the stance evidence that the rules found there. Its weights are trained by
`benchmarks/train_stance.py`; without the weight file there is no model and the rules stand alone.
"""

import math
import re
import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.quantities import AMOUNT, TERM
from classifiers.weight_file import MODEL_FOLDER, read_weights

VERSION = "stance-2"
BUCKET_BITS = 18
BUCKETS = 1 << BUCKET_BITS
LONGEST = 3  # characters of an n-gram
WINDOW = 600  # characters that are read at once
MARK_VALUE = 0.2  # what a piece of evidence weighs beside n-grams of unit length
MOST_NAMED = 4  # n-grams an explanation names
SUM, PERIOD, NUMBER, ADDRESS = "Ⓐ", "Ⓣ", "Ⓝ", "Ⓤ"
SHOWN = {SUM: "〈金额〉", PERIOD: "〈期限〉", NUMBER: "〈数字〉", ADDRESS: "〈网址〉", " ": "·"}

_own = threading.local()

Buckets = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]

_URL = re.compile(
    r"(?:https?://|www\.)[\w./?=&%-]+|[a-z0-9-]+\.(?:com|cn|cc|net|top|vip)\b[\w./?=&%-]*"
)
# Placeholders that publishers of message collections put in place of numbers and names.
_MASKED = re.compile(
    r"(?:digit|name|place|url|cellphone|phone|email|date|time|bank|org)+"
    r"|(?<![a-z])[\dx]*x[\dx]*(?:\.[\dx]+)*(?![a-z])"
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*|[一二三四五六七八九十百千万亿两零〇]+")
_PERCENT = re.compile(f"百分之{NUMBER}?|{NUMBER}?%")
_MARKS = re.compile(f"[^\\w%{SUM}{PERIOD}{NUMBER}{ADDRESS}]+")
_STEP, _STIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_HALF, _TOP = np.uint64(32), np.uint64(64 - BUCKET_BITS)


@dataclass(frozen=True, slots=True)
class ModelReading:
    """The calibrated log-odds that a window promotes, and the window in signs."""

    logit: float
    signs: str

    @property
    def probability(self) -> float:
        """The chance that the window is a promotion."""
        return 1.0 / (1.0 + math.exp(-self.logit))


@dataclass(frozen=True, slots=True, eq=False)
class StanceModel:
    """Weights and rarity by bucket, the bias, and the card that says where they come from.

    `rarity` is the smoothed inverse document frequency of a bucket's n-grams in the training
    texts, 0 for those that were too few to learn from.
    """

    weights: Weights
    rarity: Weights
    bias: float
    card: dict[str, Any]

    def score(self, signs: str, marks: Iterable[str] = ()) -> float:
        """The log-odds of a window in signs (`as_signs`) with its evidence ids."""
        buckets = distinct_buckets(signs)
        rarity = self.rarity[buckets]
        length = math.sqrt(float(rarity @ rarity))
        total = float(self.weights[buckets] @ rarity) / length if length else 0.0
        evidence = sum(float(self.weights[mark_bucket(mark)]) for mark in marks)
        return self.bias + total + MARK_VALUE * evidence

    def read(self, window: str, marks: Iterable[str] = ()) -> ModelReading:
        """The reading of a window of normalised text."""
        signs = as_signs(window)
        return ModelReading(self.score(signs, marks), signs)

    def explain(self, reading: ModelReading) -> tuple[str, ...]:
        """The n-grams that drew a reading most into its direction, none part of another."""
        signs, direction = reading.signs, math.copysign(1.0, reading.logit)
        pulls: dict[str, float] = {}
        for size, buckets in enumerate(gram_buckets(signs), 1):
            if size > 1:
                for at, weight in enumerate(
                    (self.weights[buckets] * self.rarity[buckets]).tolist()
                ):
                    pulls[signs[at : at + size]] = weight * direction
        named: list[str] = []
        for gram in sorted(pulls, key=lambda gram: (-pulls[gram], gram)):
            if pulls[gram] <= 0 or len(named) == MOST_NAMED:
                break
            if gram == gram.strip() and not any(gram in other or other in gram for other in named):
                named.append(gram)
        return tuple("".join(SHOWN.get(sign, sign) for sign in gram) for gram in named)


@cache
def load_model(folder: Path = MODEL_FOLDER) -> StanceModel | None:
    """The model in `folder`, or None where there is no weight file.

    Raises `ValueError` for weights that do not fit this reader: a broken file is no absent one.
    """
    found = read_weights(folder, VERSION, {"weights": (BUCKETS,), "rarity": (BUCKETS,)})
    if found is None:
        return None
    arrays, card = found
    weights, rarity = (arrays[name].astype(np.float32) for name in ("weights", "rarity"))
    return StanceModel(weights, rarity, float(card["bias"]), card)


def window_around(text: str, at: int, width: int = WINDOW) -> str:
    """The stretch of a text that is read for what stands at `at`."""
    low = max(0, min(at - width // 2, len(text) - width))
    return text[low : low + width]


def as_signs(window: str) -> str:
    """A window as the model sees it: one sign a sum, term, number and address; marks are gaps."""
    signs = _MASKED.sub("8", _URL.sub(ADDRESS, window.lower()))
    signs = TERM.sub(PERIOD, AMOUNT.sub(SUM, signs))
    signs = _PERCENT.sub("%", _NUMBER.sub(NUMBER, signs))
    return _MARKS.sub(" ", signs)


def gram_buckets(signs: str) -> list[Buckets]:
    """The bucket of the n-gram that starts at each place, for each length from 1 on."""
    codes = np.frombuffer(signs.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    rolling = np.zeros(len(codes), np.uint64)
    found = []
    for size in range(1, min(LONGEST, len(codes)) + 1):
        rolling = rolling[: len(codes) - size + 1] * _STEP + codes[size - 1 :] + np.uint64(size)
        stirred = (rolling ^ (rolling >> _HALF)) * _STIR
        found.append((stirred >> _TOP).astype(np.int64))
    return found


def distinct_buckets(signs: str) -> Buckets:
    """The buckets of a window's n-grams, each once, in no order."""
    grams = gram_buckets(signs)
    if not grams:
        return np.zeros(0, np.int64)
    buckets = np.concatenate(grams)
    places = np.arange(len(buckets), dtype=np.int32)
    last = _last_places()  # only what is written now is read
    last[buckets] = places
    distinct: Buckets = buckets[last[buckets] == places]
    return distinct


def _last_places() -> npt.NDArray[np.int32]:
    """A table by bucket that each thread uses again and again."""
    table: npt.NDArray[np.int32] | None = getattr(_own, "places", None)
    if table is None:
        table = _own.places = np.zeros(BUCKETS, np.int32)
    return table


def mark_bucket(mark: str) -> int:
    """The bucket of a piece of evidence, by its id."""
    return zlib.crc32(mark.encode()) % BUCKETS
