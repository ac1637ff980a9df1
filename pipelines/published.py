"""When a page was published, by the best witness that it offers."""

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from pipelines.date_text import (
    first_moment,
    is_plausible,
    moments_in,
    relative_moment,
    short_moment,
)
from pipelines.layout import LINK, TEXT, Layout, Line
from pipelines.metadata import Metadata

_METAS = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished",
    "pubdate", "publishdate", "publish_date", "publish-date", "publishtime", "publish_time",
    "published_time", "pubtime", "_pubtime", "firstpublishedtime", "rnews:datepublished",
    "article.published", "originalpublicationdate", "dc.date.issued", "dc.date", "dcterms.created",
    "parsely-pub-date", "sailthru.date", "bytedance:published_time", "bytedance:publishtime",
    "apub:time", "weibo:article:create_at", "article:create_at", "og:release_date", "releasedate",
    "date", "og:time", "artibody:pubdate",
)  # fmt: skip
_UPDATES = (
    "dateupdate",
    "datemodified",
    "article:modified_time",
    "og:updated_time",
    "lastmodified",
)
_URL_DATE = re.compile(
    r"(?<!\d)(20\d{2})[-/_]?(0[1-9]|1[0-2])[-/_]?([0-2]\d|3[01])(?!\d)"
    r"|(?<!\d)(20\d{2})/(\d{1,2})[-/](\d{1,2})(?=/)|(?<!\d)(20\d{2})/(0[1-9]|1[0-2])([0-2]\d|3[01])"
)
_ASSET = re.compile(r"\.(?:js|css|png|jpe?g|gif|svg|woff2?|mp4|webp)$", re.IGNORECASE)
_NEAR = 14
_SHORT_LINE = 160
_BODY_LINE = 40
_LONE_LINE = 60
_LABEL = re.compile(
    r"(?:发布|发表|更新|上传|公布|刊登|刊发|录入|添加|成文|发文|稿件)(?:时间|日期|于)|(?:^|[\s　|｜])(?:时间|日期)[：:]|發[佈布](?:時間|日期)"
)


def published_at(
    url: str, metadata: Metadata, layout: Layout, place: tuple[int, int], captured_at: datetime
) -> datetime | None:
    """The moment of publication; `place` is where title and body begin among the layout's lines."""
    stated = _stated(metadata, captured_at)
    near = " ".join(line.text for line in _near_lines(layout.lines, place))
    if stated is not None:
        return _more_exact(stated, moments_in(near, captured_at))
    labelled = _labelled(layout.lines, place, captured_at)
    if labelled is not None:
        return labelled
    seen = list(moments_in(near, captured_at))
    timed = next((moment for moment, has_time in seen if has_time), None)
    if timed or seen:
        return timed or seen[0][0]
    return _less_certain(url, metadata, near, captured_at) or _anywhere(layout, place, captured_at)


def _less_certain(
    url: str, metadata: Metadata, near: str, captured_at: datetime
) -> datetime | None:
    """A date without a year, an hour ago, the address, the last update."""
    from_url = url_date(url, captured_at)
    updated = _first_of(metadata, _UPDATES, captured_at)
    witness = from_url or updated
    short = short_moment(near, captured_at, witness.year if witness else None)
    return short or relative_moment(near, captured_at) or witness


def _stated(metadata: Metadata, captured_at: datetime) -> datetime | None:
    for name in ("datePublished", "pubDate"):
        moment = first_moment(metadata.linked.get(name, ""), captured_at)
        if moment is not None:
            return moment
    return _first_of(metadata, _METAS, captured_at)


def _first_of(metadata: Metadata, names: tuple[str, ...], captured_at: datetime) -> datetime | None:
    texts = (metadata.metas[name] for name in names if name in metadata.metas)
    moments = (first_moment(text, captured_at) for text in texts)
    return next((moment for moment in moments if moment is not None), None)


def _more_exact(stated: datetime, seen: Iterator[tuple[datetime, bool]]) -> datetime:
    """`stated`, with the time of day that stands beside the title where it has none."""
    if stated.hour == 16 and not (stated.minute or stated.second):  # noqa: PLR2004 (midnight in China)
        for moment, has_time in seen:
            if has_time and 0 <= (moment - stated).total_seconds() < 86_400:  # noqa: PLR2004 (a day)
                return moment
    return stated


def _near_lines(lines: list[Line], place: tuple[int, int]) -> Iterator[Line]:
    title, body = place
    start = max(0, min(title, body) - 3) if title >= 0 else max(0, body - _NEAR)
    stop = min(len(lines), max(body, title, 0) + 4, start + 3 * _NEAR)
    for at in range(start, stop):
        line = lines[at]
        if (line.kind is TEXT or line.kind is LINK) and len(line.text) <= (
            _BODY_LINE if at >= body else _SHORT_LINE
        ):
            yield line


def _labelled(lines: list[Line], place: tuple[int, int], captured_at: datetime) -> datetime | None:
    """The date that a short line calls the publication's, the nearest to the article's start."""
    best: tuple[int, datetime] | None = None
    for at, line in enumerate(lines):
        label = _LABEL.search(line.text) if len(line.text) <= _SHORT_LINE else None
        if label is None or line.kind is not TEXT:
            continue
        rest = line.text[label.end() : label.end() + 40]
        if not any(ch.isdigit() for ch in rest) and at + 1 < len(lines):
            rest = lines[at + 1].text[:40]
        found = next(moments_in(rest, captured_at), None)
        distance = abs(at - place[1])
        if found and (best is None or distance < best[0]):
            best = (distance, found[0])
    return best[1] if best else None


def url_date(url: str, captured_at: datetime) -> datetime | None:
    """The day that stands in an address of a page."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    if _ASSET.search(path):
        return None
    for found in _URL_DATE.finditer(path):
        year, month, day = (part for part in found.groups() if part is not None)
        moment = first_moment(f"{year}-{month}-{day}", captured_at)
        if is_plausible(moment, captured_at):
            return moment
    return None


def _anywhere(layout: Layout, place: tuple[int, int], captured_at: datetime) -> datetime | None:
    """A date with a time of day in a short line, the nearest above or below the article's start."""
    best: tuple[int, datetime] | None = None
    for at, line in enumerate(layout.lines):
        short = line.kind is TEXT and len(line.text) < _LONE_LINE
        if short and any(ch.isdigit() for ch in line.text):
            for moment, has_time in moments_in(line.text, captured_at):
                distance = abs(at - place[1]) + (0 if has_time else 50)
                if best is None or distance < best[0]:
                    best = (distance, moment)
    return best[1] if best else None
