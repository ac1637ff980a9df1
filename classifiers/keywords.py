"""Keywords of a text for the digest, by jieba's TF-IDF over its own frequency tables."""

import re
import warnings
from functools import cache
from importlib import import_module
from typing import Any

from classifiers.dictionary import segmenter

MOST_KEYWORDS = 8
LONGEST_READ = 20_000
_WORD = re.compile(r"[\u3400-\u9fff]{2,}|[A-Za-z][A-Za-z0-9]{2,}")


def keywords(text: str, most: int = MOST_KEYWORDS) -> tuple[str, ...]:
    """Up to `most` telling words of a text, the most telling first; never numbers or contacts."""
    tags = _analyser().extract_tags(text[:LONGEST_READ], topK=most * 3)
    return tuple(tag for tag in tags if _WORD.fullmatch(tag))[:most]


@cache
def _analyser() -> Any:
    segmenter()
    with warnings.catch_warnings():  # jieba leaves its table's file to be closed by the collector
        warnings.simplefilter("ignore", ResourceWarning)
        return import_module("jieba.analyse")
