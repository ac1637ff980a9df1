"""What is told at once: one finding, or the summary of many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from alerts.chat_text import chat_safe
from alerts.digest import Item, Window, build_item
from alerts.marks import shown
from alerts.message import Message
from alerts.plain import field, wrap
from alerts.wording import LEVELS, WORDS
from core.ledger import Finding, FindingState
from storage.bursts import Burst
from storage.outbox import ALL, MessageKind

SHOWN_PLACES = 3
MAX_LISTED_IDS = 1_000
_WORDS, _LEVELS = WORDS["zh"], LEVELS["zh"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What messages show beside a finding: targets by name, the office's clock, where to review."""

    target_titles: Mapping[str, str]
    zone: str
    review_url: str | None


def finding_message(
    finding: Finding, key: str, surroundings: Surroundings, audience: str = ALL
) -> Message:
    """One finding with its sentence, reasons, rates and places; personal numbers are starred."""
    item = _item(finding, surroundings)
    occasion = "再次提示" if finding.state is FindingState.REOPENED else "新线索"
    if item.is_on_picture:
        occasion += f" · {_WORDS['picture']}"
    subject = f"【即时预警】{item.level} {chat_safe(item.heading, 40)}"
    return Message(
        key=key,
        kind=MessageKind.FINDING.value,
        subject=subject if audience == ALL else f"{subject}（{audience}）",
        text=_text(item, occasion, surroundings),
        brief=_brief(item, occasion, surroundings),
        data={
            "finding": finding.id,
            "audience": audience,
            "level": finding.level.word,
            "score": round(finding.score),
            "patterns": list(finding.patterns),
            "title": item.heading,
            "sentence": item.sentence_text,
            "targets": sorted({place.target_id for place in finding.places}),
            "urls": [place.url for place in finding.places[:SHOWN_PLACES]],
            "first_seen": finding.first_seen.isoformat(),
            "review_url": _review(finding.id, surroundings),
        },
    )


def summary_message(
    burst: Burst, worst: Sequence[Finding], key: str, surroundings: Surroundings
) -> Message:
    """Many findings in one message: how many by level, the worst of them, where the rest stands."""
    zone = ZoneInfo(surroundings.zone)
    first, last = (f"{at.astimezone(zone):%m-%d %H:%M}" for at in (burst.first_at, burst.last_at))
    count = len(burst.finding_ids)
    levels = "、".join(f"{_LEVELS[level]} {number} 条" for level, number in burst.levels)
    subject = f"【预警汇总】{count} 条线索（{levels}）"
    if burst.audience != ALL:
        subject += f"（{burst.audience}）"
    head = f"{first} 至 {last} 共 {count} 条线索：{levels}。数量较多，合并为一条消息。"
    items = [_item(finding, surroundings) for finding in worst]
    lines = [
        f"{number}. [{item.level} {item.finding.score:.0f}] {chat_safe(item.heading, 40)}"
        f"（{_names(item)}）"
        for number, item in enumerate(items, 1)
    ]
    rest = count - len(items)
    tail = [f"其余 {rest} 条见复核页面或日报。"] if rest > 0 else []
    if surroundings.review_url:
        tail.append(f"去复核：{surroundings.review_url}")
    tail.append(_WORDS["alert_notice"])
    listed = burst.finding_ids[:MAX_LISTED_IDS]
    return Message(
        key=key,
        kind=MessageKind.SUMMARY.value,
        subject=subject,
        text="\n".join((subject, "", head, "", *lines, "", *tail)) + "\n",
        brief="\n".join((f"**{subject}**", head, *lines, *tail)),
        data={"count": count, "audience": burst.audience, "findings": list(listed)},
    )


def _item(finding: Finding, surroundings: Surroundings) -> Item:
    zone = ZoneInfo(surroundings.zone)
    flagged = finding.reopened_at or finding.first_seen
    day = flagged.astimezone(zone).date()
    moment = datetime.combine(day, datetime.min.time(), zone)
    window = Window(day, moment, moment + timedelta(days=1), surroundings.zone)
    return build_item(finding, window, surroundings.target_titles, "zh")


def _fields(item: Item, surroundings: Surroundings) -> list[tuple[str, list[str]]]:
    reasons = [f"{one.title}（{one.points:+.0f}）{one.why}" for one in item.reasons]
    zone = ZoneInfo(surroundings.zone)
    first = f"{item.finding.first_seen.astimezone(zone):%m-%d %H:%M}"
    return [
        ("类型", ["、".join(item.patterns)]),
        (_WORDS["rate"], list(item.rates)),
        (_WORDS["why"], reasons),
        (_WORDS["law"], ["；".join(item.laws)]),
        (_WORDS["companies"], ["、".join(item.companies)]),
        (_WORDS["contacts"], ["、".join(item.contacts)]),
        (_WORDS["first_seen"], [f"{first}，出现 {item.place_count} 处"]),
    ]


def _text(item: Item, occasion: str, surroundings: Surroundings) -> str:
    finding = item.finding
    lines = [
        wrap(shown(f"[{item.level} {finding.score:.0f}] {item.heading}"), 76, "   "),
        f"   #{finding.id} · {occasion}",
        "",
        "   " + wrap(shown(item.sentence_text), 73, "   "),
        "",
    ]
    for name, said in _fields(item, surroundings):
        if any(said):
            lines.append(field(name, [shown(one) for one in said]))
    lines += [f"     {shown(place.url[:200])}" for place in finding.places[:SHOWN_PLACES]]
    review = _review(finding.id, surroundings)
    lines += ["", *([f"   去复核：{review}"] if review else []), _WORDS["alert_notice"]]
    return "\n".join(lines) + "\n"


def _brief(item: Item, occasion: str, surroundings: Surroundings) -> str:
    """For chats: a suspect's address is named, never linked."""
    finding = item.finding
    lines = [
        f"**【即时预警】{item.level} {finding.score:.0f} · {chat_safe(item.heading, 40)}**",
        f"线索 {finding.id} · {occasion}",
        f"> {chat_safe(item.sentence_text, 200)}",
    ]
    lines += [
        f"{name}：{chat_safe('；'.join(said), 200)}"
        for name, said in _fields(item, surroundings)
        if any(said)
    ]
    lines.append(f"来源：{_names(item)}（{chat_safe(_hosts(finding), 80)}）")
    review = _review(finding.id, surroundings)
    lines += [*([f"去复核：{review}"] if review else []), _WORDS["alert_notice"]]
    return "\n".join(lines)


def _names(item: Item) -> str:
    return chat_safe("、".join(item.target_titles[:SHOWN_PLACES]) or "-", 60)


def _hosts(finding: Finding) -> str:
    hosts: dict[str, None] = {}
    for place in finding.places[:SHOWN_PLACES]:
        try:
            hosts[urlsplit(place.url).hostname or "-"] = None
        except ValueError:
            continue
    return "、".join(hosts)


def _review(finding_id: int, surroundings: Surroundings) -> str | None:
    base = surroundings.review_url
    return f"{base.rstrip('/')}/findings/{finding_id}" if base else None
