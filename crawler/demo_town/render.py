"""Every answer of the town on one day: pages, lists, feeds, sitemaps, robots.txt, pictures."""

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from crawler.demo_town.content import SHANGHAI, Page, Town, date_line
from crawler.demo_town.machine_files import machine_files
from crawler.demo_town.replies import Reply, html_reply, reply
from crawler.demo_town.sites import SITES, Site

_TEMPLATES = Environment(
    loader=PackageLoader("crawler.demo_town"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
BROKEN_LIST = "/house/index.html"
MISSING_LINK = "/news/1404.html"
FAILING_PAGE = "/news/1500.html"
DISALLOWED = "/neibu/1403.html"
_STATUS_LAYOUT = "wechat_status"


@dataclass(frozen=True, slots=True)
class Day:
    """What the answers of a day depend on."""

    town: Town
    number: int
    today: date
    bases: dict[str, str]

    @property
    def quiet_time(self) -> datetime:
        """When whatever has no date of its own was last changed."""
        eve = datetime.combine(self.today, datetime.min.time(), tzinfo=SHANGHAI)
        return eve - timedelta(days=0 if self.number > 1 else 2)


def render_day(day: Day) -> dict[str, dict[str, Reply]]:
    """All answers, by site and path. What the second day left alone keeps its first date."""
    answers = {name: dict(_site_answers(day, site)) for name, site in SITES.items()}
    if day.number == 1:
        return answers
    before = render_day(Day(day.town, day.number - 1, day.today, day.bases))
    return {
        name: {
            path: before[name][path] if _same(before[name].get(path), answer) else answer
            for path, answer in paths.items()
        }
        for name, paths in answers.items()
    }


def _same(old: Reply | None, new: Reply) -> bool:
    return old is not None and (old.body, old.status) == (new.body, new.status)


def _site_answers(day: Day, site: Site) -> Iterator[tuple[str, Reply]]:
    pages = day.town.on(site.name, day.number)
    yield "/style.css", reply(_template("style.css"), "text/css; charset=utf-8", day.quiet_time)
    for page in pages:
        yield page.path, _page_answer(day, site, page, pages)
        yield from _pictures(page, day)
        if site.layout == "app":
            yield f"/api{page.path}.json", _app_data(day, page)
    if site.list_path:
        yield from _lists(day, site, pages)
    yield "/", _front(day, site, pages)
    leaving = ("您点击的是一则广告，演示小城没有它的落地页。",)
    yield (
        "/go",
        _html(day, site, "page", title="即将离开本站", declared=site.declared, paragraphs=leaving),
    )
    yield from machine_files(site.name, pages, day.bases[site.name], day.today, day.quiet_time)
    if site.name == "market":
        yield BROKEN_LIST, _html(day, site, "empty_list", title="房屋租售", declared=site.declared)
    if site.name == "news":
        yield FAILING_PAGE, Reply(b"internal server error", "text/plain", 500, day.quiet_time)
        inner = _html(day, site, "page", title="内部值班表", declared="utf-8", paragraphs=("略。",))
        yield DISALLOWED, inner


def _template(name: str, **values: object) -> bytes:
    return _TEMPLATES.get_template(name).render(**values).encode()


def _html(day: Day, site: Site, layout: str, *, charset: str = "", **values: object) -> Reply:
    text = _TEMPLATES.get_template(f"{layout}.html").render(
        site=site, bases=day.bases, base=day.bases[site.name], **values
    )
    published = values.get("moment")
    modified = published if isinstance(published, datetime) else day.quiet_time
    return html_reply(text, charset or site.charset, site.header, modified)


def _page_answer(day: Day, site: Site, page: Page, pages: tuple[Page, ...]) -> Reply:
    layout = page.layout or site.layout
    if page.deleted_on_day_2 and day.number > 1:
        layout = _STATUS_LAYOUT
    moment = page.published_at(day.today)
    paragraphs = day.town.paragraphs(page, day.number)
    changed = day.number > 1 and (page.text_day_2 or page.deleted_on_day_2)
    return _html(
        day,
        site,
        layout,
        charset=page.charset,
        page=page,
        title=page.title,
        declared=page.declared or site.declared,
        paragraphs=paragraphs,
        moment=day.quiet_time if changed else moment,
        epoch_s=int(moment.timestamp()),
        date_line=date_line(moment, page.dates, day.today),
        related=_related(page, pages),
        script_body=Markup(_js_escaped(paragraphs)),  # noqa: S704 (every sign is escaped)
    )


def _related(page: Page, pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """Neighbours of the first day, so that a new page changes no old one."""
    others = [other for other in pages if other.from_day == 1 and other.path != page.path]
    start = int(sha256(page.path.encode()).hexdigest(), 16) % max(len(others), 1)
    return tuple((others[start:] + others[:start])[:3])


def _js_escaped(paragraphs: tuple[str, ...]) -> str:
    r"""Text as a WeChat script holds it: newlines and marks as `\xNN`, HTML entities inside."""
    text = "\n".join(paragraphs).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    codes = {"\n": r"\x0a", "&": r"\x26", "'": r"\x27", '"': r"\x22", "\\": r"\x5c", "/": r"\x2f"}
    return "".join(codes.get(sign, sign) for sign in text)


def _app_data(day: Day, page: Page) -> Reply:
    text = {"title": page.title, "parts": day.town.paragraphs(page, day.number)}
    body = json.dumps(text, ensure_ascii=True).encode()
    return reply(body, "application/json", page.published_at(day.today))


def _front(day: Day, site: Site, pages: tuple[Page, ...]) -> Reply:
    shown = tuple(page for page in pages if page.from_day == 1)
    return _html(day, site, "front", title=site.title, declared=site.declared, pages=shown)


def _lists(day: Day, site: Site, pages: tuple[Page, ...]) -> Iterator[tuple[str, Reply]]:
    stem, _, suffix = site.list_path.rpartition(".")
    total = -(-len(pages) // site.per_list)
    paths = [site.list_path, *(f"{stem}_{n}.{suffix}" for n in range(2, total + 1))]
    for number, path in enumerate(paths):
        rows = [
            (page.path, page.title, date_line(page.published_at(day.today), "iso", day.today))
            for page in pages[number * site.per_list : (number + 1) * site.per_list]
        ]
        if site.name == "news" and number == len(paths) - 1:
            rows += [
                (MISSING_LINK, "清浦镇中心卫生院门诊楼启用首周运行平稳", rows[-1][2]),
                (FAILING_PAGE, "云汀县冬季供暖设备检修安排表公布", rows[-1][2]),
                (DISALLOWED, "县融媒体中心内部值班安排（限本单位查阅）", rows[-1][2]),
            ]
        following = paths[number + 1] if number + 1 < len(paths) else ""
        yield path, _html(
            day, site, f"{site.layout}_list", title="最新信息", declared=site.declared, rows=rows,
            following=following, paths=paths, here=path,
        )  # fmt: skip


def _pictures(page: Page, day: Day) -> Iterator[tuple[str, Reply]]:
    pictures = [page.picture, *(ad.picture for ad in page.ads)]
    for picture in pictures:
        if picture:
            seed = sha256(picture.name.encode()).digest()
            svg = _template("picture.svg", seed=seed)
            moment = page.published_at(day.today)
            yield f"/img/{picture.name}.svg", reply(svg, "image/svg+xml", moment)
            yield f"/img/{picture.name}.png", reply(plain_png(seed), "image/png", moment)


def plain_png(seed: bytes, side: int = 32) -> bytes:
    """A one-coloured PNG; the colour comes from `seed`."""
    rows = (b"\0" + seed[:3] * side) * side

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
