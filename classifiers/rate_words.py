"""Words that make a number a return, and words that make it something else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.numerals import COUNT, parse_number


@dataclass(frozen=True, slots=True)
class Found:
    """A rate in the plain text: span, annual percent (and the range's lower end), basis, why so."""

    start: int
    end: int
    pct: float | None
    low: float | None
    basis: str
    assumption: str | None


# Basis, periods a year, and how it was annualised.
PERIODS: dict[str, tuple[str, float, str]] = {
    "day": ("day", 365, "按单利×365折算"),
    "week": ("week", 52, "按单利×52折算"),
    "month": ("month", 12, "按单利×12折算"),
    "quarter": ("quarter", 4, "按单利×4折算"),
    "half": ("half_year", 2, "按单利×2折算"),
    "year": ("year", 1, ""),
}
RETURN = re.compile(
    r"收益|回报|利息|年息|月息|日息|年利|月利|利率|年化|月化|日化|周化|分红|红利|返还|返现|返利|返租|返点|日返|月返|周返|年返|"
    r"返给|每月返|每天返|返(?!回|程|乡|工|校|岗|航|修|家|聘|贫|厂|京|场|点)|回馈|付息|派息|股息|派发|结息|生息|增值|升值|补贴|津贴|奖金池|盈利|盈亏|利润|获利|赚|到账|释放|静态|"
    r"租金|租|回购|溢价|兑付|存期|存满|[一两二三四五]年期|半年期|个月期|定期|票面|年租|保底|贴息|贴补|给息|吃息|拿息|复利|出局|贡献|感恩金|利滚利|标的|[日周月年]入|每[期轮次]\||起投|起存|起购|固收|apy|apr|定融|政信|债权|优先级|业绩(?:比较)?基准|克重|出借|买回|加价|接盘|标(?=\d)|代储|应收账款"
)
PER_YEAR = re.compile(
    r"一天|每日|日均|年化|月化|日化|年息|月息|日息|年利|月利|收益|回报|一年|每月|每天|每年"
)
# Said right beside the number: these percentages are of other things.
NOT_A_RETURN = re.compile(
    r"同比|环比|增长(?!金)|增幅|增速|增加|上升|上涨|上浮|下调|上调|涨幅|跌幅|下跌|下降|下滑|降幅|降低|减少|跌|涨了|"
    r"占比|占|比重|份额(?!认购)|完成率|合格率|达标|就业率|覆盖率|通过率|满意|出勤|率先|入住率|出租率|成功率|胜率|正确率|准确|"
    r"毛利|净利率|佣金|提成|返佣|返点|手续费|服务费|管理费|税|首付|折扣|优惠|立减|直降|off|减免|降价|以旧换新|打折|中签|工资|薪|"
    r"酒精|浓度|含量|湿度|电量|进度|持股|股权|股份占|控股|cpi|gdp|pmi|指数|概率|几率|左右的人|的人|的用户|的客户|的家庭|的居民|的市民|的学生|的老人|的网友|的受访|"
    r"承担|缴费|缴存|下级|任务收入|日薪|(?<!投)入金额|认购额|入会|刨掉|抽成|直推|间推|推荐奖|管理奖|一级|二级|三级|层|代\b|奖励(?:业绩)?|业绩的|"
    # 收益的20%, 营业额1%: a share of what others earn. 回购率80%: any rate but one of returns.
    r"(?:收益|利润|盈利|业绩|收入|分红|返利|奖金|奖励|提成|租金)的\||"
    r"(?:营业额|流水|交易额|成交额|销售额|营收)的?\||"
    r"(?<!收益)(?<!回报)(?<!报酬)(?<!投报)(?<!增值)(?<!返还)(?<!分红)(?<![利化息返租])率(?:高?达|已达|为|是|约|在|超过?| )*\|"
)
LOAN = re.compile(r"贷|借款|借钱|分期|放款|额度|还款|信用卡|逾期|罚息")
_DAYS = {"小时": 1 / 24, "天": 1.0, "日": 1.0, "周": 7.0, "星期": 7.0, "礼拜": 7.0, "月": 365 / 12, "个月": 365 / 12,
         "季度": 91.25, "季": 91.25, "个季度": 91.25, "年": 365.0}  # fmt: skip
_UNIT = (
    r"个半月|年半|工作日|天|日(?!期|\d)|周(?!岁|年|边|期)|星期|礼拜|个月|月(?![\d底初末份中上下])|"
    r"季度|季|小时(?!内|到|在|客|营|热|服|值|不|候)|年(?!底|初|末|代|前|级|份|\d)"
)
TERM = rf"(?P<term>{COUNT}|半) ?(?:个(?!月|半))?(?P<unit>{_UNIT})"
TERM_AT = re.compile(
    rf"(?<![\d.零一二两三四五六七八九十半第])(?:(?P<least>{COUNT}) ?(?:-|~|—|～|到|至) ?)?{TERM}"
)
_LONGEST_YEARS = 60
_NEAR_TERM = 8


def term_days(number: str, unit: str) -> float | None:
    """A span of time in days."""
    if number == "半":
        return {"年": 182.5, "月": 15.0, "个月": 15.0}.get(unit)
    value = parse_number(number)
    if value is None or value <= 0 or (unit.startswith("年") and value > _LONGEST_YEARS):
        return None
    if unit in {"个半月", "年半"}:
        return (value + 0.5) * (365 / 12 if "月" in unit else 365)
    days = value * _DAYS.get("天" if unit == "工作日" else unit, 0.0)
    return days if days >= (1 / 24 if unit == "小时" else 1) else None


def match_days(match: re.Match[str]) -> float | None:
    """The days of a match that holds `TERM`."""
    return term_days(match["term"], match["unit"]) if match["term"] else None


_STATED_LATER = re.compile(
    rf"(?:期限|锁定期?|持有|存期|周期|封闭期|满)(?:为|是|:|：)?(?:(?P<least>{COUNT}) ?(?:-|~|—|～|到|至) ?)?{TERM}"
)
_CYCLE = re.compile(
    rf"(?P<least>(?!))?{TERM} ?(?:为|是|算|就是)?一?个?(?:周期|期|轮|局|单|次|结算?)[^。]{{0,8}}(?:每(?:个周)?[期轮局单次]|给|返)"
)
_OPTIONS_LATER = re.compile(
    rf"[^，,（(\d]{{0,6}}[，,（( ]{{0,2}}(?:(?P<least>{COUNT}) ?(?:-|~|—|～|到|至) ?){TERM}"
)


def terms_of(before: str, after: str, rest: str) -> tuple[float, float] | None:
    """The shortest and longest term, in days, that a percentage counts for.

    `3年24%`, `24%（三年）`, `90天收益18%`, `溢价12%，期限1-3年`.
    """
    found = list(TERM_AT.finditer(before))
    if found and len(before) - found[-1].end() <= _NEAR_TERM:
        return _both(found[-1])
    for pattern, text in (
        (TERM_AT, after.lstrip(" /（(")),
        (_OPTIONS_LATER, rest),
    ):
        match = pattern.match(text)
        if match:
            return _both(match)
    cycle = _CYCLE.search(before)
    if cycle:
        return _both(cycle)
    later = _STATED_LATER.search(rest)
    return _both(later) if later else None


def _both(match: re.Match[str]) -> tuple[float, float] | None:
    longest = match_days(match)
    if longest is None:
        return None
    shortest = term_days(match["least"], match["unit"]) if match["least"] else longest
    return (min(shortest or longest, longest), longest)


def windows(
    anchors: Iterator[tuple[int, int]], back: int, ahead: int, length: int
) -> list[tuple[int, int]]:
    """The stretches around the anchors, joined where they touch."""
    joined: list[tuple[int, int]] = []
    for start, end in anchors:
        low, high = max(start - back, 0), min(end + ahead, length)
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined
