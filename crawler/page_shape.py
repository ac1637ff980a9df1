"""What kind of page it is, told by its shape: how much of it is a list, how much running text."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from core.records import Link
from pipelines.layout import TEXT, lay_out
from spiders.link_candidates import parse_html
from spiders.link_groups import reading_length, url_shape
from spiders.links import discover_links
from spiders.list_selector import ListSelector, list_selector
from spiders.urls import canonical_url

_RUNNING = 30  # characters outside links that a line has at least, to be no label
_SURROUNDINGS = (
    "footer, div.footer, div#footer, div.foot, div#foot, div.copyright, div#copyright, p.copyright"
)
_MOST_SURROUNDINGS = 20
_NEARLY = 0.8
_MIN_LIST = 3
_TEXT_ENOUGH = 240
_TEXT_LITTLE = 100
_LIST_SHARE = 0.4
_COLUMN = re.compile(r"(?:/|/(?:index|list|default|home|main)[\w-]{0,10}\.\w{2,5})$", re.IGNORECASE)
_FEW_LINKS = 5
_FEW_CHARS = 200
_SOME_CHARS = 60
_SHORT_TITLES = 4.0


@dataclass(frozen=True, slots=True)
class PageShape:
    """A page measured: its main list, the characters of its titles, the running text beside it."""

    links: tuple[Link, ...]
    selector: ListSelector | None
    text_chars: int
    scripts: int
    url: str

    @property
    def list_chars(self) -> int:
        """Reading length of all titles of the list."""
        return round(sum(reading_length(link.text) for link in self.links))

    @property
    def typical_title(self) -> float:
        """Median reading length of a title."""
        return median(reading_length(link.text) for link in self.links) if self.links else 0.0

    @property
    def has_list(self) -> bool:
        """Whether there is something that could be a list of items."""
        return len(self.links) >= _MIN_LIST and self.typical_title >= _SHORT_TITLES

    @property
    def is_thin(self) -> bool:
        """Whether next to nothing stands in the page: neither list nor text."""
        few = len(self.links) < _FEW_LINKS or self.typical_title < _SHORT_TITLES
        return few and self.text_chars < _FEW_CHARS

    @property
    def is_article(self) -> bool:
        """Whether the text is what the page is there for, and the list only stands beside it.

        Measured on saved pages: an article has hundreds of characters outside the container of its
        longest list, a list page has its footer there.
        """
        if not self.has_list:
            return self.text_chars >= _TEXT_LITTLE
        if len(self.links) < _FEW_LINKS and self.text_chars >= _SOME_CHARS:
            return True
        enough = _TEXT_ENOUGH * self._doubt
        if self.text_chars >= max(enough, _LIST_SHARE * self._doubt * self.list_chars):
            return True
        return self.text_chars >= max(_TEXT_LITTLE * self._doubt, self.list_chars)

    @property
    def _doubt(self) -> float:
        """What the address says: below 1 where it looks like an item's, above like a column's."""
        if _COLUMN.search(urlsplit(self.url).path or "/"):
            return 2.0
        shapes = Counter(url_shape(link.url) for link in self.links)
        shape, count = shapes.most_common(1)[0] if shapes else ("", 0)
        alike = shape == url_shape(self.url) and 2 * count > len(self.links)
        return 0.6 if alike and re.search(r"\d{4,}", self.url) else 1.0


def measure_page(html_text: str, url: str) -> PageShape:
    """The shape of a page."""
    links = discover_links(html_text, url)
    selector = list_selector(html_text, url) if links else None
    if selector and not {link.url for link in selector.links} & {link.url for link in links}:
        selector = None  # the list stands in a script; what was found in the markup is a menu
    tree = parse_html(html_text)
    scripts = len(tree.css("script"))
    holder = _holder(tree.css("a[href]"), {link.url for link in links}, url)
    if holder is not None:
        holder.decompose()
    for _ in range(_MOST_SURROUNDINGS):  # asked for anew each time: they can hold one another
        node = tree.css_first(_SURROUNDINGS)
        if node is None:
            break
        node.decompose()
    lines = (line for line in lay_out(tree).lines if line.kind is TEXT)
    own = (len(line.text) - line.link_chars for line in lines)
    return PageShape(links, selector, sum(n for n in own if n >= _RUNNING), scripts, url)


def _holder(nodes: list[LexborNode], urls: set[str], base: str) -> LexborNode | None:
    """The innermost element that holds nearly all links of the list; None where it is the page."""
    holds: defaultdict[int, set[str]] = defaultdict(set)
    known: dict[int, tuple[int, LexborNode]] = {}
    for node in nodes:
        url = canonical_url(node.attributes.get("href") or "", base)
        if url not in urls or url is None:
            continue
        line: list[LexborNode] = []
        parent = node.parent
        while parent is not None and parent.tag not in {"body", "html", "-undef", None}:
            line.append(parent)
            parent = parent.parent
        for level, around in enumerate(line):
            holds[around.mem_id].add(url)
            known[around.mem_id] = (len(line) - level, around)
    enough = [mem_id for mem_id, held in holds.items() if len(held) >= _NEARLY * len(urls)]
    best = max(enough, key=lambda mem_id: known[mem_id][0], default=None)
    return known[best][1] if best is not None else None
