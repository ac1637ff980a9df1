"""An assessment told to a person at a terminal: the text with its quotes marked, and the sum."""

from collections.abc import Iterable

from classifiers.stance import STANCE_TITLES
from core.records import Assessment, Entity, Hit, Level, Rate

LEVEL_TITLES = {Level.NONE: "无", Level.LOW: "低", Level.MEDIUM: "中", Level.HIGH: "高"}
RED, DIM, BOLD, RESET = "\033[31m", "\033[2m", "\033[1m", "\033[0m"
CONTEXT_CHARS = 2_000  # of a long text, this much around the marked quotes is shown


def explain(assessment: Assessment, text: str, *, colour: bool = False) -> str:
    """The whole judgement in lines of plain Chinese; `colour` marks quotes with escape codes."""
    parts = [
        _headline(assessment),
        _marked(assessment.hits, text, colour),
        _section("计分理由", _counted(assessment.hits)),
        _section("不计分的命中", _let_off(assessment.hits)),
        _section("宣传的回报", _rates(assessment.rates)),
        _section("联系方式与主体", _entities(assessment.entities)),
        _section("规避写法", assessment.evasion),
        _section("分块研判", _blocks(assessment)),
        _sum(assessment),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(assessment: Assessment) -> str:
    patterns = f"　模式：{'、'.join(assessment.patterns)}" if assessment.patterns else ""
    level, stance = LEVEL_TITLES[assessment.level], STANCE_TITLES[assessment.stance]
    return f"风险等级：{level}（{assessment.score:g} 分）　立场：{stance}{patterns}"


def _marked(hits: Iterable[Hit], text: str, colour: bool) -> str:
    opening, closing = (f"{BOLD}{RED}", RESET) if colour else ("【", "】")
    faint = (DIM, RESET) if colour else ("〔", "〕")
    spans = sorted((hit.start, -hit.end, hit.points > 0) for hit in hits if hit.end > hit.start)
    if not spans:
        return ""
    pieces: list[str] = []
    position = max(0, spans[0][0] - CONTEXT_CHARS)
    pieces += ["……"] if position else []
    for start, negative_end, counts in spans:
        if start < position:
            continue
        before = text[position:start]
        if len(before) > 2 * CONTEXT_CHARS:
            before = f"{before[:CONTEXT_CHARS]}……{before[-CONTEXT_CHARS:]}"
        left, right = (opening, closing) if counts else faint
        pieces += [before, left, text[start:-negative_end], right]
        position = -negative_end
    rest = text[position:]
    pieces.append(rest if len(rest) <= CONTEXT_CHARS else f"{rest[:CONTEXT_CHARS]}……")
    return "".join(pieces)


def _section(title: str, lines: Iterable[str]) -> str:
    body = [f"  {line}" for line in lines]
    return "\n".join([f"{title}：", *body]) if body else ""


def _counted(hits: Iterable[Hit]) -> list[str]:
    lines: list[str] = []
    for hit in sorted(hits, key=lambda hit: -hit.points):
        if hit.points > 0:
            lines.append(f"+{hit.points:g}  {hit.title}：“{_short(hit.quote)}”（{hit.rule}）")
            lines.append(f"      {hit.why}")
            if hit.law:
                lines.append(f"      依据：{'；'.join(hit.law)}")
    return lines


def _let_off(hits: Iterable[Hit]) -> list[str]:
    return [
        f" 0  {hit.title}：“{_short(hit.quote)}”（{hit.rule}）——{_reason(hit)}"
        for hit in hits
        if hit.points == 0
    ]


def _reason(hit: Hit) -> str:
    if hit.apart:
        return f"{hit.why}（在页面另一处，该处另行研判，不计入本分）"
    return hit.silenced_by or hit.why


def _rates(rates: Iterable[Rate]) -> list[str]:
    lines = []
    for rate in rates:
        if rate.annual_pct is None:
            value = "无法折算"
        elif rate.annual_pct_min is not None:
            value = f"折合年化约 {rate.annual_pct_min:g}%–{rate.annual_pct:g}%"
        else:
            value = f"折合年化约 {rate.annual_pct:g}%"
        assumption = f"；{rate.assumption}" if rate.assumption else ""
        lines.append(f"“{_short(rate.quote)}” → {value}（{rate.basis}{assumption}）")
    return lines


def _entities(entities: Iterable[Entity]) -> list[str]:
    checks = {True: "，校验通过", False: "，校验不通过", None: ""}
    return [f"{entity.kind}：{entity.value}{checks[entity.valid]}" for entity in entities]


def _blocks(assessment: Assessment) -> list[str]:
    if len(assessment.blocks) < 2:  # noqa: PLR2004 (one block is the page itself)
        return []
    return [
        f"第 {block.block} 块（{block.source.value}）：{LEVEL_TITLES[block.level]}，"
        f"{block.score:g} 分，{STANCE_TITLES[block.stance]}"
        for block in assessment.blocks
    ]


def _sum(assessment: Assessment) -> str:
    points = [f"{hit.points:g}" for hit in assessment.hits if hit.points > 0]
    return f"合计：{' + '.join(points) or '0'} = {assessment.score:g} 分"


def _short(quote: str) -> str:
    flat = " ".join(quote.split())
    return flat if len(flat) <= 60 else f"{flat[:40]}……{flat[-15:]}"  # noqa: PLR2004
