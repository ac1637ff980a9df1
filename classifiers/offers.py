"""Offers: which sums of a text are paid in by the reader, and which are promised back to him.

Each number is read by the words beside it: 交五万 pays in, 每月给四百 pays out. Nothing here
judges; rules combine these facts.
"""

import re
from dataclasses import dataclass, field

from classifiers.match import Span
from classifiers.numerals import parse_number
from classifiers.shape import Shape

LOOK_BACK, LOOK_AHEAD = 22, 12
SMALLEST_TURN = 20.0  # sums below this are not what an investment turns into more
LARGEST = 50_000_000.0  # no offer to the public asks for more


def _any(words: str) -> str:
    """The alternation of blank-separated words or expressions."""
    return f"(?:{'|'.join(words.split())})"


_HAN = "零〇一二三四五六七八九十百千万两半壹贰叁肆伍陆柒捌玖拾佰仟"
_UNIT = _any("元 块钱 块(?![板屏地牌铺]) 刀(?!具) 美金 美元 usdt u(?![a-z盘]) 港币 人民币 圆 蚊")
_COUNTED = "张份股台亩头只棵枚坛套间幅件块"  # a sum may stand before one of them: 五千一张
_VOUCHER = rf"元?{_any('现金 代金 优惠 无门槛 消费 抵用 购物')}?券(?!.{{0,4}}可提现)"
_OTHER_UNIT = _any(
    "% ‰ 个点 个百分点 成(?![长社会员股]) 倍 折 番 分(?!\\d) 厘 度 克 天 日 号 个月 个工 年 "
    "周 岁 人 位 "
    "名 楼 栋 点 次 步 平 斤 "
    "吨 公里 米(?!\\d) 户 家 期 条 辆 部 届 小时 分钟 秒 集 章 页 室 代 级 层 星 股(?!\\d) 例 "
    "亩 台 枚 棵 头 只 份 张 间 "
    "颗 件 坛 袋 箱 版 季 轮 亿 多亿 万吨 万亩 万平 万人 万户 万股 万家 万例 万辆 万枚 万台 "
    + _VOUCHER
)
_NOT_MONEY = (
    rf"(?![\d.:]|[{_HAN}](?![{_COUNTED}]|年[变后]|个月[后变])|-\d|/\d|分之|"
    rf"月(?!底|收|返|领|分|付|息|得)|[ ]?{_OTHER_UNIT})"
)
_IDIOM = (
    rf"(?<![{_HAN}\d])(?!千万(?:别|不|要|记|莫|注意|小心)|"
    "一百[一-龥]心|百分|十分|万一|千百|十[一二]?月)"
)
MONEY = re.compile(
    r"(?:(?<![\d.\-/a-z])(?<!\d:)(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,2})?"
    r"(?:[ ]?(?P<big>[万千百wk])(?![a-z])(?:\d{1,4}(?:[千百]\d{0,3})?)?)?"
    rf"[ ]?[多余来]?(?P<unit>{_UNIT})?(?P<small>\d)?|"
    rf"(?<!第){_IDIOM}(?P<han>[{_HAN}]{{1,9}})[ ]?[多来]?(?P<hanunit>{_UNIT})?)"
    rf"{_NOT_MONEY}"
)
_BESIDE_NUMBER = re.compile(rf"[多余来 ]|{_UNIT}")
_HAN_SUM = re.compile(r"[万千百仟佰]|十")
# Numerals without a digit or a round one are a sum only before a currency.
_SUM_RUNS = re.compile(rb"[dnN]*[dN][dnN]*|n+(?=g?\.?[ul])")
_CUT = re.compile(r"[。!?;\n]")

