"""Returns told as time: doubling, payback, instalments, rent paid ahead, loans and gifts."""

import re
from collections.abc import Callable, Iterator

from classifiers.late_expression import LateExpression
from classifiers.numerals import COUNT, NUMBER, parse_number
from classifiers.rate_words import TERM, Found, match_days, term_days

TERMS_ANCHOR = re.compile(
    r"翻|倍|回本|返本|收回|回购|回来|赚回|挣回|拿回|回报周期|连返|返满|共返|含本|返完|返清|到手|手续费|送 ?[\d一二两三四五六七八九]"
)
_YUAN = r"(?: ?(?:元|块钱?|刀|美金|美元|u(?![a-z])))?"
_LONGER = rf"(?:(?P<least>{NUMBER}) ?(?:个)?(?:天|日|个月|月|年)? ?(?:到|至|-|~|—|～) ?)?{TERM}"
_PAYBACK = LateExpression(
    rf"(?:(?:预计|只要|仅需|最快|约|大约)? ?){_LONGER}(?:即可|就能|就可|就|左右|内|可|便可|轻松|全部|快速|以内)?(?:回本|返本|收回(?:成本|投资|本金|全部投资)|回本钱|(?:把|将)?本[金钱]?(?:就|全|都)?(?:赚|收|拿|挣)?回来|(?:赚|收|拿|挣)回(?:全部)?(?:本[金钱]|成本))"
    rf"(?:[^。！？\n\d]{{0,12}}?(?:连返|共返|返满|一共返|总共返|返|合约期?|合同期?)(?P<total>{NUMBER}) ?(?P<total_unit>天|个月|月|年))?",
    "回本",
    "返本",
    "收回",
    "回来",
    "赚回",
    "挣回",
    "拿回",
)
_PAYBACK_PERIOD = LateExpression(
    rf"(?:回本(?:周期|时间|速度|期)?|(?:投资)?(?:回收期|回报周期)|返本周期)(?:仅|只|需|要|就|为|是|约|大约|大概|一般|通常|平均|最快|最短|不到|不超过|缩短[到至]|:|：|在)* ?{_LONGER}",
    "回本",
    "回收期",
    "回报周期",
    "返本周期",
)
_MULTIPLE = rf"(?:翻(?:了|上)?(?P<times>{NUMBER})?(?:一?番|倍|一倍)|(?:变|涨|赚|增值|升值|增长|增加)(?:到|成|了|为)?(?:原来的)?(?P<fold>{NUMBER})倍|(?P<back>{NUMBER})倍(?:的)?(?:收益|回报|利润|返还|返利|价?格?回购|价?格?收购|回收))"
_DOUBLE = LateExpression(
    rf"(?<![满第]){TERM}(?:(?:内|后|时间|左右|以内|之内)?(?:就能|就|即可|可|能|轻松|本金|资产|财富|资金|钱|便|实现|稳稳|至少|包您|包你|按照?|以|本金的|原价的|,|，){{0,4}}){_MULTIPLE}",
    "翻",
    "倍",
)
_NOT_MONEY = re.compile(
    "人口|产量|销量|数量|客流|用户|粉丝|人数|产能|营收|业绩|销售|房价|订单|体重|规模|出口|进口|gdp|产值"
)
_INSTALMENTS = LateExpression(
    rf"(?:每(?:个)?月|月返|按月|每期)(?:返还?|给|付|分)?(?:还)? ?(?P<pct>{NUMBER}) ?%(?P<middle>[^。！？\n\d]{{0,12}}?)(?:连返|返满|返|共|一共返|总共返|分|连续返)(?:还|足)?(?P<n>{NUMBER}) ?(?:期|个月|次)(?P<rest>[^。！？\n]{{0,12}})",
    "%",
)
_PRINCIPAL_APART = re.compile(
    r"(?:到期|期满|满期)[^，。]{0,3}(?:还本|退本|返本|本金)|本金另|另退本金|不含本金|只算利润"
)
_UNTIL_REPAID = LateExpression(
    rf"(?:消费|每|买|花|充|投)?(?:入|值)? ?(?P<p>{NUMBER}){_YUAN}[^。！？\n\d]{{0,8}}?(?:每天|每日)返(?:还)? ?(?P<r>{NUMBER}){_YUAN}[^。！？\n]{{0,10}}?(?:返完|返满|返清)(?:为?止)?(?!\d)",
    "每天返",
    "每日返",
)
_LOAN = LateExpression(
    rf"到手 ?(?P<p>{NUMBER}){_YUAN}[^。！？\n\d]{{0,6}}?(?:{TERM}[^。！？\n\d]{{0,4}})?还 ?(?P<r>{NUMBER}){_YUAN}(?:[^。！？\n\d]{{0,3}}?(?P<late>{NUMBER}) ?天)?",
    "到手",
)
_FLAT_FEE = LateExpression(
    rf"手续费(?:率)?(?:每(?:个)?(?:月|期)|月)(?:仅|低至|为|:|：)? ?(?P<pct>{NUMBER}) ?%[^。！？\n\d]{{0,8}}?(?:分|共)?(?P<n>{NUMBER}) ?(?:期|个月)",
    "手续费",
)
_GIFT = LateExpression(
    rf"(?:充值?|存|预存|储值)(?:入)? ?(?P<p>{NUMBER}){_YUAN} ?(?:元)?(?:就|即|立|再)?送 ?(?P<r>{NUMBER}){_YUAN}(?![个张次桶斤袋份盒瓶件只包%分克])",
    "送",
)
_RENT_AHEAD = LateExpression(
    rf"(?:返)?(?:前|头)(?P<years>{COUNT})年(?:的)?(?:租金|收益|返租)[^。！？\n\d]{{0,6}}?(?P<pct>{NUMBER}) ?%(?:[^。！？\n\d]{{0,8}}?(?:抵扣|抵|冲抵|直减|直抵|返还))?"
    rf"(?P<bought>[^。！？\n第]{{0,16}}?(?:(?P<buy>{NUMBER}) ?%|原价)[^。！？\n\d]{{0,6}}?(?:回购|收回|接回))?",
    "年租金",
    "年收益",
    "年返租",
    "年的租金",
    "年的收益",
    "年的返租",
)
_RENT_AND_BUYBACK = LateExpression(
    rf"(?:每年|年)(?:租金|返租|回报|收益|分红)(?:率)?(?:高?达|为|:|：)? ?(?P<pct>{NUMBER}) ?%[^。！？\n\d]{{0,10}}?(?:连续|共|合同|期限|满)?(?P<years>{NUMBER})年[^。！？\n]{{0,16}}?(?P<buy>{NUMBER}) ?%(?:的)?(?:价格?|价钱)?(?:溢价)?(?:回购|收回|接回)",
    "回购",
    "收回",
    "接回",
)
_SMALL_SUM = 50
_MOST_FOLD = 1_000
_MOST_PERIODS = 600


