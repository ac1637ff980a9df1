"""Promised returns: each expression verbatim, with its simple annual percentage and assumption.

Formulas: monthly × 12, weekly × 52, quarterly × 4, daily × 365 (simple interest); a gain over a
term × 365 / days; instalments by the internal rate of return. An expression that lacks what the
arithmetic needs says so in `assumption`; it is never completed in silence.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classifiers.normalize import NormalText
from classifiers.numerals import NUMBER, parse_number
from classifiers.rate_deals import find_deals
from classifiers.rate_words import (
    LOAN,
    NOT_A_RETURN,
    PER_YEAR,
    PERIODS,
    RETURN,
    Found,
    days_of,
)
from core.records import Rate

_PCT = rf"(?:(?P<pct>{NUMBER}) ?(?:%|个点(?!赞|位|心)|个百分点|个半点)|百分之(?P<han>{NUMBER})|(?P<per>万|千)分之(?P<part>{NUMBER})|(?P<part2>{NUMBER}) ?‰)"
_TO = r" ?(?:-|~|—|－|–|至|到|或) ?"
_RANGE = rf"(?:(?:百分之)?(?P<low>{NUMBER}) ?%?{_TO}(?=(?:百分之)?{NUMBER} ?(?:%|个点|，|,|。|$)))?"
_PERCENT = re.compile(_RANGE + _PCT)
_BARE_YEARLY = re.compile(
    rf"(?:年化(?:收益率?|利率|回报率?)?|年利率?|年收益率?|年回报率?)(?:高?达|为|是|约|在|:|：)? ?(?:(?P<low>{NUMBER}){_TO})?(?P<n>{NUMBER})(?! ?[%万千百元天个年月日倍号位期人\d])"
)
_FEN = re.compile(
    rf"(?P<period>月息|月利|月返|年息|年利|日息|利息|息|每月|月)?(?:高?达|为|是|给|按|:|：)? ?(?P<n>{NUMBER}) ?(?P<unit>分半|分|厘半|厘|毛)(?P<tail>利息?|的?利|息)?(?!钟|之|店|公司|期|享|析|布|配|红|成|部|局|米|散|手|贝|泌|行|厘|\d)"
)
_WAN_FEN = re.compile(
    rf"(?:日息|日化|日返|日利率?|每天|每日|天天|一天)[^，。；\d]{{0,6}}?万(?:分之)?(?P<n>{NUMBER})(?![元块万千])"
)
_NEAR = 14
_SCALE = {"万": 0.01, "千": 0.1}


@dataclass(frozen=True, slots=True)
class _Nearby:
    """The words of the clause around a percentage, before and after it."""

    before: str
    after: str


def find_rates(normal: NormalText) -> tuple[Rate, ...]:
    """All promised returns of a text, in order; offsets count in the original."""
    text = normal.text
    found: list[Found] = []
    for finder in _FINDERS:
        for rate in finder(text):
            if not any(rate.start < other.end and other.start < rate.end for other in found):
                found.append(rate)
    return tuple(_as_rate(normal, rate) for rate in sorted(found, key=lambda rate: rate.start))


def _as_rate(normal: NormalText, found: Found) -> Rate:
    start, end = normal.span(found.start, found.end)
    return Rate(
        quote=normal.original[start:end],
        start=start,
        end=end,
        annual_pct=None if found.pct is None else round(found.pct, 2),
        basis=found.basis,
        assumption=found.assumption,
        annual_pct_min=None if found.low is None else round(found.low, 2),
    )


def _percentages(text: str) -> Iterator[Found]:
    for match in _PERCENT.finditer(text):
        value = _percent_value(match)
        if value is None or value <= 0:
            continue
        near = _nearby(text, match.start(), match.end())
        period = _period(near)
        words = near.before + "|" + near.after
        promised = bool(RETURN.search(words)) or (
            period is not None and (bool(match["per"]) or bool(PER_YEAR.search(near.before)))
        )
        if not promised or NOT_A_RETURN.search(_tight(near)):
            continue
        low = parse_number(match["low"]) if match["low"] else None
        yield from _annualised(match, value, low, period, near)


def _annualised(
    match: re.Match[str], value: float, low: float | None, period: str | None, near: _Nearby
) -> Iterator[Found]:
    loan = "按借款利率计" if LOAN.search(near.before + near.after) else None
    if period is None:
        term = days_of(near.before, near.after)
        if term is None:
            yield Found(match.start(), match.end(), value, low, "unknown",
                        "未说明计息周期，按年化理解")  # fmt: skip
            return
        factor = 365 / term
        said = f"{term:g}天收益，按365天折算"
        yield Found(match.start(), match.end(), value * factor,
                    low * factor if low else None, "term", said)  # fmt: skip
        return
    name, factor, said = PERIODS[period]
    assumption = "；".join(filter(None, (said, loan))) or None
    yield Found(match.start(), match.end(), value * factor, low * factor if low else None,
                name, assumption)  # fmt: skip


def _percent_value(match: re.Match[str]) -> float | None:
    if match["per"]:
        part = parse_number(match["part"])
        return None if part is None else part * _SCALE[match["per"]]
    if match["part2"]:
        part = parse_number(match["part2"])
        return None if part is None else part * _SCALE["千"]
    number = parse_number(match["pct"] or match["han"] or "")
    if number is not None and "个半点" in match[0]:
        number += 0.5
    return number


def _nearby(text: str, start: int, end: int) -> _Nearby:
    before = re.split(r"[。！？!?；;\n]", text[max(0, start - _NEAR - 6) : start])[-1]
    after = re.split(r"[。！？!?；;\n，,、]", text[end : end + _NEAR])[0]
    return _Nearby(before[-_NEAR - 6 :], after)


def _tight(near: _Nearby) -> str:
    """The words right beside the percentage, which say what it is a percentage of."""
    clause = re.split(r"[，,、：:（(]", near.before)[-1]
    return f"{clause[-10:]}|{near.after[:8]}"


def _period(near: _Nearby) -> str | None:
    """Which period a percentage counts for: said right after it, else nearest before it."""
    after = near.after
    for name, pattern in _AFTER.items():
        if pattern.match(after):
            return name
    best: tuple[int, str] | None = None
    for name, pattern in _BEFORE.items():
        for match in pattern.finditer(near.before):
            if best is None or match.end() > best[0]:
                best = (match.end(), name)
    return best[1] if best else None


_AFTER = {
    "day": re.compile(r" ?(?:/|每|一|按)? ?(?:天|日)(?!内|后|起|期|均)"),
    "week": re.compile(r" ?(?:/|每|一)? ?(?:周|星期)"),
    "month": re.compile(r" ?(?:/|每|一个?)? ?(?:月(?!\d)|个月)|的?月(?:收益|息|利|回报|分红)"),
    "quarter": re.compile(r" ?(?:/|每|一个?)? ?季"),
    "year": re.compile(r" ?(?:/|每|一) ?年|的?年(?:化|收益|息|利率|回报|分红|返|租金)"),
}
_BEFORE = {
    "day": re.compile(r"日化|日息|日返|日利率?|日收益率?|日回报|日分红|每天|每日|天天|日日|一天|日均|(?<![\d一二三四五六七八九十月])日 ?$"),
    "week": re.compile(r"周化|周息|周返|周收益|每周|一周|周周|每星期"),
    "month": re.compile(r"月化|月息|月返|月利率?|月收益率?|月回报率?|月分红|月租|每月|每个月|按月|一个月|月月|月均|单月|月盈利"),
    "quarter": re.compile(r"季化|季息|季度|每季|按季|季返"),
    "half": re.compile(r"半年(?!期)"),
    "year": re.compile(r"(?<![\d两二三四五六七八九十半])(?:年化|年息|年利率?|年收益率?|年回报率?|年分红|年返|年租金?|年增值)|每年|一年(?!期)|年年|年均|年度|年利息|年复利|(?<!半)年期|(?<![半\d一二三四五六])年 ?$|溢价.*每年|利率|票面"),
}  # fmt: skip


def _bare_yearly(text: str) -> Iterator[Found]:
    """`年化 18` without a sign."""
    for match in _BARE_YEARLY.finditer(text):
        value = parse_number(match["n"])
        most = 500
        if value and 1 <= value <= most:
            low = parse_number(match["low"]) if match["low"] else None
            yield Found(match.start(), match.end(), value, low, "year", "未写百分号，按百分数理解")


def _fen(text: str) -> Iterator[Found]:
    """月息两分, 年息8厘, 一毛的利."""
    for match in _FEN.finditer(text):
        number, unit = parse_number(match["n"]), match["unit"]
        if number is None or not (match["period"] or match["tail"]):
            continue
        if match["period"] in {"月", "每月"} and not match["tail"]:
            continue
        if "半" in unit:
            number += 0.5
        kind = unit[0]
        yearly = (match["period"] or "").startswith("年")
        daily = (match["period"] or "").startswith("日")
        if yearly:
            value = number * {"分": 10, "厘": 1, "毛": 100}[kind]
            yield Found(match.start(), match.end(), value, None, "year", None)
        elif daily:
            value = number * {"分": 1, "厘": 0.1, "毛": 10}[kind] * 365
            yield Found(match.start(), match.end(), value, None, "day", "按单利×365折算")
        elif number <= 20:  # noqa: PLR2004 (more is money, not interest)
            value = number * {"分": 1, "厘": 0.1, "毛": 10}[kind] * 12
            said = "按单利×12折算" + ("" if match["period"] else "；未说明周期，按月息理解")
            yield Found(match.start(), match.end(), value, None, "month", said)


def _per_ten_thousand(text: str) -> Iterator[Found]:
    """日息万五, 每天万分之五."""
    for match in _WAN_FEN.finditer(text):
        number = parse_number(match["n"])
        small = 1_000
        if number and number < small:
            yield Found(match.start(), match.end(), number * 0.01 * 365, None, "day",
                        "按单利×365折算")  # fmt: skip


_FINDERS: tuple[Callable[[str], Iterator[Found]], ...] = (
    find_deals,
    _per_ten_thousand,
    _percentages,
    _bare_yearly,
    _fen,
)
