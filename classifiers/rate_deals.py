"""Returns told as a deal: money in, money out, and when.

A stretch of text is read as a row of sums, spans of time and periods; the words beside a sum say
whether it is paid in, paid back in whole, or a gain.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from classifiers.numerals import NUMBER, NUMERALS, parse_number
from classifiers.rate_words import TERM, Found, match_days, term_days

_SUM_MARK = re.compile(r"[元块万千百仟佰圆刀克斤wku¥￥美]|\d{3,}")
_BEFORE_MARK = frozenset(f"0123456789 每{NUMERALS}")
_NUMBERS = re.compile(
    rf"\d[\d.,]*[万千百]?[元块]?|\d[\d.,]*|[{NUMERALS}]{{2,}}|[{NUMERALS}] ?[元块]|每[万千百]"
)
_TIME = re.compile(r"[天日月年周季期晚时]")
_HINT = re.compile(
    "[返拿领收回利益分给打赚得变退补贴息派结付租产吐取还兑手送入提换]|一天|一个?月|一年|每"
)
_LEAD, REACH = 48, 64  # how far apart a sum paid in and the sum promised for it may stand
_CURRENCY = (
    r"元钱?|块钱?|圆|刀(?!具|片)|美金|美元|usdt|u(?![a-z盘])|rmb|人民币|港币|枚稳定币|克(?!拉)|斤"
)
_NOT_MONEY = (
    rf"(?:(?<=[万千百元块])|(?![\d{NUMERALS}]))(?![.:/\-]\d| ?(?:%|‰|个|倍|折|番|分|厘|度|天|日|号|周|岁|人(?!民币)|位|名|"
    r"楼|栋|点|次|步|平|吨|公里|户|家|期|辆|部|届|小时|秒|集|章|页|级|层|成(?!为|员|立|交)|单(?!价)|代|年|月(?!底|末|返|领)|亿|多万|股|座|城|里|瓶|盒|袋))"
)
_MONEY = (
    rf"(?<![\d.:\-/a-z第{NUMERALS}])(?:[¥￥$] ?)?(?P<sum>{NUMBER}) ?(?:多|来)?(?P<cur>{_CURRENCY})?(?:(?<=[元块])(?P<jiao>[一二三四五六七八九\d])角?)?{_NOT_MONEY}"
    rf"|每(?P<unit_sum>[万千百])(?:元|块钱?)?(?!人|名|户|家|公里|股|吨|亩|年|次|台)"
)
_EACH = r"每(?:个)?(?:天|日|晚|月|年|周|星期|季度?|半年|学期)|天天|日日|月月|年年|按月|逐月|逐年"
_SINGLE = r"(?<![\d个一二三四五六七八九十半第])(?:日|月|年|周|季度?)(?= ?(?:返|领|收(?!入)|结息|息|赚|分|保底|固定|利|租|付|产|补|吐|回(?!购)))|一天|一个?月|一年|一周|一季度?|一个季度"
_TOKEN = re.compile(
    rf"(?=[每天日月年周季逐按满到期次半¥￥$\d{NUMERALS}])(?:(?P<each>{_EACH})|(?P<later>满一年|[一1]年[后底]|年[底末]|次年|到期|期满)|(?P<single>{_SINGLE})|(?<![\d.零一二两三四五六七八九十半第]){TERM}|{_MONEY})"
)
_STOP = re.compile(r"[。！？!?]")
_IN = re.compile(
    r"(?:投资?|存|放|交纳?|缴纳?|买|充值?|认购|打款?|投入|入金?|入股|出资?|拿出|付|排单|布施|捐|凑|借|押|总价|单价|一次储值|储值|预存|消费|花|每投|门槛|本金|会员|锁定|满|每)"
    r"(?:入|进|上|了|个|够|养|购|款|金|额|为|是|:|：|至少|最少|仅需?|只需?|只要|约|人民币| ){0,4}$"
)
_IN_AFTER = re.compile(
    r" ?(?:出来|进去|进来|一(?:份|股|台|只|头|亩|棵|坛|幅|套|间|枚|张|件|克|箱|饼|提|块)|起投|起存|起购|起|本金|放|存(?!款利|期)|投|入股|放在|押金|保证金|认[购养筹]|/[份股台枚])"
)
_BACK = (
    "拿回|返还|收回|得到|变成|变为|变|连本带利|回来|本息合计|本息|回款|取回|取走|归还|还(?!款|贷|要|有|可|能|在|会|没|不)|到手|得款|提现|回购|"
    "收获|(?<=[您你])收款|领回|吐回|兑回|收购|接回|回收|收走|买回|买走|接手"
)
_GAIN = "利息|息(?!率)|收益|分红|红利|补贴|津贴|补助|租金|奖励|赚|净赚|分成|分润|股息|派息|返利|返现|返租|[恩心养敬利馈老息]金|多(?:出|领|给|拿)|盈利|使用费|红包|生活费|到账|进账|入账|净利|零花|茶水|分润|果息|展费|收租|加价|每[台头只份]加"
_PAID = "返|给|领|拿|得(?!了|过)|发(?!行|展|布|改|票)|结|退|取(?!消)|收(?!取|费|款|购|件)|打(?!折|工|车|算)|派|产出|分(?!钟|公司|行|店|期|之|布|析|别|为)|付(?!款|费)|多(?!种|个|名)|贴|吐|释放|折现|保底|另有|回(?!购|复|款|来|家|本|馈|答)|兑|送(?!货|到)|奉还|卖得|转给|补"
_OUT = re.compile(
    rf"(?:(?P<back>{_BACK})|(?P<gain>{_GAIN})|(?P<paid>{_PAID}))(?:[^\d，。；、！？,;\n{NUMERALS}]{{0,6}})$"
)
_OUT_AFTER = re.compile(
    rf"(?:现金|本息|左右|以上|的|价格?)?[ “\"]{{0,2}}(?:(?P<back>回购|回收|收回|接回|拿回家?|买回|收购|接手|收走|回来|到手)|(?P<gain>{_GAIN})|(?P<paid>打给|给到|打到|返还?))"
)
_OTHER_MONEY = re.compile(
    r"工资|月薪|年薪|底薪|薪资|薪水|房租|月供|首付|还款|还贷|话费|流量|优惠|立减|满减|抵扣券|代金券|优惠券|"
    r"原价|现价|市场价|售价|罚|营收|净利润|利润总额|销售额|产值|注册资本|低保|医保|报销|保费|学费|电费|水费|油费|餐费|"
    r"贷款(?!给)|欠款|退休金(?!打)|月租|套餐|工钱|加班|课时|运费|押金退|损失|亏损|被骗"
)
_TOTAL = re.compile(
    rf"[^。！？\n\d{NUMERALS}]{{0,8}}?(?:返满|连返|共返|返还?|领满|连领|一共)(?P<total>{NUMBER}) ?(?P<total_unit>天|个月|月|年)"
)
_PRINCIPAL_BACK = re.compile(
    r"(?:本金|本钱|押金|货款|原价|原数|认购款|一分不[少动])|退(?:还|回|本|款)|(?:到期|期满|满期)[^，。]{0,4}(?:退|还|收回|回购)"
)
_UNSAID = "按回款超过投入部分计"
_TIGHT = 10
_SMALLEST, _LARGEST = 50.0, 50_000_000.0
_MOST_TIMES = 50.0
_A_YEAR = {"天": 365, "日": 365, "晚": 365, "月": 12, "周": 52, "期": 52, "星": 52, "季": 4, "半": 2,
           "学": 2, "年": 1}  # fmt: skip
_BASIS = {365: "day", 52: "week", 12: "month", 4: "quarter", 2: "half_year", 1: "year"}


@dataclass(frozen=True, slots=True)
class _Sum:
    start: int
    end: int
    value: float
    unit: str  # what it is counted in, where that is no money
    paid_in: bool  # words beside it say so
    sure: bool  # it has a currency or a round unit
    past_stop: bool = False  # a sentence ended after it
    used: bool = False  # a deal was read from it already


@dataclass(frozen=True, slots=True)
class _When:
    """How often, or after how long, something is paid."""

    start: int
    end: int
    a_year: int | None
    days: float | None


def deal_marks(text: str) -> Iterator[tuple[int, int]]:
    """Where a sum stands with another number and a time near it."""
    reached = 0
    for mark in _SUM_MARK.finditer(text):
        start = mark.start()
        if start < reached or _is_no_sum(text, start):
            continue
        low, high = max(start - _LEAD, 0), start + REACH
        if _has_two(text, low, high) and all(
            sign.search(text, low, high) for sign in (_TIME, _HINT)
        ):
            reached = high
            yield start, high


def _is_no_sum(text: str, at: int) -> bool:
    char = text[at]
    return not char.isdigit() and char not in "¥￥" and text[at - 1 : at] not in _BEFORE_MARK


def _has_two(text: str, low: int, high: int) -> bool:
    first = _NUMBERS.search(text, low, high)
    return first is not None and _NUMBERS.search(text, first.end(), high) is not None


def find_deals(text: str, low: int, high: int) -> Iterator[Found]:
    """All deals of `text[low:high]`."""
    paid: _Sum | None = None
    when: _When | None = None
    given: tuple[_Sum, _When] | None = None
    at = low
    tokens = list(_TOKEN.finditer(text, low, high))
    for number, token in enumerate(tokens):
        if _STOP.search(text, at, token.start()):
            paid, when = (paid if paid and paid.sure and not paid.past_stop else None), None
            paid = replace(paid, past_stop=True) if paid else None
            given = None
        at = token.end()
        if not (token["sum"] or token["unit_sum"]):
            when = _read_when(token, when) or when
            continue
        money = _read_sum(text, token)
        if money is None:
            continue
        following = tokens[number + 1] if number + 1 < len(tokens) else None
        found = paid and _deal(text, paid, money, when, following)
        if found:
            yield found
            paid = replace(paid, used=True) if paid else None
        elif given and (found := _for_what_follows(text, *given, money)):
            yield found
            given = None
        elif money.paid_in or not _is_out(text, money):
            paid, when = money, when if when and when.end == money.start else None
        elif when and when.start < money.start:
            given = money, when


def _for_what_follows(text: str, back: _Sum, when: _When, paid: _Sum) -> Found | None:
    """每月稳定收益5000，本金10万: the gain is told before what it is a gain of."""
    between = text[back.end : paid.start]
    lead = text[max(0, paid.start - 8) : paid.start]
    if not _CAPITAL.search(lead) or len(between) > _TIGHT or paid.value < _SMALLEST:
        return None
    if _OTHER_MONEY.search(between) or back.unit != paid.unit or when.a_year is None:
        return None
    share = back.value / paid.value
    return _periodic(text, (when.start, paid.end), share, when.a_year) if share < 1 else None


_CAPITAL = re.compile(r"(?:本金|投资?|投入|存|放|认购|入股|入金|出资)[^\d，。]{0,4}$")


def _read_when(token: re.Match[str], before: _When | None) -> _When | None:
    if token["each"] or token["single"]:
        word = token["each"] or token["single"]
        a_year = next(_A_YEAR[char] for char in word.lstrip("每个按逐一") if char in _A_YEAR)
        days = 365 / a_year if word.startswith("一") else None
        return _When(token.start(), token.end(), a_year, days)
    if token["later"]:
        if token["later"] in {"到期", "期满"} and before:
            return before
        return _When(token.start(), token.end(), None, 365.0) if "年" in token[0] else None
    days = match_days(token)
    return _When(token.start(), token.end(), None, days) if days else None


def _read_sum(text: str, token: re.Match[str]) -> _Sum | None:
    start, end = token.span()
    said = token["sum"] or token["unit_sum"]
    value = parse_number(said)
    if value is None or not 0 < value <= _LARGEST:
        return None
    value += (parse_number(token["jiao"]) or 0.0) / 10 if token["jiao"] else 0.0
    sure = bool(token["cur"] or text[start] in "¥￥$" or _ROUND.search(said))
    if not sure and not (said[0].isdigit() and len(said) > 1):
        return None
    before = text[max(0, start - 8) : start]
    paid_in = bool(_IN.search(before) or _IN_AFTER.match(text, end) or token["unit_sum"])
    unit = token["cur"] if token["cur"] in {"克", "斤"} else ""
    return _Sum(start, end, value, unit or "", paid_in, sure)


_ROUND = re.compile("[万千百仟佰wk]")


def _is_out(text: str, money: _Sum) -> bool:
    """Whether the words beside a sum say that it is paid back, not in."""
    before = text[max(0, money.start - 10) : money.start]
    return bool(_OUT.search(before) or _OUT_AFTER.match(text, money.end))


def _deal(
    text: str, paid: _Sum, back: _Sum, when: _When | None, following: re.Match[str] | None
) -> Found | None:
    """What one sum returns for the other, if the words and the time between them say so."""
    if (
        back.start - paid.end > REACH
        or (paid.value < _SMALLEST and not paid.unit)
        or paid.unit != back.unit
    ):
        return None
    between = text[paid.end : back.start]
    before = text[max(0, back.start - 10) : back.start]
    out = _OUT.search(before) or _OUT_AFTER.match(text, back.end)
    lead = text[max(0, paid.start - 10) : paid.start]
    if _OTHER_MONEY.search(between) or _OTHER_MONEY.search(lead):
        return None
    end = back.end
    if when is None or when.start < paid.start - 8:
        when, end = _when_after(text, back, following)
        # 打款一千元，十五天后收…: a verb of both directions, and the time is still to come.
        if back.paid_in and not (out and (out["back"] or out["gain"])):
            return None
    if when is None:
        return None
    if out is None:
        # 一万一天五十块: a period between two sums says as much as a verb.
        tight = (
            when.a_year is not None
            and not text[when.end : back.start].strip()
            and len(between) <= _TIGHT
        )
        if not tight:
            return None
    gain = bool(out and out["gain"])
    if out and out.re is _OUT_AFTER:
        end = max(end, out.end())
    return _rate(text, paid, back, when, gain=gain, end=end)


def _when_after(text: str, back: _Sum, following: re.Match[str] | None) -> tuple[_When | None, int]:
    """`…变5000，只要20天`, `…领400块一个月`: the time said after the sum."""
    if following is None or following.start() - back.end > 6:  # noqa: PLR2004 (beside the sum)
        return None, back.end
    if following["sum"] or following["unit_sum"] or _STOP.search(text, back.end, following.start()):
        return None, back.end
    when = _read_when(following, None)
    return when, following.end() if when else back.end


def _rate(text: str, paid: _Sum, back: _Sum, when: _When, *, gain: bool, end: int) -> Found | None:
    share = back.value / paid.value
    if share > _MOST_TIMES:
        return None
    start = when.start if paid.used and when.start >= paid.end else _start_of(text, paid.start)
    if when.a_year is not None and share < 1:
        return _periodic(text, (start, end), share, when.a_year)
    if when.days is None:
        return None
    if share > 1 and not gain:
        return Found(start, end, (share - 1) * 36_500 / when.days, None, "term", _UNSAID)
    said = "" if gain else "，回款视为收益"
    return Found(start, end, share * 36_500 / when.days, None, "term",
                 f"{when.days:g}天收益，按365天折算{said}")  # fmt: skip


def _periodic(text: str, span: tuple[int, int], share: float, a_year: int) -> Found | None:
    """Payments at intervals: of gains, or of capital too where their number is said."""
    total = _TOTAL.match(text, span[1])
    if total and not _PRINCIPAL_BACK.search(text, span[0], total.end() + 24):
        days = term_days(total["total"], total["total_unit"])
        back = share * (days or 0.0) * a_year / 365
        if days and back > 1:
            return Found(span[0], total.end(), (back - 1) * 36_500 / days, None, "term",
                         f"共返投入的{back:g}倍，按扣除本金后的单利折算；若本金另还则为{share * a_year * 100:g}%")  # fmt: skip
    apart = _PRINCIPAL_BACK.search(text, span[1], span[1] + 40)
    said = f"按单利×{a_year}折算" + ("" if apart else "，未说明是否含本金，按收益理解")
    return Found(*span, share * a_year * 100, None, _BASIS[a_year], said)


def _start_of(text: str, start: int) -> int:
    """The quote begins with the word that says the sum is paid in."""
    lead = _IN.search(text[max(0, start - 8) : start])
    return start - (len(lead[0]) if lead else 0)