def find_terms_told(text: str, low: int, high: int) -> Iterator[Found]:
    """All of `text[low:high]` that this module reads; the more particular forms come first."""
    for finder in _FINDERS:
        yield from finder(text, low, high)


def _until_repaid(text: str, low: int, high: int) -> Iterator[Found]:
    for match in _UNTIL_REPAID.finditer(text, low, high):
        paid, back = parse_number(match["p"]), parse_number(match["r"])
        if paid and back and back < paid:
            days = paid / back
            yield Found(match.start(), match.end(), 36_500 / days, None, "payback",
                        f"{days:g}天返满，毛返还，未扣本金")  # fmt: skip


def _instalments(text: str, low: int, high: int) -> Iterator[Found]:
    for match in _INSTALMENTS.finditer(text, low, high):
        pct, count = parse_number(match["pct"]), parse_number(match["n"])
        if not pct or not count or count > _MOST_PERIODS or pct * count <= 100:  # noqa: PLR2004 (the whole)
            continue
        if _PRINCIPAL_APART.search(match["middle"] + match["rest"]):
            continue
        rate = irr(pct / 100, int(count), 0.0) * 1_200
        yield Found(match.start(), match.end("n") + 1, rate, None, "irr",
                    f"按含本金分{count:g}期返还，内部收益率×12；若本金另还则为{pct * 12:g}%")  # fmt: skip


def irr(share: float, count: int, last: float) -> float:
    """The rate a period at which `count` payments of `share` and `last` at the end are worth 1."""
    low, high = -0.5, 10.0
    for _ in range(100):
        middle = (low + high) / 2
        growth = (1 + middle) ** -count
        worth = last * growth + (share * (1 - growth) / middle if middle else count * share)
        low, high = (middle, high) if worth > 1 else (low, middle)
    return (low + high) / 2


