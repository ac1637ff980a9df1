"""Keywords of a text for the digest, by jieba's TF-IDF over its own frequency tables."""

import logging
import re

import jieba
import jieba.analyse

jieba.setLogLevel(logging.WARNING)

MOST_KEYWORDS = 8
LONGEST_READ = 20_000
_WORD = re.compile(r"[\u3400-\u9fff]{2,}|[A-Za-z][A-Za-z0-9]{2,}")


def keywords(text: str, most: int = MOST_KEYWORDS) -> tuple[str, ...]:
    """Up to `most` telling words of a text, the most telling first; never numbers or contacts."""
    tags = jieba.analyse.extract_tags(text[:LONGEST_READ], topK=most * 3)
    return tuple(tag for tag in tags if _WORD.fullmatch(tag))[:most]
