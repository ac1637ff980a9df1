"""Returns told as a deal: money in, money out, and when."""

import re
from collections.abc import Iterator

from classifiers.numerals import NUMBER, parse_number
from classifiers.rate_words import TERM, Found, term_days

_N = NUMBER
_YUAN = r"(?: ?(?:元|块钱?|刀|美金|美元|u(?![a-z])))?"
_UNSAID = "未说明是否含本金，按回款超过投入部分计"
_PROFIT = "按单利折算，回款视为收益"

_PAYBACK = re.compile(
    rf"(?:(?:预计|只要|仅需|最快|约|大约)? ?){TERM}(?:即可|就能|就可|就|左右|内|可|便可|轻松|全部|快速)?(?:回本|返本|收回(?:成本|投资|本金)|回本钱)"
)
_DOUBLE = re.compile(
    rf"{TERM}(?:内|后|就|就能|即可|可|轻松|左右|时间)?(?:翻(?P<times>{_N})?(?:一?番|倍|一倍)|(?:变|涨|赚)(?:成)?(?:原来的)?(?P<fold>{_N})倍)"
)
_MONEY = rf"(?P<p>{_N}){_YUAN}"
_OUT = rf"(?P<r>{_N}){_YUAN}"
_IN_OUT = re.compile(
    rf"(?:投资?|存|放|交|买|充|认购|打|投入|入|本金|出)?(?:入|进)? ?{_MONEY}[^。！？；\n\d]{{0,8}}?{TERM}[^。！？；\n\d]{{0,10}}?"
    rf"(?:拿回?|返还?|收回?|得|变|出|到手|连本带利|回款|取回?|还|给|赚|领)(?:来|到|本息|您|你|成)?(?:共|约|总共)? ?{_OUT}(?![%天个年月日])"
)
_DAILY = re.compile(
    rf"(?:投资?|存|放|买|充|每|消费|入|交)?(?:入|进)? ?{_MONEY}(?:本金)?[^。！？；\n\d]{{0,8}}?(?P<per>每天|每日|一天|日|天天|每月|每个月|一个月|月|每年|一年|每周|每季度?)(?!息|利率|化|收益率)"
    rf"[^。！？；\n\d%]{{0,6}}?(?:返还?|到账|拿|领|得|收益|赚|分红?|返现|入账|进账|给|分|租金|补贴)?(?:到|您|你)? ?{_OUT}(?: ?元| ?块)?(?![%天个年月日期分厘毛\d])"
)
_INSTALMENTS = re.compile(
    rf"(?:每月|每个月|月返)(?:返还?)? ?(?P<pct>{_N}) ?%[^。！？\n]{{0,6}}?(?:连返|返|共返|分)(?P<n>{_N}) ?(?:期|个月|次)"
)
_EVERY_DAY_UNTIL = re.compile(
    rf"(?:消费|每|买|花|充)? ?{_MONEY}[^。！？\n\d]{{0,8}}?(?:每天|每日)返(?:还)? ?{_OUT}[^。！？\n]{{0,10}}?(?:返完|返满|返清)为?止?"
)
_LOAN = re.compile(
    rf"到手 ?{_MONEY}[^。！？\n\d]{{0,6}}?(?:{TERM}[^。！？\n\d]{{0,4}})?还 ?{_OUT}(?:[^。！？\n\d]{{0,3}}?(?P<late>{_N}) ?天)?"
)
_GIFT = re.compile(
    rf"(?:充值?|存|预存)(?:入)? ?{_MONEY} ?(?:元)?(?:就|即|立|再)?送 ?{_OUT}(?![个张次桶斤袋份盒瓶件只包%])"
)
_PER_YEAR = {"每天": 365, "每日": 365, "一天": 365, "日": 365, "天天": 365, "每月": 12, "每个月": 12,
             "一个月": 12, "月": 12, "每年": 1, "一年": 1, "每周": 52, "每季": 4, "每季度": 4}  # fmt: skip
_NAMES = {365: "day", 52: "week", 12: "month", 4: "quarter", 1: "year"}
_SMALL_SUM = 50


def find_deals(text: str) -> Iterator[Found]:
    """All deals of a plain text; the more particular forms come first."""
    yield from _until_repaid(text)
    yield from _instalments(text)
    yield from _loans(text)
    yield from _in_and_out(text)
    yield from _doublings(text)
    yield from _paybacks(text)
    yield from _regular_sums(text)
    yield from _gifts(text)


