"""Word boundaries as jieba draws them, for phrases that must stand as words."""

import re
from functools import lru_cache
from math import log

from classifiers.dictionary import dictionary, segmenter

WINDOW = 24  # characters on each side that are read to find a word's boundary

# What jieba cuts in one piece: nothing outside such a run says where the words in it end.
_RUN = re.compile("[\u4e00-\u9fd5a-zA-Z0-9+#&._%-]+")
_RUN_TAIL = re.compile(rf"{_RUN.pattern}\Z")


def stands_as_words(text: str, start: int, end: int) -> bool:
    """Whether word boundaries lie at both ends: those of 保本 in 中保本地 do not."""
    low, high = max(0, start - WINDOW), end + WINDOW
    run = _RUN.match(text, start, high)
    if run is None or run.end() < end:
        return _cut_by_jieba(text[low:high], start - low, end - low)
    before = _RUN_TAIL.search(text[low:start])
    head = before[0] if before else ""
    return _bounded(head + run[0], len(head), len(head) + end - start)


def _cut_by_jieba(window: str, start: int, end: int) -> bool:
    """The same where the phrase itself holds marks."""
    position = 0
    starts_well = start == 0
    for word in segmenter().cut(window, HMM=False):
        starts_well = starts_well or position == start
        position += len(word)
        if position >= end:
            return starts_well and position == end
    return False


# A slogan stands many times in one text, and in the same words in many.
@lru_cache(maxsize=20_000)
def _bounded(run: str, start: int, end: int) -> bool:
    """Whether jieba cuts a run at `start` and at `end`."""
    if not (_may_reach_over(run, start) or _may_reach_over(run, end)):
        return True
    ends = _word_ends(run)
    at = 0
    starts_well = False
    while at < end:
        starts_well = starts_well or at == start
        ahead = ends[at]
        if ahead == at + 1 and _is_letter(run[at]):
            # Single letters and digits that follow one another are one word.
            while ahead < len(run) and ends[ahead] == ahead + 1 and _is_letter(run[ahead]):
                ahead += 1
        at = ahead
    return starts_well and at == end


def _may_reach_over(run: str, at: int) -> bool:
    """Whether a word of the dictionary, or one of single letters, may have a place inside it."""
    if not 0 < at < len(run):
        return False
    if _is_letter(run[at - 1]) and _is_letter(run[at]):
        return True
    words, end = dictionary(), at + 1  # which has the beginnings of its words too
    return any(run[start:end] in words for start in range(at))


def _is_letter(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _word_ends(run: str) -> list[int]:
    """Where the word that begins at each place ends, on the likeliest way from there to the end.

    As jieba reckons it, its order of sums and of ties included.
    """
    words, total = dictionary(), _log_total()
    size = len(run)
    likelihood, ends = [0.0] * (size + 1), [0] * size
    for start in range(size - 1, -1, -1):
        best, best_end = 0.0, 0
        end = start + 1
        word = run[start:end]
        count = words.get(word)
        while count is not None:
            if count:
                likely = log(count) - total + likelihood[end]
                if not best_end or likely >= best:
                    best, best_end = likely, end
            if end == size:
                break
            end += 1
            word = run[start:end]
            count = words.get(word)
        if not best_end:
            best_end = start + 1
            best = log(words.get(run[start]) or 1) - total + likelihood[best_end]
        likelihood[start], ends[start] = best, best_end
    return ends


def _log_total() -> float:
    return log(segmenter().total)