_PAY = _any(
    "投 存 放 交 缴 充 认 购 买 入 借 付 捐 押 掏 凑 储 转 打款 拿出 消费 花 布施 排单 报单 办 "
    "出 入金 门槛 起点 "
    "总价 单价 每份 每股 每亩 每台 一份 一股 一台 一亩 一棵 一头 一只 一坛 一套 一间 一幅 一张 "
    "一枚 一瓶 一件 一箱 一饼 一提 一条 一对 一颗 一尊 一盒 一单 每头 每只 每棵 每坛 每箱 "
    "每套 每间 "
    "拍下 拿下 买走 带走 请回 捐助 捐赠 认种费 认养费 认养金 认领金 入伙费 启动资金 进价 "
    "认购价 每位 每人 每份 每个名额 名额 "
    "价格 售价 作价 本金 押金 保证金 定金 预订金 会费 入会费 股金 金额 级 档 卡 货款"
)
_PAY_FILLER = _any(
    "款 金 额 资 钱 卡 入 进 上 了 个 够 纳 购 领 养 种 筹 捐 缴 值 会员 为 是 : 至少 最少 "
    "仅需 只需 只要 仅 只 就 约 "
    "人民币 ¥ \\$ [\\x20] 满"
)
_IN_BEFORE = re.compile(rf"{_PAY}{_PAY_FILLER}{{0,4}}$")
_NOT_IN = re.compile(
    _any("消费满 购物满 累计 注册资本 募集资金 总投资 投资完成 共计 合计 实付 售出")
    + r"[^。;!?\n]{0,6}$"
)
_IN_AFTER = re.compile(
    "^[ ]?"
    + _any(
        "起投 起存 起购 起认 起步 起(?!诉) 入门 门槛 一份 一股 一台 一只 一头 一亩 一棵 一坛 "
        "一幅 一套 一间 一枚 一张 "
        "一瓶 一件 一克 /份 /股 /台 /枚 每份 本金 进门 放心存 入股 投入 押金 保证金 会员费 "
        "拿下 打底 认 的本金 存 放 投 "
        "打款 给我 在我 交(?!通|易) 买走 请回 一箱 一饼 一提 一盒 一单 一位 一户 一个坑 "
        "一个单元 一个名额"
    )
)
_COUNT_OF_TIME = r"(?:一|1|半|两|三|四|五|六|几|\d+|[一二三四五六七八九十]{1,3})[ ]?(?:个)?"
_PERIOD = _any(
    "每(?:个)?(?:天|日|晚|周|月|季度?|年|半年|学期|星期|礼拜|期|单|轮) "
    + _COUNT_OF_TIME.replace(" ", "\\x20")
    + "(?:天|日(?!\\d|元)|周(?!年|岁)|月(?!\\d)|季|季度|年(?![\\d代])|星期|礼拜|学期)"
    "(?:后|内|到期|期满)? "
    "(?:这|本|当|上|头|第)(?:一|二|三|1|2)?(?:个)?(?:天|周|月|季度?|年) 日租 日均 月均 日产 "
    "月到手 月净 日净 秋后 年后 冬至 中秋 春节 出栏 半年付 季付 月付 "
    "月月 天天 年年 日日 季季 逐月 逐年 按(?:日|天|周|月|季|年) "
    "(?:^|[^\\d一二三四五六七八九十])(?:日|月|年|周|季)"
    "(?=返|领|收(?!入)|入|结|息|赚|分|均|回(?!购)|多|净|保底|固定|得) "
    "年底 年末 月底 季末 腊月 到期 期满 满期 次日 隔天 当天 当年 当月 /天 /日 /月 /年"
)
_SURE_VERB = _any(
    "返还 返现 返利 返 补贴 补助 给 贴 领取 领 记 下发 发 分 打给 到手 到账 到帐 净得 净赚 净落 "
    "赚 挣 拿回 拿 结给 吐 退回 "
    "退 收 变成 变 得 回 保底 利息 租金 分成 息 多 多领 收益 奖励 约合 进账"
)
_VERB = _any(
    "返还 返现 返利 返 补贴 津贴 补(?!课) 给 贴 领取 领 发放 发 分红 分成 分润 分账 "
    "分(?!钟|公司|院|店|期|为|布|别|类|开|析|之|批) 补助 派发 派息 派 结算 结给 打到 打给 打卡 "
    "到账 到帐 到手 进账 进帐 "
    "收益 收(?!费|取|购|入|据|货) 拿回 拿到 拿 净得 得 获利 获得 获 赚 挣 奖励 奖 折现 回收 "
    "回购 收购 "
    "收回 接回 买回 接手 转去 转给 福报金 分红金 红包 分回 添 支付[您你] 付[您你给] 补足 "
    "入账 落 净落 贴补 "
    "回(?!复) 奉还 退 产出 释放 利息 变成 变 吐 租金 下发 送 保底"
)
_OUT_BEFORE = re.compile(rf"{_VERB}[^\d。;!?\n]{{0,8}}$")
_SURE_FILLER = _any("你 您 我 俺 给 了 不少于 约 现金 到 回 您的 来 工资 入 固定 津贴 \\+ [\\x20]")
SURE_BEFORE = re.compile(rf"{_SURE_VERB}{_SURE_FILLER}{{0,3}}$")
_PERIOD_NEAR = re.compile(_PERIOD)
_AFTER_PERIOD = re.compile(
    r"(?:每(?:天|日|月|个月|季|年)|(?<![认领][养种领])(?<![租包订办])(?:一个月|一年|半年))[ ]?$"
)
_OUT_AFTER = re.compile(
    r"^[^。;!?\n]{0,4}?"
    + _any(
        "收益 分红 利息 红包 补贴 津贴 奖励 到账 到手 打卡 打到 返 拿回 回收 回购 收回 接回 "
        "接手 买回 收购 兑现 提现 租金 "
        "结算 当天到 秒到 到支付宝 到微信 到卡 打底 授权金 返给 添给 净赚 回来 回家 给你 给您 "
        "分给 福报金 茶水 助学金 过年钱 " + _PERIOD + "(?:返|打|给|结|领)"
    )
)
_NOT_OUT = re.compile(
    _any(
        "月薪 底薪 工资(?!返) 薪资 薪水 月费 月租 "
        "租金(?!.{0,3}(?:打|返|给|到手|你))[^。;!?\\n]{0,6} 租约 房租 退休金 低保 "
        "护理费 学费 物业费 电费 油费 话费 餐费 工费 首付 月供 还款 还贷 贷款 贷 罚 扣 减 省 "
        "便宜 满 抵 亏 损失 欠 赔(?!付) "
        "骗 券 缴 花 收费 收取 成本 日结 时薪 计件 共收 总计 累计 估算 营收 增长 同比 报警 "
        "报名费 只有 才 罚款 金币 积分 钻石"
    )
    + r"[^。;!?\n]{0,4}$"
)
_NOT_OUT_AFTER = re.compile("^[ ]?" + _any("直接打入 打入 金币 积分 钻石 经验 分换 电话 分享"))
# Between two sums: what the first turns into; or behind the second, how it comes back.
_TURNS = re.compile(
    _any(
        "变成 变 得 拿回 返还 返 取回 取 领回 领 收回 回收 回购 收到 收 → -> 拿 换 结给我 "
        "到手 退 支付 兑 "
        "分回 分得 分到 福报金 共富金 返您 返你 给到 照给 转去 转给 回 兑付 发还 "
        "当作 当 能用 接手 接回 买回 赎回 按 就是 还你 还您 还给 给你 给您 "
    )
    + r"(?:每.{1,2}|你|您|我|他|乙方|现金|不少于|至少|大约|约|人民币|了|到|成)?[^\d。;!?,\n]{0,3}$"
)
_TURNS_AFTER = re.compile(
    r"^[^\d。;!?,\n]{0,2}?"
    + _any(
        "收(?!入|费|据) 接手 接回 接货 回购 回收 买回 赎回 收购 兑 提现 提取 现金 到手 回来 "
        "回家 拿走 往回收"
    )
)
_NO_TURN = re.compile(
    _any(
        "充进去 不退现 不返利 原价 现价 市场价 市价 总价 优惠价 涨到 降到 [-—~至] 打折 减 房租 工资"
    )
)
_RENTED = re.compile(_any("押金 租 票 房费 住宿 停车 自习 健身 课 餐 照料 护理 收费 资费 月费"))
# Goods instead of money: 100 grams put in, 108 taken out.
_KIND = re.compile(
    r"(?P<put>(?:存|放|寄存|托管|交|租|质押|锁仓?|投|买)[^\d。;!?\n]{0,6}(?P<first>\d{1,6})"
    r"[ ]?(?P<unit>克|斤|枚|个|u|币|瓶|坛|只|头))"
    r"[^。!?\n]{0,40}?(?:取|领|返|还|变|拿|收|得|给)[^\d。;!?\n]{0,6}"
    r"(?P<out>(?P<second>\d{1,6})[ ]?(?P=unit))"
)
TURN_REACH = 60
_TURN_CUT = re.compile(r"[!?;\n]|。[^。]*。")
PAID_REACH = 90  # characters between what is paid in and what is paid out for it
GREATEST_TURN = 30.0
PLAIN_SUM = 100.0  # a bare number below this may count anything
_ROUND = frozenset({100.0, 1_000.0, 10_000.0, 100_000.0})  # 每万元: what the return counts on
MANY_TIMES = 5.0
CLOSE = 14  # characters from a sum that is paid to what is paid for it by the day or month