def _rents(text: str, low: int, high: int) -> Iterator[Found]:
    for match in _RENT_AHEAD.finditer(text, low, high):
        years, pct = parse_number(match["years"]), parse_number(match["pct"])
        if not years or not pct or pct >= 100:  # noqa: PLR2004 (percent)
            continue
        told = match["bought"] is not None
        buy = parse_number(match["buy"] or "100") or 100.0
        rate = ((buy / (100 - pct)) ** (1 / years) - 1) * 100
        said = f"租金签约时一次抵扣，{years:g}年后按{buy:g}%收回，内部收益率"
        simple = None if told else pct / years
        yield Found(match.start(), match.end(), rate, simple, "irr",
                    said if told else f"{said}；未说明何时收回，按单利则取较低值")  # fmt: skip
    for match in _RENT_AND_BUYBACK.finditer(text, low, high):
        years, pct = parse_number(match["years"]), parse_number(match["pct"])
        buy = parse_number(match["buy"]) or 0.0
        if years and pct and buy and 1 <= years <= _MOST_PERIODS and buy >= 100:  # noqa: PLR2004
            yield Found(match.start(), match.end(), irr(pct / 100, int(years), buy / 100) * 100,
                        None, "irr", f"每年{pct:g}%，第{years:g}年末按{buy:g}%回购，内部收益率")  # fmt: skip


def _loans(text: str, low: int, high: int) -> Iterator[Found]:
    for match in _LOAN.finditer(text, low, high):
        got, owed = parse_number(match["p"]), parse_number(match["r"])
        days = match_days(match) or parse_number(match["late"] or "")
        if got and owed and days and owed > got:
            yield Found(match.start(), match.end(), (owed / got - 1) * 36_500 / days, None, "loan",
                        "按实际到手金额计算的借款成本")  # fmt: skip
    for match in _FLAT_FEE.finditer(text, low, high):
        pct, count = parse_number(match["pct"]), parse_number(match["n"])
        if pct and count and 1 <= count <= _MOST_PERIODS:
            rate = irr(1 / count + pct / 100, int(count), 0.0) * 1_200
            yield Found(match.start(), match.end(), rate, None, "loan",
                        f"手续费按{count:g}期等额计，内部收益率×12")  # fmt: skip


def _doublings(text: str, low: int, high: int) -> Iterator[Found]:
    for match in _DOUBLE.finditer(text, low, high):
        days = match_days(match)
        gain, said = _gain(match)
        if _NOT_MONEY.search(text, max(match.start() - 8, 0), match.start()):
            continue
        if days and 0 < gain <= _MOST_FOLD:
            yield Found(match.start(), match.end(), gain * 36_500 / days, None, "term", said)


def _gain(match: re.Match[str]) -> tuple[float, str]:
    """What a multiple adds to the money put in, and how that was read."""
    number = parse_number(match["times"] or match["fold"] or match["back"] or "")
    if match["fold"]:
        return (number or 0.0) - 1, "按单利折算"
    if match["back"]:
        return (number or 0.0) - 1, "倍数按含本金理解，按单利折算"
    if number is None or number <= 1:
        return 1.0, "按单利折算"
    if "番" in match[0]:
        return 2.0 ** min(number, 20) - 1, "每番加倍，按单利折算"
    return number - 1, f"翻{number:g}倍按变为{number:g}倍理解，按单利折算"


def _paybacks(text: str, low: int, high: int) -> Iterator[Found]:
    for pattern in (_PAYBACK, _PAYBACK_PERIOD):
        for match in pattern.finditer(text, low, high):
            days = match_days(match)
            if not days:
                continue
            groups = match.groupdict()
            total = (
                term_days(groups["total"], groups["total_unit"]) if groups.get("total") else None
            )
            if total and total > days:
                yield Found(match.start(), match.end(), (total / days - 1) * 36_500 / total, None,
                            "payback", f"共返{total:g}天，扣除本金后折算")  # fmt: skip
                continue
            fast = term_days(match["least"], match["unit"]) if match["least"] else None
            yield Found(match.start(), match.end(), 36_500 / (fast or days),
                        36_500 / days if fast else None, "payback",
                        "按回本期折算的毛返还，未扣本金")  # fmt: skip


def _gifts(text: str, low: int, high: int) -> Iterator[Found]:
    for match in _GIFT.finditer(text, low, high):
        paid, back = parse_number(match["p"]), parse_number(match["r"])
        if paid and back and paid >= _SMALL_SUM and back >= paid * 0.1:
            yield Found(match.start(), match.end(), None, None, "ratio",
                        f"赠送比例{back / paid * 100:g}%，不按年折算")  # fmt: skip


_FINDERS: tuple[Callable[[str, int, int], Iterator[Found]], ...] = (
    _until_repaid, _instalments, _rents, _loans, _doublings, _paybacks, _gifts,
)  # fmt: skip
