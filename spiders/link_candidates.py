"""All links of a page with what tells a list's items from its menus, read in bounded time."""

import re
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.records import Link
from spiders.hidden_markup import hidden_markup
from spiders.markup import bounded_html
from spiders.urls import canonical_url

MAX_LINKS = 20_000
_PATH_LEVELS = 6
_MAX_COLUMN = 20
_MAX_TEXT = 300
_PLACEHOLDER = re.compile(r"\{\{|\$\{|<%|\{%")  # of a template that no script has filled
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "dt"})
_ROOTS = frozenset({"body", "html", "-undef", None})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link in its place: `path` is the signature of its ancestors, innermost first.

    `chain` holds the identities of the ancestors, innermost first, so that links can be seen to
    stand in the same container.
    """

    url: str
    text: str
    path: tuple[str, ...]
    chain: tuple[int, ...]
    in_heading: bool
    node: LexborNode | None = None


def parse_html(html_text: str) -> LexborHTMLParser:
    """The document, cut to what can be read in bounded time and memory."""
    return LexborHTMLParser(bounded_html(html_text))


def document_base(tree: LexborHTMLParser, base_url: str) -> str:
    """The address that the page's links are relative to."""
    base = tree.css_first("base[href]")
    href = (base.attributes.get("href") or "") if base else ""
    return (canonical_url(href, base_url) if href else None) or base_url


def link_text(node: LexborNode) -> str:
    """What a reader sees of a link; its `title` where that is the longer form of a cut text."""
    text = clean_text(node.text(deep=True, separator=" ")[: 4 * _MAX_TEXT])
    title = clean_text((node.attributes.get("title") or "")[:_MAX_TEXT])
    stub = text.rstrip(".…· ")
    if title and (not text or (len(title) > len(text) and stub and title.startswith(stub))):
        return title
    return text[:_MAX_TEXT]


def clean_text(text: str) -> str:
    """`text` on one line."""
    return _SPACE.sub(" ", text).strip()


def page_candidates(html_text: str, tree: LexborHTMLParser, base: str) -> list[Candidate]:
    """Links of the document and of the markup that a script of it would unpack.

    Links that lead nowhere, back to this page, or where a crawl must not go are left out.
    """
    found = _tree_candidates(tree, base, "")
    for number, markup in enumerate(hidden_markup(html_text)):
        if len(found) >= MAX_LINKS:
            break
        found += _tree_candidates(parse_html(markup), base, f"hidden{number}")
    return found[:MAX_LINKS]


def _tree_candidates(tree: LexborHTMLParser, base: str, place: str) -> list[Candidate]:
    here = canonical_url(base) or base
    found = []
    for node in tree.css("a[href]")[:MAX_LINKS]:
        href = (node.attributes.get("href") or "").strip()
        if not href or href.startswith(("#", "javascript:", "mailto:", "tel:")):
            continue
        if _PLACEHOLDER.search(href):
            continue
        url = canonical_url(href, base)
        if url is None or url == here:
            continue
        path, chain, in_heading = _ancestors(node)
        steps = (*path, place) if place else path
        found.append(Candidate(url, link_text(node), steps, chain, in_heading, node))
    return found


def _ancestors(node: LexborNode) -> tuple[tuple[str, ...], tuple[int, ...], bool]:
    path, chain, in_heading = [_step(node)], [], False
    parent = node.parent
    for level in range(1, 4 * _PATH_LEVELS):
        if parent is None or parent.tag in _ROOTS:
            break
        chain.append(parent.mem_id)
        if level <= _PATH_LEVELS:
            path.append(_step(parent))
            in_heading = in_heading or (level <= 3 and parent.tag in _HEADINGS)  # noqa: PLR2004
        parent = parent.parent
    return tuple(path), tuple(chain), in_heading


def _step(node: LexborNode) -> str:
    step = _step_name(node.tag or "", node.attributes.get("class") or "")
    return f"{step}#{_column(node)}" if step in ("td", "th") else step


def _column(node: LexborNode) -> int:
    """Which cell of its row `node` is: cells tell their columns apart by place alone."""
    column = 0
    before = node.prev
    while before is not None and column < _MAX_COLUMN:
        column += before.tag in ("td", "th")
        before = before.prev
    return column


@lru_cache(maxsize=4_096)
def _step_name(tag: str, classes: str) -> str:
    """Tag and first class; numbers in a class are a position, not a kind."""
    first = classes.split(maxsplit=1)[0][:60] if classes.strip() else ""
    return f"{tag}.{_DIGITS.sub('0', first)}" if first else tag


def all_links(html_text: str, base_url: str) -> tuple[Link, ...]:
    """Every link of the page once, in page order."""
    tree = parse_html(html_text)
    return merged_links(page_candidates(html_text, tree, document_base(tree, base_url)))


def selected_links(html_text: str, base_url: str, css: str) -> tuple[Link, ...]:
    """The links that `css` finds, or that stand in what it finds.

    Hidden markup is looked at where the document has nothing of the kind.
    """
    tree = parse_html(html_text)
    base = document_base(tree, base_url)
    found = _selected(tree, base, css)
    if not found:
        for markup in hidden_markup(html_text):
            found += _selected(parse_html(markup), base, css)
    return merged_links(found[:MAX_LINKS])


def _selected(tree: LexborHTMLParser, base: str, css: str) -> list[Candidate]:
    found: list[Candidate] = []
    for node in tree.css(css)[:MAX_LINKS]:
        nodes = [node] if node.tag == "a" else node.css("a[href]")
        for link in nodes[: MAX_LINKS - len(found)]:
            url = canonical_url(link.attributes.get("href") or "", base)
            if url:
                found.append(Candidate(url, link_text(link), (), (), in_heading=False))
    return found


def merged_links(candidates: list[Candidate]) -> tuple[Link, ...]:
    """One link an address, with the longest of its texts."""
    texts: dict[str, str] = {}
    for candidate in candidates:
        known = texts.get(candidate.url, "")
        texts[candidate.url] = candidate.text if len(candidate.text) > len(known) else known
    return tuple(Link(url, text) for url, text in texts.items())
