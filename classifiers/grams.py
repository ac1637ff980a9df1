"""Hashed n-grams: what the linear readers of characters count."""

from itertools import pairwise

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
    lengths = range(len(wide), max(len(wide) - LONGEST, 0), -1)
    hashes = np.empty(sum(lengths), np.uint64)
    bounds = [0]
    rolling = np.zeros(len(wide), np.uint64)
    for size, length in enumerate(lengths, 1):
        rolling = rolling[:length] * _STEP
        rolling += wide[size - 1 :]
        rolling += np.uint64(size)
        hashes[bounds[-1] : bounds[-1] + length] = rolling
        bounds.append(bounds[-1] + length)
    hashes ^= hashes >> _HALF
    hashes *= _STIR
    hashes >>= np.uint64(_ALL_BITS - bits)
    buckets = hashes.view(np.int64)
    return [buckets[low:high] for low, high in pairwise(bounds)]
