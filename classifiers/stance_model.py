"""The stance model: a linear reader of hashed character n-grams and words, in numpy alone.

It reads a window of normalised text, in which sums, terms and numbers are one sign each. What the
rules found there it is not told: they were written by people who had the training texts in sight,
and a model that leans on them reads other texts worse. Its weights are trained by
`benchmarks/train_stance.py`; without the weight file there is no model and the rules stand alone.
"""

import math
import re
import threading
import zlib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from classifiers.grams import Buckets, Weights, gram_buckets
from classifiers.quantities import AMOUNT, TERM
from classifiers.weight_file import MODEL_FOLDER, read_weights

VERSION = "stance-3"
BUCKET_BITS = 19
BUCKETS = 1 << BUCKET_BITS
WINDOW = 600  # characters that are read at once
_PAIR = "|"  # stands in no window in signs
MOST_NAMED = 4  # n-grams an explanation names
MOST_WEIGHED = 48  # of the strongest n-grams, which nearly always suffice to name so many
SUM, PERIOD, NUMBER, ADDRESS = "Ⓐ", "Ⓣ", "Ⓝ", "Ⓤ"
SHOWN = {SUM: "〈金额〉", PERIOD: "〈期限〉", NUMBER: "〈数字〉", ADDRESS: "〈网址〉", " ": "·"}

_own = threading.local()

_URL = re.compile(
    r"(?:https?://|www\.)[\w./?=&%-]+|[a-z0-9-]+\.(?:com|cn|cc|net|top|vip)\b[\w./?=&%-]*"
)
# Placeholders that publishers of message collections put in place of numbers and names.
_MASKED = re.compile(
    r"(?:digit|name|place|url|cellphone|phone|email|date|time|bank|org)+"
    r"|(?<![a-z])[\dx]*x[\dx]*(?:\.[\dx]+)*(?![a-z])"
)
_LATIN = re.compile("[a-z]")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*|[一二三四五六七八九十百千万亿两零〇]+")
_PERCENT = re.compile(f"百分之{NUMBER}?|{NUMBER}?%")
_MARKS = re.compile(f"[^\\w%{SUM}{PERIOD}{NUMBER}{ADDRESS}]+")


@dataclass(frozen=True, slots=True)
class ModelReading:
    """The calibrated log-odds that a window promotes, and the window in signs."""

    logit: float
    signs: str

    @property
    def probability(self) -> float:
        """The chance that the window is a promotion."""
        return 1.0 / (1.0 + math.exp(-self.logit))


class Vocabulary:
    """The words that a model knows; where they overlap, the first and longest is read."""

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self.words = words
        longest = ahocorasick_rs.MatchKind.LeftmostLongest
        self._finder = ahocorasick_rs.AhoCorasick(words, matchkind=longest, store_patterns=False)

    def buckets(self, signs: str) -> Buckets:
        """The buckets of a window's words and of each two units that follow one another.

        A unit is a word, or a character that belongs to none.
        """
        words: list[str] = []
        units: list[str] = []
        at = 0
        for _, start, end in self._finder.find_matches_as_indexes(signs):
            units += signs[at:start]
            words.append(signs[start:end])
            units.append(words[-1])
            at = end
        units += signs[at:]
        found = {*words, *map(_PAIR.join, pairwise(units))}
        return np.fromiter(map(_unit_bucket, found), np.int64, len(found))


