"""The town's pages as its YAML files say them, and what each looks like on a given day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

SHANGHAI = ZoneInfo("Asia/Shanghai")
Expected = Literal["suspect", "borderline", "innocent", "status"]
SiteName = Literal["news", "market", "mp", "column", "service", "old", "app", "life"]
DateStyle = Literal["iso", "chinese", "dot", "slash", "short", "ago"]


class _Written(BaseModel):
    """What is written in a YAML file: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Picture(_Written):
    """An image of a page; the bytes are drawn from its name."""

    name: str
    alt: str


class SideBox(_Written):
    """An advertisement beside, or amid, an article."""

    label: str = ""
    title: str
    text: str = ""
    picture: Picture | None = None
    place: Literal["side", "amid", "top"] = "side"


class Page(_Written):
    """One page: what stands on it, what it is, and what a classifier should make of it.

    `text_day_2` replaces the paragraphs from the second day on, `from_day: 2` lets the page
    appear on the second day, and `deleted_on_day_2` leaves a status page in its place.
    """

    path: str
    title: str
    kind: str
    expected: Expected
    note: str
    by: str = ""
    days_ago: int = Field(1, ge=0, le=60)
    at: time = time(9, 0)
    dates: DateStyle = "iso"
    text: tuple[str, ...] = ()
    text_day_2: tuple[str, ...] = ()
    from_day: int = 1
    deleted_on_day_2: bool = False
    creative: str = ""
    contact: str = ""
    picture: Picture | None = None
    ads: tuple[SideBox, ...] = ()
    layout: str = ""
    charset: str = ""
    declared: str = ""
    site: SiteName = "news"

    def published_at(self, today: date) -> datetime:
        """When the page says it appeared."""
        day = today - timedelta(days=self.days_ago)
        return datetime.combine(day, self.at, tzinfo=SHANGHAI)


@dataclass(frozen=True, slots=True)
class Town:
    """Everything that is written about the town."""

    pages: tuple[Page, ...]
    creatives: dict[str, tuple[str, ...]]

    def paragraphs(self, page: Page, day: int) -> tuple[str, ...]:
        """The page's text on `day`, with its creative where it carries one."""
        text = page.text_day_2 if day > 1 and page.text_day_2 else page.text
        shared = self.creatives[page.creative] if page.creative else ()
        return (*text, *(part.replace("〔联系〕", page.contact) for part in shared))

    def on(self, site: str, day: int) -> tuple[Page, ...]:
        """The pages of `site` that exist on `day`, newest first."""
        there = [page for page in self.pages if page.site == site and page.from_day <= day]
        return tuple(sorted(there, key=lambda page: (page.days_ago, page.path)))


@cache
def load_town() -> Town:
    """The town as written in `pages/*.yml`."""
    yaml = YAML(typ="safe")
    pages: list[Page] = []
    creatives: dict[str, tuple[str, ...]] = {}
    folder = files("crawler.demo_town") / "pages"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yml"):
            continue
        written = yaml.load(file.read_text(encoding="utf-8"))
        for name, parts in written.get("creatives", {}).items():
            creatives[name] = tuple(parts)
        pages += [Page(site=written["site"], **record) for record in written.get("pages", ())]
    return Town(tuple(pages), creatives)


def expectations() -> dict[str, str]:
    """What each page is, by its path: suspect, borderline, innocent, or a status page."""
    return {page.path: page.expected for page in load_town().pages}


def date_line(moment: datetime, style: DateStyle, today: date) -> str:
    """A date as this kind of site prints it."""
    match style:
        case "iso":
            return f"{moment:%Y-%m-%d %H:%M}"
        case "chinese":
            return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
        case "dot":
            return f"{moment:%Y.%m.%d}"
        case "slash":
            return f"{moment.year}/{moment.month}/{moment.day} {moment:%H:%M:%S}"
        case "short":
            return f"{moment:%m-%d %H:%M}"
        case "ago":
            return f"{max((today - moment.date()).days, 1)}天前"