def _until_repaid(text: str) -> Iterator[Found]:
    if "返" not in text:
        return
    for match in _EVERY_DAY_UNTIL.finditer(text):
        paid, back = parse_number(match["p"]), parse_number(match["r"])
        if paid and back and back < paid:
            days = paid / back
            yield Found(match.start(), match.end(), 36_500 / days, None, "payback",
                        f"{days:g}天返满，毛返还，未扣本金")  # fmt: skip


def _instalments(text: str) -> Iterator[Found]:
    if "返" not in text:
        return
    for match in _INSTALMENTS.finditer(text):
        pct, count = parse_number(match["pct"]), parse_number(match["n"])
        many = 600
        if pct and count and count <= many and pct * count > 100:  # noqa: PLR2004 (the whole)
            rate = monthly_irr(pct / 100, int(count)) * 1_200
            yield Found(match.start(), match.end(), rate, None, "irr",
                        f"含本金分{count:g}期返还，按内部收益率×12")  # fmt: skip


def monthly_irr(share: float, count: int) -> float:
    """The rate at which `count` payments of `share` are worth the 1 paid in at the start."""
    low, high = 0.0, 10.0
    for _ in range(100):
        middle = (low + high) / 2
        worth = count * share if middle == 0 else share * (1 - (1 + middle) ** -count) / middle
        low, high = (middle, high) if worth > 1 else (low, middle)
    return (low + high) / 2


def _loans(text: str) -> Iterator[Found]:
    if "到手" not in text:
        return
    for match in _LOAN.finditer(text):
        got, owed = parse_number(match["p"]), parse_number(match["r"])
        days = (
            term_days(match["term"], match["unit"])
            if match["term"]
            else parse_number(match["late"] or "")
        )
        if got and owed and days and owed > got:
            yield Found(match.start(), match.end(), (owed / got - 1) * 36_500 / days, None, "loan",
                        "按实际到手金额计算的借款成本")  # fmt: skip


def _in_and_out(text: str) -> Iterator[Found]:
    for match in _IN_OUT.finditer(text):
        paid, back = parse_number(match["p"]), parse_number(match["r"])
        days = term_days(match["term"], match["unit"])
        if not paid or not back or not days or paid < _SMALL_SUM or back > paid * 50:
            continue
        gain = back / paid - 1 if back > paid else back / paid
        if gain <= 0:
            continue
        said = _UNSAID if back > paid else _PROFIT
        yield Found(match.start(), match.end(), gain * 36_500 / days, None, "term", said)


def _doublings(text: str) -> Iterator[Found]:
    for match in _DOUBLE.finditer(text):
        days = term_days(match["term"], match["unit"])
        times = parse_number(match["fold"] or match["times"] or "") or (
            2 if not match["fold"] else 0
        )
        if match["times"] and "番" in match[0]:
            times = 2 ** (parse_number(match["times"]) or 1)
        if days and times > 1:
            yield Found(match.start(), match.end(), (times - 1) * 36_500 / days, None, "term",
                        "按单利折算")  # fmt: skip


def _paybacks(text: str) -> Iterator[Found]:
    for match in _PAYBACK.finditer(text):
        days = term_days(match["term"], match["unit"])
        if days:
            yield Found(match.start(), match.end(), 36_500 / days, None, "payback",
                        "按回本期折算的毛返还，未扣本金")  # fmt: skip


def _regular_sums(text: str) -> Iterator[Found]:
    for match in _DAILY.finditer(text):
        paid, back = parse_number(match["p"]), parse_number(match["r"])
        a_year = _PER_YEAR[match["per"]]
        if not paid or not back or paid < _SMALL_SUM or back >= paid or back / paid > 0.5:  # noqa: PLR2004
            continue
        words = match[0]
        if not re.search(r"返|收益|赚|到账|分|入账|进账|拿|领|给|得|租|补贴|息", words):
            continue
        yield Found(match.start(), match.end(), back / paid * a_year * 100, None, _NAMES[a_year],
                    f"按单利×{a_year}折算，未说明是否含本金")  # fmt: skip


def _gifts(text: str) -> Iterator[Found]:
    if "送" not in text:
        return
    for match in _GIFT.finditer(text):
        paid, back = parse_number(match["p"]), parse_number(match["r"])
        if paid and back and paid >= _SMALL_SUM and back >= paid * 0.1:
            yield Found(match.start(), match.end(), None, None, "ratio",
                        f"赠送比例{back / paid * 100:g}%，不按年折算")  # fmt: skip
