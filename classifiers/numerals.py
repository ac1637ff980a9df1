"""Numbers as people write them in Chinese: digits, characters, and both mixed."""

import re

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6,
           "七": 7, "八": 8, "九": 9, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6,
           "柒": 7, "捌": 8, "玖": 9, "俩": 2, "仨": 3, "幺": 1}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000, "k": 1_000,
          "万": 10_000, "w": 10_000, "亿": 100_000_000}  # fmt: skip
_HAN = "".join(_DIGITS) + "十拾百佰千仟万亿半"

PLAIN = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
CHINESE = rf"[{_HAN}]+(?:点[{''.join(_DIGITS)}]+)?"
# A number in any writing: 12.5, 1,000, 三万六, 3万6, 十三个半, 一点二.
NUMBER = (
    rf"(?:(?:{PLAIN})(?: ?[万千百亿wk](?:(?:{PLAIN})(?![\d%])|[{''.join(_DIGITS)}])?)?|{CHINESE})"
)

_NUMBER = re.compile(NUMBER)
_HALF = 0.5


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
    if point:
        head = _chinese(whole)
        digits = "".join(str(_DIGITS[char]) for char in part if char in _DIGITS)
        return None if head is None or not digits else head + float(f"0.{digits}")
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
