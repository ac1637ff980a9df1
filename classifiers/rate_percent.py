"""Returns told in percent: how much, a range or not, and for which period it counts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.numerals import NUMBER, NUMERALS, parse_number
from classifiers.rate_words import (
    LOAN,
    NOT_A_RETURN,
    PER_YEAR,
    PERIODS,
    RETURN,
    Found,
    terms_of,
)

_PERCENT_MARK = re.compile("[%‰点成]|分之")
_BEFORE_MARK = {"点": frozenset("个分半"), "成": frozenset("一二两三四五六七八九")}
YEARLY_ANCHOR = re.compile(r"年化|年利|年收益|年回报|年息|年期|天标|月标|活期|月息|月利|月化")
_TO = r" ?(?:-|~|—|－|–|～|至|到|或) ?"
_TENTH = "[一二两三四五六七八九]"
_PCT = (
    rf"(?:(?P<pct>(?>\d(?: \d){{1,3}}(?= ?%)|{NUMBER})) ?(?:%|个点(?!赞|位|心)|个百分点|个半点)|百分之(?P<han>{NUMBER})|"
    rf"(?P<per>万|千)分之(?P<part>{NUMBER})|(?P<part2>{NUMBER}) ?‰|"
    rf"(?P<tenths>{_TENTH})成(?P<more>{_TENTH}|半)?(?!本|员|功|立|为|果|熟|长|交|品|年|人|都|新|群|了))"
)
_RANGE = (
    rf"(?:(?:百分之)?(?P<low>{NUMBER}) ?(?:%|个点)?{_TO}"
    rf"(?=(?:百分之)?{NUMBER} ?(?:%|个点|，|,|。|$)))?"
)
_PERCENT = re.compile(rf"(?=[\d百万千{NUMERALS}])(?<![\d.{NUMERALS}]){_RANGE}{_PCT}")
_BARE_YEARLY = re.compile(
    rf"年(?:化(?:收益率?|利率|回报率?)?|利率?|息|收益率?|回报率?)(?:高?达|为|是|约|在|:|：)? ?"
    rf"(?:(?P<low>{NUMBER}){_TO})?(?P<n>{NUMBER})(?! ?[%‰万千百元块天个年月日倍号位期人分厘毛成点\d{NUMERALS}])"
)
_NEAR = 14
_SCALE = {"万": 0.01, "千": 0.1}
_MOST_YEARLY = 500


@dataclass(frozen=True, slots=True)
class _Nearby:
    """The words around a percentage: before and after it, and the rest of its sentence."""

    before: str
    after: str
    rest: str


_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
_CLAUSE_END = re.compile(r"[。！？!?；;\n，,、]")


def percent_marks(text: str) -> Iterator[tuple[int, int]]:
    """Where a percentage may stand."""
    for mark in _PERCENT_MARK.finditer(text):
        wanted = _BEFORE_MARK.get(mark[0])
        if wanted is None or text[mark.start() - 1 : mark.start()] in wanted:
            yield mark.span()


def find_percentages(text: str, low: int, high: int) -> Iterator[Found]:
    """Percentages of `text[low:high]` that are returns."""
    for match in _PERCENT.finditer(text, low, high):
        value = _percent_value(match)
        if not value or value <= 0:
            continue
        near = _nearby(text, match.start(), match.end())
        if value >= _WHOLE and _OF_PRINCIPAL.search(f"{near.before}|{near.after}"):
            yield from _priced(match, value, near)
            continue
        period = _period(near)
        if _is_promised(match, near, period) and not NOT_A_RETURN.search(_tight(near)):
            least = parse_number(match["low"]) if match["low"] else None
            yield _annualised(match, value, least, period, near)


# 三年后按120%回购, 按本金的130%返还: a price, which holds what was paid in.
_OF_PRINCIPAL = re.compile(
    r"(?:本金|本钱|投资额|投入|认购[价款额金]|认购总额|购买价|购入价|购房款|房款|成交价|合同价|总价|原价)格?的?\||"
    r"按照?[^，。\d]{0,6}\|[^，。\d]{0,4}(?:回购|回收|收回|返还|赎回|兑付|接回|收购|买回|退还|退款|结算)|"
    r"\|(?:的?价格?)?(?:溢价)?(?:回购|回收|收回|赎回|接回|买回)"
)
_PREMIUM = re.compile(r"溢价|加价|上浮|增值|另加|收益|回报|利息|分红|租金")
_WHOLE = 100.0


def _priced(match: re.Match[str], value: float, near: _Nearby) -> Iterator[Found]:
    """What a buy-back at so many percent of the price adds to it, over the term that is told."""
    tight = re.split(r"[，,]", near.before)[-1]
    gain = value if _PREMIUM.search(tight) else value - _WHOLE
    if not gain:
        return
    terms = terms_of(near.before, near.after, near.rest)
    days = terms[1] if terms else None
    if days is None:
        yield Found(*match.span(), gain, None, "unknown", "按含本金理解；未说明期限，按一年计")
    else:
        yield Found(
            *match.span(), gain * 365 / days, None, "term", f"含本金，{days:g}天收益，按365天折算"
        )


def find_bare_yearly(text: str, low: int, high: int) -> Iterator[Found]:
    """`年化 18` without a sign."""
    for match in _BARE_YEARLY.finditer(text, low, high):
        value = parse_number(match["n"])
        if value and 1 <= value <= _MOST_YEARLY:
            least = parse_number(match["low"]) if match["low"] else None
            yield Found(
                match.start(), match.end(), value, least, "year", "未写百分号，按百分数理解"
            )
    for match in _BARE_MONTHLY.finditer(text, low, high):
        yield Found(match.start(), match.end(), float(match["n"]) * 12, None, "month",
                    "未写单位，按百分数（分）理解，按单利×12折算")  # fmt: skip
    for match in _BARE_TERM.finditer(text, low, high):
        yield Found(match.start(), match.end(), float(match["n"]), None, "year",
                    "未写百分号，按百分数、年化理解")  # fmt: skip


_BARE_MONTHLY = re.compile(
    r"月(?:息|利率?|化)(?:是|为|按|:|：)? ?(?P<n>[1-9](?:\.\d{1,2})?|0\.\d{1,2})(?=[，,。；;、！!\n]|$)"
)
_BARE_TERM = re.compile(
    r"(?:[一二两三五]年期|(?:天|个月)标|活期)(?:收益率?)? ?(?P<n>\d{1,2}\.\d{1,2})(?=[，,。；;/、\n]|$)"
)


def _is_promised(match: re.Match[str], near: _Nearby, period: str | None) -> bool:
    words = f"{near.before}|{near.after}"
    if match["tenths"]:
        timed = period is not None or terms_of(near.before, near.after, near.rest)
        sure = timed and _GIVEN.search(words)
        return bool(sure or _TENTHS_OF_RETURN.search(near.after))
    if RETURN.search(words):
        return True
    points = "个点" in match[0] and (
        _POINTS.search(near.before)
        or (_GIVES.search(near.before) and terms_of(near.before, near.after, near.rest))
    )
    per = bool(match["per"]) or bool(PER_YEAR.search(near.before))
    return bool(points) or (period is not None and per)


_GIVEN = re.compile(
    r"年化|月化|日化|收益|回报|利息|分红|红利|返|给|赚|利润|年利|月利|加价|回购|增加|翻|涨"
)
_GIVES = re.compile(r"(?:给|返|吃|拿|开)(?:[您你]|到|出)? ?$")
_TENTHS_OF_RETURN = re.compile(r"的?(?:年|月)?(?:收益|回报|利息|分红|红利)")
_POINTS = re.compile(r"(?:一个?月|每个?月|一年|每年|一天|每天|一周|一年期)[^，。]{0,4}$")


def _annualised(
    match: re.Match[str], value: float, least: float | None, period: str | None, near: _Nearby
) -> Found:
    span = match.start(), match.end()
    if period is None:
        return _over_term(span, value, least, near)
    name, factor, said = PERIODS[period]
    loan = "按借款利率计" if LOAN.search(near.before + near.after) else None
    assumption = "；".join(filter(None, (said, loan))) or None
    return Found(*span, value * factor, least * factor if least else None, name, assumption)


def _over_term(span: tuple[int, int], value: float, least: float | None, near: _Nearby) -> Found:
    terms = terms_of(near.before, near.after, near.rest)
    if terms is None:
        return Found(*span, value, least, "unknown", "未说明计息周期，按年化理解")
    shortest, longest = terms
    if _is_yearly_by_custom(near) or (
        longest > _OVER_A_YEAR and value <= _MODEST and not _IN_ALL.search(near.before)
    ):
        return Found(*span, value, least or value * 365 / longest, "year",
                     "期限长于一年，按年化理解；若为期内总收益则取较低值")  # fmt: skip
    said = f"{longest:g}天收益，按365天折算"
    bottom = least * 365 / longest if least else None
    if shortest != longest:
        bottom = (least or value) * 365 / longest
        said = f"{shortest:g}至{longest:g}天收益，按365天折算"
    return Found(*span, value * 365 / shortest, bottom, "term", said)


_OVER_A_YEAR, _MODEST = 400.0, 15.0
_IN_ALL = re.compile(r"总(?!价|房)|综合|累计|共|到期|期满|溢价")
_CUSTOM = re.compile(r"(?:天|月|年)标的?(?:年化|收益率?)? ?$")


def _is_yearly_by_custom(near: _Nearby) -> bool:
    """A platform's 6个月标 states a yearly rate."""
    return _CUSTOM.search(near.before) is not None


