"""Which computed facts a bare text may hold: sums, rates, contacts. Says yes too often, never no.

Each test is a wider form of what its reader asks for, because a bare text has lost the marks.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from classifiers.bare import JOINT
from classifiers.char_classes import HIDDEN
from classifiers.offers import SURE_BEFORE
from classifiers.shape import letters_of

if TYPE_CHECKING:
    from classifiers.bare import BareText


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


FACTS = frozenset({"amount", "paid_in", "paid_out", "rate", "contact"})
BOTH = "both"  # two sums in one text, of which each may be paid another way
SIGNS = "%‰¥￥$"  # each of them says that money is named
_ONES = "一二两三四五六七八九"
_NUMERALS = "0123456789〇零几半十百千万壹贰叁肆伍陆柒捌玖拾佰仟亿幺俩仨" + _ONES
_CURRENCIES = _listed("元 块 圆 刀 美金 美元 港币 港元 usdt u rmb 人民币 米")
_SURE_RATES = _listed(
    "翻 倍 回本 返本 收回 回收期 每天返 每日返 到手 年化 年利 年收益 "
    "年回报 年息 年期 天标 月标 活期 分之 个点 分点 半点 手续费 年租金 "
    "年返租 年的租金 年的收益 年的返租 回购 接回 回来 赚回 挣回 拿回 回报周期 月息 月利 月化"
)
_DAILY = _listed("日息 日化 日返 日利 日收益 每天 每日 天天 一天")
_FEN = "分厘毛角"
_CONTACT_WORDS = _listed(
    "微 威 v wx we 徽 维 薇 卫星 绿泡泡 溦 tme tg 电报 telegram 飞机 wame whatsapp discord"
)
_FEN_AHEAD, _FEN_BACK = 8, 44  # where the period or the interest of 分 and 厘 is named
_FEN_BEFORE, _FEN_BEHIND = re.compile("[息利返入月年日给拿吃开付]"), re.compile("[利息]")
_DAILY_RATE = re.compile(rf".{{2,3}}[^{JOINT}]{{0,8}}?[万千]")
_DIGITS = "[0-9一二三四五六七八九零幺]"
_PHONE = re.compile(rf"[1一幺][3-9三四五六七八九]{_DIGITS}{{9}}|[48]00\d{{7}}")
_LANDLINE = re.compile(r"0(?:[ \n]{0,3}\d){2,3}[ \n]{0,3}[-) ](?:[ \n]{0,3}\d){7}")
_MESSENGER = re.compile(
    r"(?:微|威|v|wx|we|徽|维|薇|卫星|绿泡泡|溦)[信号芯电心众公同群咨询联系私聊了解客服老师经理x]*"
    rf"[^{JOINT}0-9]{{0,8}}?[a-z]"
    r"|tme|tg|电报|telegram|飞机|wame|whatsapp|discord"
)
_NUMBERED = re.compile(rf"(?:q|扣扣|企|球球|秋秋|叩叩|群|裙)[^{JOINT}0-9]{{0,6}}?{_DIGITS}{{5}}")
_LONG_WORD = re.compile(r"[A-Za-z0-9]{14}")
_RUNS, _LONE = re.compile(rb"[dnN]+"), re.compile(rb"n(?!.?[ul])")
_SMALL = re.compile(rb"d{1,2}(?![dnN]|.?[ulN])")  # less than a hundred of anything
_SUM = re.compile(rb"d[dnN]|N")
_NUMERAL = re.compile(rb"[dnN]")
_FIVE, _LONG = re.compile(rb"[dn][dn]{4,}"), re.compile(rb"[dl][dl]{13}")
_LEAD = 12  # how far before a number the words may stand that say what it is
_TIME = re.compile("[天日月年周季期晚时单轮节秋栏]|星期|礼拜|冬至")
_OUT = re.compile(
    "[返拿领收回利益分给打赚得变退补贴息派结付租产吐取还兑手送入提换津发到进获挣奖折买接转福添落净奉释"
    "下保放红款照当用按就是能支成共多授茶学钱记约]|一天|每"
)
_TURN = re.compile("[变得拿返取领回收换结到退支兑分福共给照转发当用接买赎按就还提往是现]")
_BACK, _AHEAD = 70, 80
_NEAR_BACK, _NEAR_AHEAD = 22, 14


@cache
def mark_words() -> dict[str, tuple[str, ...]]:
    """The words that call for a fact, by fact, as one automaton looks for them."""
    units = [*_CURRENCIES]
    amounts = {first + unit for first, unit in product(_NUMERALS + "wk", units)}
    amounts |= {first + unit for first, unit in product("0123456789", "万wk千")}
    amounts |= {first + unit for first, unit in product("一二两三四五六七八九十", "万千百")}
    rates = {*_SURE_RATES, *(f"送{one}" for one in _NUMERALS)}
    rates |= {f"{one}成" for one in _ONES}
    fen = {one + unit for one, unit in product(_NUMERALS + "息利返入月年", _FEN)}
    return {
        "amount": tuple(amounts),
        "rate": tuple(rates),
        "fen": tuple(fen),
        "daily": tuple(_DAILY),
        "messenger": tuple(_CONTACT_WORDS),
    }


def possible_facts(text: BareText, marks: dict[str, list[int]]) -> set[str]:
    """The computed facts that may stand in one of the texts, given where their words stand."""
    letters = letters_of(text.codes).tobytes()
    facts = set()
    if "amount" in marks or any(sign in text.plain for sign in "¥￥$"):
        facts.add("amount")
    if "%" in text.plain or "‰" in text.plain:  # where figures are masked too: x.x%
        facts.add("rate")
    if _NUMERAL.search(letters):
        facts |= _sums(text, letters)
        if _has_rate(text, marks):
            facts.add("rate")
    if _has_contact(text, letters, marks):
        facts.add("contact")
    return facts


def _has_rate(text: BareText, marks: dict[str, list[int]]) -> bool:
    if "rate" in marks:
        return True
    for at in marks.get("fen", ()):
        if _FEN_BEFORE.search(text.text, max(at - _FEN_BACK, 0), at + 1):
            return True
        if _FEN_BEHIND.search(text.text, at + 2, at + 2 + _FEN_AHEAD):
            return True
    return any(_DAILY_RATE.match(text.text, at) for at in marks.get("daily", ()))


def _sums(text: BareText, letters: bytes) -> set[str]:
    """What the sums of the texts may be: paid in, paid out, or a rate between two of them."""
    facts = set()
    whole = text.text
    arrow = "→" in text.plain or "->" in text.plain
    for run in _RUNS.finditer(letters):
        start, end = run.span()
        if end - start == 1 and _LONE.match(letters, start):
            continue
        opening, closing = whole.rfind(JOINT, 0, start) + 1, whole.find(JOINT, end)
        closing = len(whole) if closing < 0 else closing
        first, last = max(start - _BACK, opening), min(end + _AHEAD, closing)
        facts.add("paid_in")
        parted = 0 in text.touching[start : end - 1]
        beside = parted or _NUMERAL.search(letters, first, start)
        low, high = max(start - _NEAR_BACK, first), min(end + _NEAR_AHEAD, last)
        timed = _TIME.search(whole, low, min(end + 4, high)) and _OUT.search(whole, low, high)
        if timed and not beside and _SMALL.match(letters, start) and not parted:
            timed = SURE_BEFORE.search(whole, low, start)
        if timed or (beside and (arrow or _TURN.search(whole, first, high))):
            facts.add("paid_out")
            before, behind = letters[opening:start], letters[end:closing]
            if parted or _NUMERAL.search(before) or _NUMERAL.search(behind):
                facts.add(BOTH)
        two = beside or _NUMERAL.search(letters, end, last)
        said = _TIME.search(whole, first, last) and _OUT.search(whole, first, last)
        if two and said and _SUM.search(letters, start, end):
            facts.add("rate")
    return facts


def _has_contact(text: BareText, letters: bytes, marks: dict[str, list[int]]) -> bool:
    if "@" in text.plain:
        return True
    if _LONG.search(letters) and _LONG_WORD.search(text.plain):
        return True
    if any(_MESSENGER.match(text.text, at) for at in marks.get("messenger", ())):
        return True
    for run in _FIVE.finditer(letters):
        start, end = max(run.start() - _LEAD, 0), run.end()
        if _PHONE.search(text.text, start, end) or _NUMBERED.search(text.text, start, end):
            return True
    return bool(text.holds & HIDDEN) or _LANDLINE.search(text.plain) is not None
