"""Offers: which sums of a text are paid in by the reader, and which are promised back to him.

Each number is read by the words beside it: 交五万 pays in, 每月给四百 pays out, 三年后原价收回 gives
the principal back. Nothing here judges; rules combine these facts.
"""

import re
from dataclasses import dataclass

from classifiers.match import Span

LOOK_BACK, LOOK_AHEAD = 22, 12

_HANZI = "一二两三四五六七八九十百千万零〇半壹贰叁肆伍陆柒捌玖拾佰仟萬"
_NOT_MONEY = (
    rf"(?![\d.{_HANZI}]|分之|\s?(?:%|‰|％|个点|个百分点|成(?:半|五)?(?!长)|倍|折|分利|厘|天|日(?!元)|月(?!底)|个月|个工作|"
    r"年|周|岁|人|位|名|楼|栋|号|点|次|步|平|斤|公里|户|家|期|条|辆|部|届|万人|小时|分钟|秒|集|章|页|"
    r"楼|室|岁|代|级|层|股东|星|元店|块牌))"
)
MONEY = re.compile(
    rf"(?:(?<![\d.])(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?[ ]?(?:万|w(?![a-z])|k(?![a-z])|千|百|亿)?\d{{0,4}}[ ]?"
    rf"(?:[多余来])?(?:元|块钱|块|刀|美金|美元|u(?![a-z])|usdt|港币|人民币|圆|米(?!\d))?|"
    rf"[{_HANZI}]{{1,9}}[ ]?(?:[多来])?(?:元|块钱|块(?!\w?[板屏地牌])|刀|美金|美元|圆)|"
    rf"[{_HANZI}]*(?!千万(?:别|不|要|记|莫|注意))[万千百佰仟萬][{_HANZI}]*|[一二三四五六七八九]?十[一二三四五六七八九]?){_NOT_MONEY}"
)
_CUT = re.compile(r"[。!?;！？；\n]")

_IN_BEFORE = re.compile(
    r"(?:投|存|放|交|缴|出|充|认|购|买|入|借|付|捐|押|掏|凑|储|办|转|打款|拿出|消费|花|布施|排单|报单|"
    r"入金|门槛|起点|总价|单价|每份|每股|每亩|每台|一份|一股|一台|一亩|一棵|一头|一只|一坛|一套|一间|一幅|"
    r"一张|一枚|一块|一瓶|一件|一克|一期|价格|售价|认购价|作价|本金|押金|保证金|定金|预订金|会费|入会费|股金|金额|"
    r"级|档|卡|费|货款|凡)(?:款|金|额|资|钱|卡|入|进|上|了|个|满|够|纳|购|领|养|种|筹|捐|缴|值|会员|为|是|:|：|"
    r"至少|最少|仅需|只需|只要|仅|只|就|约|人民币|¥|￥|\s){0,4}$"
)
_IN_AFTER = re.compile(
    r"^\s?(?:起投|起存|起购|起认|起步|起|入门|门槛|一份|一股|一台|一只|一头|一亩|一棵|一坛|一幅|一套|一间|一枚|"
    r"一张|一瓶|一件|一克|一块|/份|/股|/台|/枚|每份|本金|进门|放心存|入股|投入|押金|保证金|会员费|拿下|打底|"
    r"以上|认购|认养|认领|的本金|的设备|存|放|投|办|买|入|打款|给我|在我|交|货款)"
)
_PERIOD = (
    r"(?:每(?:个)?(?:天|日|晚|周|月|季度?|年|半年|学期|星期|礼拜|期|单|轮|次)|(?:一|1|半|两|三|四|五|六|几|\d+|"
    r"[一二三四五六七八九十]{1,3})\s?(?:个)?(?:天|日|周|月|季|季度|年|星期|礼拜|学期|工作日)(?:后|内|到期|期满)?|月月|天天|"
    r"年年|日日|季季|按(?:日|天|周|月|季|年)|(?:^|[^\d])(?:日|月|年|周|季)(?=返|领|收|入|结|息|赚|分|薪|产|均|补)|年底|年末|月底|"
    r"季末|腊月|到期|期满|满期|满(?:一|两|三|五)年|次日|隔天|当天|当年|当月|/天|/日|/月|/年)"
)
_OUT_VERB = (
    r"(?:返还|返现|返利|返您|返你|返给|返|补贴|津贴|补|给|贴|领取|领|发放|发|分红|分成|分润|分|派发|派息|派|结算|"
    r"结|打到|打给|打|到账|到帐|到手|进账|进帐|收益|收入|收|拿回|拿到|拿|净得|得|获利|获|赚|挣|奖励|奖|"
    r"折现|回收|回购|收购|收回|接回|买回|回|奉还|退|产出|产|释放|利息|变成|变|吐|送|租金|可领|出)"
)
_OUT_BEFORE = re.compile(
    rf"{_PERIOD}[^。;!?\n]{{0,14}}?{_OUT_VERB}[^\d。;!?,，\n]{{0,8}}$|"
    rf"{_OUT_VERB}[^\d。;!?,，\n]{{0,5}}$"
)
_PERIOD_NEAR = re.compile(_PERIOD)
_OUT_AFTER = re.compile(
    rf"^[^。;!?\n]{{0,4}}?(?:收益|分红|利息|红包|补贴|津贴|奖励|到账|到手|打卡|打到|返|拿回|回收|回购|收回|接回|"
    rf"接手|买回|收购|兑现|提现|租金|净赚|现金|回来|回家|给你|给您|分给|的钱|香油钱|福报金|茶水|{_PERIOD})"
)
_NOT_OUT = re.compile(
    r"(?:月薪|底薪|工资|薪资|薪水|月费|月租|租金(?!.{0,3}(?:打|返|给|到手))|租约|房租|退休金|低保|护理费|学费|物业费|电费|油费|话费|餐费|押|首付|"
    r"月供|还款|还贷|贷|罚|扣|减|省|便宜|满|抵|亏|损失|欠|赔|骗|券|缴|交|花|收费|收取|成本|日结|时薪|计件)"
    r"[^。;!?\n]{0,4}$"
)


