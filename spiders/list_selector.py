"""A page's main list → the CSS selector that says it best, found by trying."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.records import Link
from spiders.hidden_markup import hidden_markup
from spiders.link_candidates import (
    Candidate,
    document_base,
    page_candidates,
    parse_html,
    selected_links,
)
from spiders.link_groups import list_members, scored_groups
from spiders.urls import canonical_url

_LEVELS = 7  # how far above a link its list is looked for
_MOST_TRIED = 240
_MOST_MATCHED = 20_000
_MOST_WORK = 200_000
_SAMPLE = 300
_COMMON = 0.9  # share of the links at which a mark must be found to name them all
_MOST_PLACES = 12
_TELLING_TAGS = frozenset({"h1", "h2", "h3", "h4", "dt", "dd", "li", "td", "th"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")
# A number in a name is a position or was drawn by a machine: tomorrow it is another one.
_PASSING = re.compile(r"\d{3,}|[0-9a-f]{6,}\d|^(?:css|sc|jsx|_)-?\w*\d")
# What a list's item is only while somebody looks at it, or because of its place.
_STATE = re.compile(
    r"^(?:active|cur|current|on|now|first|last|odd|even|hover|visited|selected|top|hot|new|red|bold"
    r"|clearfix|cf|fl|fr|left|right|clear)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ListSelector:
    """A selector with the links it finds on the page.

    `agreement` is how well these are the links that are found without a selector: 1 for the same.
    """

    css: str
    links: tuple[Link, ...]
    agreement: float


@dataclass(frozen=True, slots=True)
class _Trial:
    css: str
    cost: float


def list_selector(html_text: str, base_url: str) -> ListSelector | None:
    """The selector of the page's main list; None where the list is not in the page's markup."""
    tree = parse_html(html_text)
    base = document_base(tree, base_url)
    candidates = page_candidates(html_text, tree, base)
    groups = scored_groups(candidates, base)
    if not groups:
        return None
    wanted = {member.url for member in list_members(groups[0], candidates)}
    trees = (tree, *map(parse_html, hidden_markup(html_text)))
    addresses = _Addresses(trees, base)
    best, best_worth = None, 0.0
    for trial in _trials(groups[0].members):
        if 1 - trial.cost <= best_worth or addresses.work > _MOST_WORK:
            break  # they come in the order of their cost: none that follows can be worth more
        found = addresses.of(trial.css)
        agreement = _agreement(found, wanted)
        worth = agreement - trial.cost
        if worth > best_worth:
            best, best_worth = (trial.css, agreement), worth
    if best is None:
        return None
    return ListSelector(best[0], selected_links(html_text, base_url, best[0]), best[1])


def _agreement(found: set[str], wanted: set[str]) -> float:
    """F1 of the addresses."""
    common = len(found & wanted)
    return 2 * common / (len(found) + len(wanted)) if common else 0.0


class _Addresses:
    """The addresses that a selector finds; `work` is how many elements were looked at in all."""

    def __init__(self, trees: Sequence[LexborHTMLParser], base: str) -> None:
        self.work = 0
        self._trees = trees
        self._base = base
        self._known: dict[str, str | None] = {}

    def of(self, css: str) -> set[str]:
        """Those in the document, or else in the first comment that has some."""
        for tree in self._trees:
            nodes = tree.css(css)[:_MOST_MATCHED]
            self.work += len(nodes)
            found = {url for node in nodes if (url := self._address(node))}
            if found:
                return found
        return set()

    def _address(self, node: LexborNode) -> str | None:
        href = node.attributes.get("href") or ""
        if href not in self._known:
            self._known[href] = canonical_url(href, self._base)
        return self._known[href]


def _trials(members: Sequence[Candidate]) -> Iterator[_Trial]:
    """Selectors in the order of their plainness."""
    sample = members[:: 1 + len(members) // _SAMPLE]
    lines = [_line(member.node) for member in sample if member.node is not None]
    if not lines:
        return
    links = list(_link_steps(lines))
    scopes = list(_scopes(lines))
    tried = sorted(
        (
            _Trial(f"{scope} {link}".strip(), scope_cost + link_cost)
            for (scope, scope_cost), (link, link_cost) in product(scopes, links)
        ),
        key=lambda trial: trial.cost,
    )
    yield from tried[:_MOST_TRIED]


def _line(node: LexborNode) -> list[LexborNode]:
    """The link and what it stands in, innermost first."""
    line = [node]
    parent = node.parent
    while parent is not None and parent.tag not in {"body", "html", "-undef", None}:
        if len(line) > _LEVELS:
            break
        line.append(parent)
        parent = parent.parent
    return line


def _link_steps(lines: Sequence[Sequence[LexborNode]]) -> Iterator[tuple[str, float]]:
    """How the link itself can be named: alone, by its class, its place, or what holds it."""
    yield "a", 0.0
    for name in _common_classes(lines, 0):
        yield f"a.{name}", 0.0
    holder = _common_tag(lines, 1)
    if holder:
        yield f"{holder} > a", 0.005
        for mark in _common_marks(lines, 1):
            yield f"{mark} > a", 0.01
        cell = _common_place(lines)
        if cell:
            yield f"{cell} > a", 0.02
            yield f"{cell} a", 0.02
        for place in ("first-of-type", "last-of-type", "nth-of-type(2)"):
            yield f"{holder} > a:{place}", 0.02
        upper = _common_tag(lines, 2)
        if upper:
            yield f"{upper} > {holder} > a", 0.015
    for level in (2, 3):
        cell = _common_place(lines, level)
        if cell:
            yield f"{cell} a", 0.02


def _scopes(lines: Sequence[Sequence[LexborNode]]) -> Iterator[tuple[str, float]]:
    """What the links can be said to stand in: one mark, or two of different levels."""
    yield "", 0.04  # true by chance: on another day the page has other links beside the list
    single = [
        (level, mark) for level in range(1, _LEVELS + 1) for mark in _common_marks(lines, level)
    ]
    for level, mark in single:
        telling = "." in mark or "#" in mark
        yield mark, (0.01 if telling else 0.035) + 0.002 * level
    for (low, inner), (high, outer) in product(single, single):
        if high > low:
            yield f"{outer} {inner}", 0.03 + 0.002 * (low + high)


def _common_tag(lines: Sequence[Sequence[LexborNode]], level: int) -> str:
    tags = Counter(line[level].tag or "" for line in lines if len(line) > level)
    tag, count = tags.most_common(1)[0] if tags else ("", 0)
    return tag if _NAME.fullmatch(tag) and count >= _COMMON * len(lines) else ""


def _common_classes(lines: Sequence[Sequence[LexborNode]], level: int) -> list[str]:
    """The lasting classes that nearly all elements of that level have, the most telling first."""
    counts: Counter[str] = Counter()
    for line in lines:
        if len(line) > level:
            counts.update(tuple(dict.fromkeys((line[level].attributes.get("class") or "").split())))
    return [
        name
        for name, count in counts.most_common(6)
        if count >= _COMMON * len(lines)
        and _NAME.fullmatch(name)
        and not _PASSING.search(name)
        and not _STATE.match(name)
    ][:3]


def _common_marks(lines: Sequence[Sequence[LexborNode]], level: int) -> list[str]:
    """`ul.news`, `div.list`, `#main`: what names nearly all elements of that level."""
    tag = _common_tag(lines, level)
    marks = [f"{tag}.{name}" for name in _common_classes(lines, level)] if tag else []
    ids = Counter(line[level].attributes.get("id") or "" for line in lines if len(line) > level)
    name, count = ids.most_common(1)[0] if ids else ("", 0)
    lasting = _NAME.fullmatch(name) and not _PASSING.search(name)
    if lasting and count >= _COMMON * len(lines):
        marks.append(f"#{name}")
    return marks or ([tag] if tag in _TELLING_TAGS else [])


def _common_place(lines: Sequence[Sequence[LexborNode]], level: int = 1) -> str:
    """`td:nth-child(2)`: the same cell of each row."""
    if _common_tag(lines, level) not in {"td", "th", "dd", "span", "div", "p", "li"}:
        return ""
    places = Counter(_place(line[level]) for line in lines if len(line) > level)
    place, count = places.most_common(1)[0]
    if place > _MOST_PLACES or count < _COMMON * len(lines):
        return ""
    return f"{_common_tag(lines, level)}:nth-child({place})"


def _place(node: LexborNode) -> int:
    place = 1
    before = node.prev
    while before is not None and place <= _MOST_PLACES:
        place += not (before.tag or "-").startswith(("-", "_"))
        before = before.prev
    return place
