"""Numbers as people write them in Chinese: digits, characters, and both mixed."""

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6,
           "七": 7, "八": 8, "九": 9, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6,
           "柒": 7, "捌": 8, "玖": 9, "俩": 2, "仨": 3, "幺": 1}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000, "k": 1_000,
          "万": 10_000, "w": 10_000, "亿": 100_000_000}  # fmt: skip
_POSITIONAL = {char: str(value) for char, value in _DIGITS.items() if char not in "两俩仨"}
NUMERALS = "".join(_DIGITS) + "十拾百佰千仟万亿"
_HALF = 0.5

_ZERO = "[零〇]"
_ONE = "[一二两三四五六七八九壹贰叁肆伍陆柒捌玖俩仨幺]"
_TEN, _HUNDRED, _THOUSAND = "[十拾]", "[百佰]", "[千仟]"
# What a trailing digit must not run into: a unit of its own makes it the next number, as in
# 三万九十天 (30,000 over 90 days) or 三万六个月.
_ALONE = r"(?![十拾百佰千仟万亿%‰]| ?(?:个(?:月|季|星期|礼拜|工作日|半)|天|年|周|期|月))"
_TENS = f"{_ONE}?{_TEN}{_ONE}?"
_HUNDREDS = f"{_ONE}{_HUNDRED}(?:{_ZERO}{_ONE}|{_ONE}{_TEN}{_ONE}?|{_ONE}{_ALONE})?"
_THOUSANDS = (
    f"{_ONE}{_THOUSAND}(?:{_ZERO}(?:{_ONE}{_TEN}{_ONE}?|{_ONE})|{_HUNDREDS}|{_ONE}{_ALONE})?"
)
_SMALL = f"(?:{_THOUSANDS}|{_HUNDREDS}|{_TENS}|{_ONE})"
_BIG = (
    f"(?:{_SMALL}?[万亿](?:{_ZERO}(?:{_HUNDREDS}|{_ONE}{_TEN}{_ONE}?|{_ONE})|{_THOUSANDS}万?|"
    f"{_ONE}{_ALONE})?)"
)
_PART = f"(?:[点.]{_ONE}{{1,4}})"
CHINESE = f"(?:(?:{_BIG}|{_SMALL}|{_ZERO}){_PART}?)"
_PLAIN = r"(?:\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,4})?|\d{1,12}(?:\.\d{1,6})?)"
_MIXED_TAIL = (
    r"(?: ?个?(?:[万千亿wk]|百(?!分))(?![a-z])(?: ?\d{1,4}(?:\.\d)?[千百]){0,2}"
    rf"(?: ?(?:\d{{1,4}}(?![\d.])|{_ONE}){_ALONE})?)"
)
# Digits of several kinds side by side, as evasion leaves them: 1伍, 五000, 贰陆00.
_DIGIT = "[零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖]"
_SIDE_BY_SIDE = rf"(?:\d{{1,4}}{_DIGIT}{{1,4}}|{_DIGIT}{{1,4}}\d{{1,4}})(?![十拾百佰千仟万亿\d])"
# A count of days or months: a small number that no round unit follows.
COUNT = rf"(?>\d{{1,4}}(?:\.\d{{1,2}})?(?! ?[万千百wk\d.])|{_SMALL}(?![万千百亿]))"
# A number in any writing: 12.5, 1,000, 三万六, 3万6, 一点二. It is never given up in part.
NUMBER = rf"(?>{_SIDE_BY_SIDE}|{_PLAIN}{_MIXED_TAIL}?|{CHINESE})"


def parse_number(text: str) -> float | None:
    """The value of a number in any writing, or None where it is none.

    `3万6` is 36,000: a digit after a unit counts the next smaller power of ten.
    """
    text = text.replace(",", "").replace(" ", "").replace("个", "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        whole, point, part = text.partition("点")
    if not point and "." in text and not text.isascii():
        whole, point, part = text.partition(".") if text[0] in _DIGITS else (text, "", "")
    if point:
        head = _chinese(whole)
        digits = "".join(str(_DIGITS[char]) for char in part if char in _DIGITS)
        return None if head is None or not digits else head + float(f"0.{digits}")
    if all(char in _POSITIONAL or char.isdigit() for char in text):
        return float("".join(_POSITIONAL.get(char, char) for char in text))
    return _chinese(text)


def _chinese(text: str) -> float | None:
    """Value of a mix of digits and characters without a decimal point in characters."""
    total = section = 0.0
    number: float | None = None
    last_unit = 1.0
    for piece in re.findall(r"\d+(?:\.\d+)?|.", text):
        if piece[0].isdigit() and piece[0].isascii():
            number = float(piece)
        elif piece in _DIGITS:
            number = float(_DIGITS[piece]) if not number else number * 10 + _DIGITS[piece]
        elif piece == "半":
            section += _HALF * (last_unit if last_unit > 1 and number is None else 1)
            if number is not None:
                section += number
                number = None
        elif piece in _UNITS:
            unit = float(_UNITS[piece])
            last_unit = unit
            if unit >= 10_000:  # noqa: PLR2004 (万 and 亿 multiply all that stands before them)
                total = (total + section + (number or 0.0) or 1.0) * unit
                section = 0.0
            else:
                section += (1.0 if number is None else number) * unit
            number = None
        else:
            return None
    if number is not None:
        section += number * (last_unit / 10 if _counts_tenths(text, number, last_unit) else 1)
    return total + section


def _counts_tenths(text: str, number: float, last_unit: float) -> bool:
    """Whether a last lone digit counts tenths of the unit before it: 3万6, 一千二, not 一百零五."""
    hundred, ten = 100, 10
    beside_unit = len(text) == 1 or text[-2] in _UNITS
    return last_unit >= hundred and number < ten and "零" not in text[-2:] and beside_unit
