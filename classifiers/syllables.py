"""How a Han character sounds: its toneless syllables."""

from functools import cache

from classifiers.pinyin_table import PINYIN

_TONES = str.maketrans(
    "āáǎàēéěèōóǒòīíǐìūúǔùǖǘǚǜüńňǹḿê", "aaaaeeeeooooiiiiuuuuvvvvvnnnme", "\u0300\u0304\u0301\u030c"
)
# Sounds that many speakers do not tell apart, and that disguises therefore mix.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_NASALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@cache
def toneless(spoken: str) -> str:
    """The first reading of `zhòng,zhōng` without its tone."""
    return spoken.partition(",")[0].translate(_TONES)


@cache
def readings(char: str) -> tuple[str, ...]:
    """All toneless readings of a character, the usual one first."""
    spoken = PINYIN.get(ord(char), "")
    return tuple(dict.fromkeys(toneless(one) for one in spoken.split(",") if one))


@cache
def merged(syllable: str) -> str:
    """The syllable as a careless speaker says it: zhang is zan."""
    for sound, plain in _MERGED:
        if syllable.startswith(sound):
            syllable = plain + syllable[len(sound) :]
            break
    for sound, plain in _NASALS:
        if syllable.endswith(sound):
            return syllable[: -len(sound)] + plain
    return syllable
