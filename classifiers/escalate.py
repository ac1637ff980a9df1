"""Hits that no single phrase makes: the size of a promised return, a missing notice, evasion."""

from classifiers.facts import Facts
from core.records import Hit, Origin, Rate

# Numeric escalators of the domain's thresholds, in points of a listed hit.
RATE_BANDS = ((100.0, 30.0), (36.0, 25.0), (24.0, 20.0), (12.0, 15.0), (8.0, 10.0), (6.0, 5.0))
RATE_PATTERN = "high_return"
NOTICE_PATTERN = "missing_risk_notice"
NOTICE_POINTS = 8.0
SILENCE_POINTS = 3.0
EVASION_POINTS = 8.0
EVASION_TITLES = {
    "homophone": "同音替字",
    "pinyin": "拼音夹写",
    "split_glyph": "拆字",
    "look_alike": "形近替字",
    "inserted_symbol": "字间插符号",
    "spaced": "拆开书写",
    "zero_width": "零宽字符",
    "digits": "变体数字",
    "traditional": "繁体混写",
}


def rate_hit(rates: list[Rate]) -> Hit | None:
    """The highest annualised return as a hit, banded."""
    known = [rate for rate in rates if rate.annual_pct is not None]
    if not known:
        return None
    top = max(known, key=lambda rate: rate.annual_pct or 0.0)
    pct = top.annual_pct or 0.0
    points = next((points for floor, points in RATE_BANDS if pct > floor), 0.0)
    if not points:
        return None
    assumption = f"（{top.assumption}）" if top.assumption else ""
    return Hit(
        rule="computed-rate",
        pattern=RATE_PATTERN,
        title="宣传的回报率偏高",
        quote=top.quote,
        start=top.start,
        end=top.end,
        source=Origin.BODY,
        points=points,
        law=("R737-2", "AD-25"),
        why=f"宣传口径“{top.quote}”折合年化约 {pct:g}%{assumption}，"
        "超过 6% 即应打问号，超过 8% 很危险。",
    )


def notice_hit(at: Rate) -> Hit:
    """A promotion that states a return and names no risk."""
    return Hit(
        rule="computed-notice",
        pattern=NOTICE_PATTERN,
        title="未作风险提示",
        quote=at.quote,
        start=at.start,
        end=at.end,
        source=Origin.BODY,
        points=NOTICE_POINTS,
        law=("AD-25",),
        why="宣传了投资回报，却未对可能存在的风险以及风险责任承担作合理提示或警示。",
    )


def silence_hit(at: Hit) -> Hit:
    """A promotion that is suspect by itself, states no figure, and names no risk."""
    return Hit(
        rule="computed-silence",
        pattern=NOTICE_PATTERN,
        title="未作风险提示",
        quote=at.quote,
        start=at.start,
        end=at.end,
        source=Origin.BODY,
        points=SILENCE_POINTS,
        law=("AD-25",),
        why="招揽投资而通篇未对可能存在的风险以及风险责任承担作提示或警示。",
    )


def evasion_hit(facts: Facts, at: Hit) -> Hit:
    """Disguised spelling in a text that is suspect by itself."""
    kinds = "、".join(EVASION_TITLES.get(kind, kind) for kind in facts.evasion)
    return Hit(
        rule="computed-evasion",
        pattern="signal",
        title="用变体写法躲避审核",
        quote=at.quote,
        start=at.start,
        end=at.end,
        source=Origin.BODY,
        points=EVASION_POINTS,
        law=(),
        why=f"文中出现规避审核的写法：{kinds}。正当经营没有必要把字写怪。",
    )