@dataclass(frozen=True, slots=True, eq=False)
class StanceModel:
    """Weights and rarity by bucket, the bias, the card that says where they come from, and words.

    `rarity` is the smoothed inverse document frequency of a bucket's n-grams in the training
    texts, 0 for those that were too few to learn from.
    """

    weights: Weights
    rarity: Weights
    bias: float
    card: dict[str, Any]
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def score(self, signs: str) -> float:
        """The log-odds of a window in signs (`as_signs`)."""
        buckets = distinct_buckets(signs, self.vocabulary.buckets(signs))
        rarity = self.rarity[buckets]
        length = math.sqrt(float(rarity @ rarity))
        total = float(self.weights[buckets] @ rarity) / length if length else 0.0
        return self.bias + total

    def read(self, window: str) -> ModelReading:
        """The reading of a window of normalised text."""
        signs = as_signs(window)
        return ModelReading(self.score(signs), signs)

    def explain(self, reading: ModelReading) -> tuple[str, ...]:
        """The n-grams that drew a reading most into its direction, none part of another."""
        drawn = self._drawn(reading)
        values = np.sort(np.concatenate([np.zeros(1), *(pulls for _, pulls in drawn)]))
        for most in (MOST_WEIGHED, len(values)):  # all of them where the strongest do not suffice
            named = _strongest(reading.signs, drawn, float(values[-most:][0]))
            if len(named) == MOST_NAMED:
                break
        return tuple("".join(SHOWN.get(sign, sign) for sign in gram) for gram in named)

    def _drawn(self, reading: ModelReading) -> list[tuple[int, Weights]]:
        """By the size of n-grams from two on, how far each draws the reading its way."""
        direction = np.float32(math.copysign(1.0, reading.logit))
        return [
            (size, self.weights[buckets] * self.rarity[buckets] * direction)
            for size, buckets in enumerate(sign_buckets(reading.signs), 1)
            if size > 1
        ]


def _strongest(signs: str, drawn: list[tuple[int, Weights]], least: float) -> list[str]:
    """The n-grams that draw most, and at least so far, none part of another."""
    pulls: dict[str, float] = {}
    for size, drawing in drawn:
        for at in ((drawing >= least) & (drawing > 0)).nonzero()[0].tolist():
            pulls[signs[at : at + size]] = float(drawing[at])
    named: list[str] = []
    for gram in sorted(pulls, key=lambda gram: (-pulls[gram], gram)):
        if len(named) == MOST_NAMED:
            break
        if gram == gram.strip() and not any(gram in other or other in gram for other in named):
            named.append(gram)
    return named


@cache
def load_model(folder: Path = MODEL_FOLDER) -> StanceModel | None:
    """The model in `folder`, or None where there is no weight file.

    Raises `ValueError` for weights that do not fit this reader: a broken file is no absent one.
    """
    shapes: dict[str, tuple[int | None, ...]] = {
        "weights": (BUCKETS,),
        "rarity": (BUCKETS,),
        "words": (None,),
    }
    found = read_weights(folder, VERSION, shapes)
    if found is None:
        return None
    arrays, card = found
    weights, rarity = (arrays[name].astype(np.float32) for name in ("weights", "rarity"))
    words = tuple(arrays["words"].tobytes().decode().split("\n"))
    return StanceModel(weights, rarity, float(card["bias"]), card, Vocabulary(words))


def window_around(length: int, at: int, width: int = WINDOW) -> range:
    """The stretch of a text of that length that is read for what stands at `at`."""
    low = max(0, min(at - width // 2, length - width))
    return range(low, min(low + width, length))


def as_signs(window: str) -> str:
    """A window as the model sees it: one sign a sum, term, number and address; marks are gaps."""
    signs = window.lower()
    if _LATIN.search(signs) is not None:
        signs = _MASKED.sub("8", _URL.sub(ADDRESS, signs))
    signs = TERM.sub(PERIOD, AMOUNT.sub(SUM, signs))
    signs = _PERCENT.sub("%", _NUMBER.sub(NUMBER, signs))
    return _MARKS.sub(" ", signs)


def sign_buckets(signs: str) -> list[Buckets]:
    """The buckets of a window's n-grams by length; half surrogate pairs are a mark like any."""
    codes = np.frombuffer(signs.encode("utf-32-le", "replace"), "<u4")
    return gram_buckets(codes, BUCKET_BITS)


@lru_cache(maxsize=100_000)
def _unit_bucket(unit: str) -> int:
    return zlib.crc32(unit.encode("utf-8", "replace")) % BUCKETS


def distinct_buckets(signs: str, further: Buckets | None = None) -> Buckets:
    """The buckets of a window's n-grams and `further` ones, each once, in no order."""
    grams = sign_buckets(signs)
    if further is not None:
        grams.append(further)
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