@dataclass(frozen=True, slots=True)
class Offers:
    """Stretches of normalised text: what is paid in, and what is promised in return over time."""

    paid_in: list[Span] = field(default_factory=list)
    paid_out: list[Span] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Sum:
    span: Span
    value: float
    plain: bool  # neither a currency nor a round unit says that it is money


def find_offers(shape: Shape) -> Offers:
    """Every sum of a narrow text that is paid in or promised back."""
    text = shape.narrow
    offers = Offers()
    _add_kinds(text, offers)
    earlier: _Sum | None = None
    for money in _sums(shape):
        start, end = money.span
        before = _tail(text[max(0, start - LOOK_BACK) : start])
        after = _head(text[end : end + LOOK_AHEAD])
        near = earlier is not None and start - earlier.span[1] <= PAID_REACH
        if earlier and _turns_into(text, earlier, money, after):
            offers.paid_out.append(money.span)
            _add(offers.paid_in, earlier.span)
            earlier = None
            continue
        if _is_paid_out(before, after, money, earlier):
            offers.paid_out.append(money.span)
            if earlier and near and earlier.value > money.value / GREATEST_TURN:
                _add(offers.paid_in, earlier.span)
            earlier = None
            continue
        if _is_paid_in(before, after, money):
            offers.paid_in.append(money.span)
        known = not money.plain or money.value >= PLAIN_SUM
        earlier = money if known or offers.paid_in[-1:] == [money.span] else None
    return offers


