"""Moments as they are written on Chinese pages → aware UTC."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_CLOCK = (
    r"(?:[\sT　,，]*(?:\(?(?:星期|周)[一二三四五六日天]\)?)?\s*(?P<half>上午|下午|晚上|凌晨|早上|中午|[AaPp][Mm])?\s*"
    r"(?P<hour>[01]?\d|2[0-4])\s*[:：时點点]\s*(?P<minute>[0-5]\d)(?:\s*[:：分]\s*(?P<second>[0-5]\d)(?:\.\d{1,9})?秒?)?"
    r"\s*(?P<zone>Z|GMT|UTC|[+-][01]\d:?[0-5]\d)?)?"
)
_FULL = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20)\d{2})\s*(?:年|[-/.／－‐–—]|\s(?=\d{1,2}[-/月.]))\s*(?P<month>1[0-2]|0?[1-9])"
    r"\s*(?:月|[-/.／－‐–—])\s*(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)\s*[日号]?" + _CLOCK
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<year>20\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])"
    r"(?:(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?)?(?!\d)"
)
_SHORT = re.compile(
    r"(?<![\d.\-/:年])(?P<month>1[0-2]|0?[1-9])(?:月|[-/])(?P<day>3[01]|[12]\d|0?[1-9])(?![\d\-/.%])\s*日?"
    + _CLOCK
)
_RFC = re.compile(
    r"(?P<day>[0-3]?\d) (?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (?P<year>(?:19|20)\d{2})"
    + _CLOCK
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_AGO = re.compile(r"(?<!\d)(\d{1,3})\s*(分钟|小时|天|秒)前|刚刚")
_DAYS_BACK = re.compile(r"(?<!\w)(今天|昨天|前天)\s*(?:([01]?\d|2[0-3])[:：]([0-5]\d))?(?!\w)")
_AGO_UNITS = {"秒": "seconds", "分钟": "minutes", "小时": "hours", "天": "days"}
_BACK = {"今天": 0, "昨天": 1, "前天": 2}
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)


def is_plausible(moment: datetime | None, captured_at: datetime) -> bool:
    """Whether something on the web can have been published at `moment`."""
    return moment is not None and _EARLIEST <= moment <= captured_at + _AHEAD


def moments_in(text: str, captured_at: datetime) -> Iterator[tuple[datetime, bool]]:
    """Each plausible full date in `text` in order, with whether it states a time of day."""
    for pattern in (_FULL, _RFC):
        for found in pattern.finditer(text):
            moment = _moment(found, int(found["year"]), captured_at)
            if moment is not None:
                yield moment, found["hour"] is not None


def first_moment(text: str, captured_at: datetime) -> datetime | None:
    """The first date in a field that is nothing but one: also compact, or seconds since 1970."""
    text = text.strip()
    if _EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(text[:10]), UTC)
        return moment if is_plausible(moment, captured_at) else None
    found = next(moments_in(text, captured_at), None)
    return found[0] if found else compact_moment(text, captured_at)


def compact_moment(text: str, captured_at: datetime) -> datetime | None:
    """The first date written without separators, such as 20240520."""
    for found in _COMPACT.finditer(text):
        moment = _moment(found, int(found["year"]), captured_at)
        if moment is not None:
            return moment
    return None


def short_moment(text: str, captured_at: datetime, year: int | None = None) -> datetime | None:
    """A date without its year: that of `year`, else the last such day before the capture."""
    for found in _SHORT.finditer(text):
        if found["hour"] is None and "月" not in found[0] and "-" not in found[0]:
            continue
        for guess in (year,) if year else (captured_at.year, captured_at.year - 1):
            moment = _moment(found, guess, captured_at)
            if moment is not None:
                return moment
    return None


def relative_moment(text: str, captured_at: datetime) -> datetime | None:
    """What 3小时前 or 昨天 10:12 was at the capture."""
    ago = _AGO.search(text)
    if ago:
        step = timedelta(**{_AGO_UNITS[ago[2]]: int(ago[1])}) if ago[1] else timedelta()
        return captured_at - step
    back = _DAYS_BACK.search(text)
    if back is None:
        return None
    day = captured_at.astimezone(CHINA) - timedelta(days=_BACK[back[1]])
    hour, minute = int(back[2] or 0), int(back[3] or 0)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)


def _moment(found: re.Match[str], year: int, captured_at: datetime) -> datetime | None:
    parts = found.groupdict()
    month = int(parts["month"]) if "month" in parts else 1 + _MONTHS.index(parts["name"])
    hour = int(parts.get("hour") or 0)
    half = parts.get("half") or ""
    if half.lower() in {"下午", "晚上", "pm"} and 0 < hour < 12:  # noqa: PLR2004 (noon)
        hour += 12
    try:
        naive = datetime(  # noqa: DTZ001 (the zone follows)
            year,
            month,
            int(parts["day"]),
            hour % 24,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
        )
    except ValueError:
        return None
    moment = naive.replace(tzinfo=_zone(parts.get("zone"))).astimezone(UTC)
    return moment if is_plausible(moment, captured_at) else None


def _zone(name: str | None) -> timezone | ZoneInfo:
    if not name:
        return CHINA
    if name[0] not in "+-":
        return UTC
    step = timedelta(hours=int(name[1:3]), minutes=int(name[-2:]))
    return timezone(step if name[0] == "+" else -step)
