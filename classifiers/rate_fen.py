"""Interest in the old units: 分, 厘 and 毛, and so many of ten thousand a day."""

import re
from collections.abc import Iterator

from classifiers.numerals import NUMBER, NUMERALS, parse_number
from classifiers.rate_words import Found

_FEN_MARK = re.compile("[分厘毛角]")
_BEFORE_FEN = re.compile(rf"[\d{NUMERALS}] ?$|[息利返入月年] ?$")
DAILY_ANCHOR = re.compile(r"日息|日化|日返|日利|每天|每日|天天|一天|日收益")
_UNITS = "分半|分|厘半|厘|毛|角"
_ONE = "[一二两三四五六七八九壹贰叁肆伍陆柒捌玖]"
_AMOUNT = rf"(?:(?P<n>{NUMBER}) ?(?P<unit>{_UNITS})|(?P<half>分半))(?P<small>{_ONE}|\d)?(?:(?P<li>{_ONE}|\d)?厘)?"
_PERIOD = r"(?P<period>年利息|月利息|日利息|月息|月利|月返|月入|年息|年利|日息|日利|(?:利息|息|利)(?:按|每个?)月|利息|息|每个?月|一个?月|每年|一年|月|年|日)"
_FEN = re.compile(
    rf"(?:{_PERIOD}(?:率|高?达|为|是|给|按|付|:|：|就是|能有|能拿|下来|给你|给您)?)? ?(?<![\d.{NUMERALS}])"
    rf"(?:(?P<low>{NUMBER}) ?(?P<lowunit>{_UNITS})(?P<lowsmall>{_ONE}|\d)? ?(?:到|至|-|~|—|～) ?)?"
    rf"{_AMOUNT}(?P<tail>利息?|钱?(?:的)?(?P<later>年|月|日)?(?:利|息))?"
    r"(?!钟|之|店|公司|期|享|析|布|配|红|成|部|局|米|散|手|贝|泌|行|批|校|院|区|组|数|值|别|类|班|流|辨|工|厂|笔|毛|\d|,\d|\.\d)"
)  # fmt: skip
_GIVEN = re.compile(r"(?:给|拿|吃|开|付)(?:[您你]|到|出)? ?$")
_SURE_PERIOD = re.compile("[年月日](?:利息|息|利)|月返|月入|(?:利息|息)(?:[按每].*)?|利[按每].*")
_OF_ONE = {"分": 1.0, "厘": 0.1, "毛": 10.0, "角": 10.0}
_OF_ONE_YEARLY = {"分": 10.0, "厘": 1.0, "毛": 100.0, "角": 100.0}
_MOST = 20  # more is money, not interest
_WAN_FEN = re.compile(
    r"(?:日息|日化|日返|日利率?|日收益率?|每天|每日|天天|一天)[^，。；\d]{0,6}?"
    rf"(?P<scale>万|千)(?:分之?)?(?P<n>{_ONE}(?:点{_ONE})?|\d{{1,3}}(?:\.\d{{1,3}})?)(?P<half>半)?"
    r"(?![\d元块万千百十台人个份])"
)
_SCALES = {"万": 0.01, "千": 0.1}


def fen_marks(text: str) -> Iterator[tuple[int, int]]:
    """Where interest in the old units may stand."""
    for mark in _FEN_MARK.finditer(text):
        if _BEFORE_FEN.search(text[max(0, mark.start() - 2) : mark.start()]):
            yield mark.span()


def find_fen(text: str, low: int, high: int) -> Iterator[Found]:
    """月息两分, 年息8厘, 一毛的利."""
    for match in _FEN.finditer(text, low, high):
        period, tail = match["period"] or "", match["tail"]
        given = bool(match["small"] or match["half"]) and _GIVEN.search(
            text, max(0, match.start() - 4), match.start()
        )
        if not (
            tail or given or _SURE_PERIOD.fullmatch(period) or _is_plainly_interest(match, period)
        ):
            continue
        number = _amount(match)
        if number is None or not 0 < number <= _MOST:
            continue
        least = _least(match)
        yield _annual(match, match["later"] or period, number, least)


def _is_plainly_interest(match: re.Match[str], period: str) -> bool:
    """`一个月给一分五`, `月 8厘`: a period, and an amount that only interest has."""
    if not period:
        return False
    return bool(match["small"] or match["half"] or (match["unit"] or "").startswith("厘"))


def _amount(match: re.Match[str]) -> float | None:
    """How many 分 are meant; 厘 and 毛 are counted in their own unit."""
    if match["half"]:
        return 1.5
    number = parse_number(match["n"])
    if number is None:
        return None
    number += 0.5 if match["unit"].endswith("半") else 0.0
    for part in ("small", "li"):
        if match[part]:
            number += (parse_number(match[part]) or 0.0) / 10
            break
    return number


def _least(match: re.Match[str]) -> float | None:
    if not match["low"]:
        return None
    number = (parse_number(match["low"]) or 0.0) + (0.5 if match["lowunit"].endswith("半") else 0)
    return number + (parse_number(match["lowsmall"]) or 0.0) / 10 if match["lowsmall"] else number


def _annual(match: re.Match[str], period: str, number: float, least: float | None) -> Found:
    unit = (match["unit"] or "分")[0]
    span = match.start(), match.end()
    if "年" in period:
        scale = _OF_ONE_YEARLY[unit]
        return Found(*span, number * scale, least * scale if least else None, "year", None)
    scale = _OF_ONE[unit]
    if period.startswith("日"):
        value = number * scale * 365
        # By the old rule a daily 分 is a thousandth; in street loans it is a hundredth.
        return Found(*span, value, (least or number) * scale * 36.5, "day",
                     "日息“分”“厘”有百分、千分两种口径，并列两值，按单利×365折算")  # fmt: skip
    said = "按单利×12折算" + (
        "" if "月" in period or period.startswith(("每", "一")) else "；未说明周期，按月息理解"
    )
    return Found(*span, number * scale * 12, least * scale * 12 if least else None, "month", said)


def find_per_ten_thousand(text: str, low: int, high: int) -> Iterator[Found]:
    """日息万五, 每天千三."""
    for match in _WAN_FEN.finditer(text, low, high):
        number = parse_number(match["n"])
        if number:
            number += 0.5 if match["half"] else 0.0
            yield Found(match.start(), match.end(), number * _SCALES[match["scale"]] * 365, None,
                        "day", "按单利×365折算")  # fmt: skip