def _add_kinds(text: str, offers: Offers) -> None:
    for found in _KIND.finditer(text):
        if int(found["second"]) > int(found["first"]):
            offers.paid_in.append(found.span("put"))
            offers.paid_out.append(found.span("out"))


def _sums(shape: Shape) -> list[_Sum]:
    found = []
    for match in shape.at_numerals(MONEY, _SUM_RUNS):
        han = match["han"]
        if han and not match["hanunit"] and not _HAN_SUM.search(han):
            continue
        value = parse_number(_BESIDE_NUMBER.sub("", match[0])) or 0.0
        if 0 < value <= LARGEST:
            sure = match["unit"] or match["hanunit"] or match["big"] or (han and _is_round(han))
            found.append(_Sum(match.span(), value, not sure))
    return found


def _is_round(han: str) -> bool:
    return any(unit in han for unit in "万千百仟佰")


def _turns_into(text: str, first: _Sum, second: _Sum, after: str) -> bool:
    between = text[first.span[1] : second.span[0]]
    grows = SMALLEST_TURN <= first.value < second.value <= first.value * GREATEST_TURN
    if not grows or len(between) > TURN_REACH:
        return False
    if _TURN_CUT.search(between) or _NO_TURN.search(between):
        return False
    return bool(_TURNS.search(between) or _TURNS_AFTER.match(after))


def _is_paid_out(before: str, after: str, money: _Sum, earlier: _Sum | None) -> bool:
    if _NOT_OUT.search(before) or _NOT_OUT_AFTER.match(after):
        return False
    near = _PERIOD_NEAR.search(before) or _PERIOD_NEAR.match(after[:4])
    if not near:
        return False
    if _AFTER_PERIOD.search(before) and _pays_for(earlier, before, money):
        return True
    if money.plain and money.value < PLAIN_SUM:
        return SURE_BEFORE.search(before) is not None
    return bool(_OUT_BEFORE.search(before) or _OUT_AFTER.match(after))


def _pays_for(earlier: _Sum | None, before: str, money: _Sum) -> bool:
    """Whether a sum by the day or month stands close behind a greater one that is paid for it."""
    if earlier is None or earlier.value <= money.value or _RENTED.search(before):
        return False
    gap = money.span[0] - earlier.span[1]
    return gap <= CLOSE or (gap <= TURN_REACH and earlier.value >= MANY_TIMES * money.value)


def _is_paid_in(before: str, after: str, money: _Sum) -> bool:
    if _NOT_IN.search(before) or (money.plain and money.value < SMALLEST_TURN):
        return False
    if before.endswith("每") and money.value in _ROUND:
        return True
    return bool(_IN_BEFORE.search(before) or _IN_AFTER.match(after))


def _add(spans: list[Span], span: Span) -> None:
    if span not in spans[-2:]:
        spans.append(span)


def _tail(before: str) -> str:
    cuts = [found.end() for found in _CUT.finditer(before)]
    return before[cuts[-1] :] if cuts else before


def _head(after: str) -> str:
    cut = _CUT.search(after)
    return after[: cut.start()] if cut else after
