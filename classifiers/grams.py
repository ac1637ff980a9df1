"""Hashed n-grams: what the linear readers of characters count."""

import numpy as np
import numpy.typing as npt

from classifiers.char_classes import Codes

LONGEST = 3  # characters of an n-gram
Buckets = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]

_STEP, _STIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_HALF, _ALL_BITS = np.uint64(32), 64


def gram_buckets(codes: Codes, bits: int) -> list[Buckets]:
    """The bucket, of 2 to the power of `bits`, of the n-gram that starts at each place.

    One array for each length from 1 on, as far as the text is long enough.
    """
    wide = codes.astype(np.uint64)
    top = np.uint64(_ALL_BITS - bits)
    rolling = np.zeros(len(wide), np.uint64)
    found = []
    for size in range(1, min(LONGEST, len(wide)) + 1):
        rolling = rolling[: len(wide) - size + 1] * _STEP + wide[size - 1 :] + np.uint64(size)
        stirred = (rolling ^ (rolling >> _HALF)) * _STIR
        found.append((stirred >> top).astype(np.int64))
    return found