# Between two sums: what the first turns into.
_GROWS = re.compile(
    r"[^。;!?\n]{0,8}?(?:变成|变|得|拿回|返还|返|取回|取|领回|领|收回|回收|回购|收|→|->|拿|给|换|结给我|发|退)"
    r"[^\d。;!?,，\n]{0,3}"
)


@dataclass(frozen=True, slots=True)
class Offers:
    """Stretches of normalised text: what is paid in, and what is promised in return over time."""

    paid_in: list[Span]
    paid_out: list[Span]


def find_offers(text: str) -> Offers:
    """Every sum of the text that is paid in or promised back."""
    offers = Offers([], [])
    plain: Span | None = None  # a sum that nothing has explained yet
    for found in MONEY.finditer(text):
        start, end = found.span()
        before = _tail(text[max(0, start - LOOK_BACK) : start])
        after = _head(text[end : end + LOOK_AHEAD])
        grows = plain is not None and _GROWS.fullmatch(text[plain[1] : start][: LOOK_BACK + 1])
        if grows or _is_paid_out(before, after):
            offers.paid_out.append((start, end))
            if plain is not None and start - plain[1] <= LOOK_BACK and (
                not offers.paid_in or offers.paid_in[-1] != plain
            ):
                offers.paid_in.append(plain)
            plain = None
            continue
        if _IN_BEFORE.search(before) or _IN_AFTER.match(after):
            offers.paid_in.append((start, end))
        plain = (start, end)
    return offers


def _is_paid_out(before: str, after: str) -> bool:
    if _NOT_OUT.search(before):
        return False
    spoken = _OUT_BEFORE.search(before) or _OUT_AFTER.match(after)
    return bool(spoken and (_PERIOD_NEAR.search(before) or _PERIOD_NEAR.match(after[:4])))


def _tail(before: str) -> str:
    cuts = [found.end() for found in _CUT.finditer(before)]
    return before[cuts[-1] :] if cuts else before


def _head(after: str) -> str:
    cut = _CUT.search(after)
    return after[: cut.start()] if cut else after
