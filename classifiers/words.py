"""Word boundaries by jieba, for phrases that must stand as words."""

from classifiers.dictionary import segmenter

WINDOW = 24  # characters on each side that are read to find a word's boundary


def stands_as_words(text: str, start: int, end: int) -> bool:
    """Whether word boundaries lie at both ends: those of 保本 in 中保本地 do not."""
    low = max(0, start - WINDOW)
    position = low
    starts_well = start == low
    for word in segmenter().cut(text[low : end + WINDOW], HMM=False):
        starts_well = starts_well or position == start
        position += len(word)
        if position >= end:
            return starts_well and position == end
    return False