def _percent_value(match: re.Match[str]) -> float | None:
    if match["tenths"]:
        more = match["more"]
        rest = 5.0 if more == "半" else parse_number(more) or 0.0 if more else 0.0
        return (parse_number(match["tenths"]) or 0.0) * 10 + rest
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
    before = _SENTENCE_END.split(text[max(0, start - _NEAR - 6) : start])[-1]
    rest = _SENTENCE_END.split(text[end : end + 2 * _NEAR])[0]
    return _Nearby(before, _CLAUSE_END.split(rest)[0][:_NEAR], rest)


def _tight(near: _Nearby) -> str:
    """The words right beside the percentage, which say what it is a percentage of."""
    clause = re.split(r"[，,、：:（(]", near.before)[-1]
    return f"{clause[-10:]}|{near.after[:8]}"


def _period(near: _Nearby) -> str | None:
    """Which period a percentage counts for: said right after it, else nearest before it."""
    for name, pattern in _AFTER.items():
        if pattern.match(near.after):
            return name
    best: tuple[int, str] | None = None
    for name, pattern in _BEFORE.items():
        for match in pattern.finditer(near.before):
            if best is None or match.end() > best[0]:
                best = (match.end(), name)
    return best[1] if best else None


_KINDS = r"(?:静态|固定|保底|净|平均|综合|复合|单利|复利)?"
_WORDS = r"(?:化|息|返|利率?|收益率?|回报率?|分红|盈利|增值|均|派|化率|入|收|赚|挣|复利|单利)"
_NOT_COUNTED = rf"(?<![个\d{NUMERALS}半])"
_AFTER = {
    "day": re.compile(
        r" ?(?:/|每|一|按)? ?(?:天|日)(?!内|后|起|期|均)|的?日(?:收益|息|利|回报|分红)"
    ),
    "week": re.compile(r" ?(?:/|每|一)? ?(?:周|星期)(?!年|岁)"),
    "month": re.compile(r" ?(?:/|每|一个?)? ?(?:月(?!\d)|个月)|的?月(?:收益|息|利|回报|分红)"),
    "quarter": re.compile(r" ?(?:/|每|一个?)? ?季"),
    "year": re.compile(r" ?(?:/|每|一) ?年|的?年(?:化|收益|息|利率|回报|分红|返|租金)"),
}
_BEFORE = {
    "day": re.compile(rf"{_NOT_COUNTED}日{_KINDS}{_WORDS}|每天|每日|天天|日日|(?<![\d{NUMERALS}])一天|{_NOT_COUNTED}(?<!月)日 ?$"),
    "week": re.compile(rf"周{_KINDS}{_WORDS}|每周|(?<![\d{NUMERALS}])一周|周周|每(?:个)?(?:星期|交易周)"),
    "month": re.compile(rf"{_NOT_COUNTED}月{_KINDS}{_WORDS}|{_NOT_COUNTED}月租|每 ?个? ?月|按月(?!付|结|派|打|清)|(?<![\d{NUMERALS}])一个月|月月|单月|{_NOT_COUNTED}月 ?$"),
    "quarter": re.compile(r"季化|季息|季度(?!付|结|派|返息|清)|每季|按季(?!付|结|派|清)|季返"),
    "half": re.compile(r"半年(?!期|后|内)|每学期"),
    "year": re.compile(rf"{_NOT_COUNTED}年{_KINDS}{_WORDS}|{_NOT_COUNTED}年(?:租金?|度|利息)|每年|(?<![\d{NUMERALS}])一年(?!期)|年年|按年(?!付|结|派)|年平均|首年|次年|第[一二三四五1-5]年|{_NOT_COUNTED}年期|{_NOT_COUNTED}年 ?$|溢价.*每年|利率|票面|apy|apr"),
}  # fmt: skip
