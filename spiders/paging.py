"""Where a list goes on: the link to its next page."""

import re
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from spiders.link_candidates import clean_text, document_base, parse_html
from spiders.markup import MAX_HTML_CHARS
from spiders.urls import canonical_url, host_of, site_of

_MAX_LINKS = 20_000
_NEXT_TEXT = re.compile(
    r"[\[【(（<\s]*(?:下一?[页頁]|[后後]一?[页頁]|older posts?|next(?: page)?)[\]】)）\s>›»→]*"
    r"|[›»→]|>{1,2}|&gt;",
    re.IGNORECASE,
)
_NEXT_CLASS = re.compile(r"(?:^|[\s_-])next(?:$|[\s_-]|page)|nextpage|pagenext|nxt", re.IGNORECASE)
_CURRENT_CLASS = re.compile(
    r"(?:^|[\s_-])(?:cur|current|active|on|now|this|selected)", re.IGNORECASE
)
_DISABLED = re.compile(r"disabled|forbid|gray|grey", re.IGNORECASE)
_NOT_A_LIST = re.compile(r"slide|swiper|carousel|banner|focus|calendar|gallery", re.IGNORECASE)
# The pager of a content system that most government sites run: pages total, this page from 0,
# file name, extension.
_DRAWN_PAGER = re.compile(
    r"createPageHTML\(\s*[\"']?(\d+)[\"']?\s*,\s*[\"']?(\d+)[\"']?\s*,\s*[\"'](\w+)[\"']\s*,\s*[\"'](\w+)[\"']"
)


def next_page(html_text: str, base_url: str, css: str | None = None) -> str | None:
    """The address of the list's next page on the same site, None where there is none.

    With `css`, the first link that the selector finds, or that stands in what it finds. Without,
    in this order: rel=next, a link that says 下一页, the number after the current page's number,
    and the pager that a script draws.
    """
    tree = parse_html(html_text)
    base = document_base(tree, base_url)
    if css:
        return _selected(tree, base, css)
    for node in tree.css("link[rel~=next][href], a[rel~=next][href]"):
        found = _address(node, base)
        if found:
            return found
    links = tree.css("a[href]")[:_MAX_LINKS]
    return _named_next(links, base) or _next_number(links, base) or _drawn_next(html_text, base)


def _selected(tree: LexborHTMLParser, base: str, css: str) -> str | None:
    for node in tree.css(css)[:50]:
        link = node if node.tag == "a" else node.css_first("a[href]")
        found = _address(link, base) if link else None
        if found:
            return found
    return None


def _address(node: LexborNode, base: str) -> str | None:
    """Where `node` leads, if that is another page of the same site."""
    url = canonical_url(node.attributes.get("href") or "", base)
    if url is None or url == canonical_url(base) or site_of(host_of(url)) != site_of(host_of(base)):
        return None
    return url


def _named_next(links: list[LexborNode], base: str) -> str | None:
    weak = None
    for node in links:
        text = clean_text(node.text(deep=True)[:40])
        attributes = node.attributes
        classes = attributes.get("class") or ""
        says_so = bool(_NEXT_TEXT.fullmatch(text)) if text else False
        titled = bool(_NEXT_TEXT.fullmatch((attributes.get("title") or "").strip() or "-"))
        marked = bool(_NEXT_CLASS.search(classes)) and len(text) < 8  # noqa: PLR2004 (no sentence)
        if not (says_so or titled or marked) or _DISABLED.search(classes) or _in_slider(node):
            continue
        found = _address(node, base)
        if found and (titled or (says_so and len(text) > 2)):  # noqa: PLR2004 (a word, not a sign)
            return found
        weak = weak or found
    return weak


def _in_slider(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(4):
        if parent is None:
            return False
        attributes = parent.attributes
        if _NOT_A_LIST.search(f"{attributes.get('class') or ''} {attributes.get('id') or ''}"):
            return True
        parent = parent.parent
    return False


def _next_number(links: list[LexborNode], base: str) -> str | None:
    """The link whose text is the current page's number plus one."""
    pagers: dict[int, list[tuple[int, LexborNode]]] = {}
    for node in links:
        text = clean_text(node.text(deep=True)[:12]).strip("[]()【】")
        if text.isascii() and text.isdigit() and len(text) <= 5:  # noqa: PLR2004 (a page number)
            pager = _pager_of(node)
            if pager is not None:
                pagers.setdefault(pager.mem_id, []).append((int(text), node))
    for numbered in sorted(pagers.values(), key=len, reverse=True)[:10]:
        current = _current_number(numbered, base)
        for number, node in numbered:
            if current and number == current + 1 and (found := _address(node, base)):
                return found
    return None


def _pager_of(node: LexborNode) -> LexborNode | None:
    parent = node.parent
    if parent is not None and parent.tag in ("li", "span", "td", "em", "strong", "b"):
        return parent.parent
    return parent


def _current_number(numbered: list[tuple[int, LexborNode]], base: str) -> int:
    here = canonical_url(base)
    for number, node in numbered:
        marks = f"{node.attributes.get('class') or ''} "
        parent = node.parent
        if parent is not None and parent.tag in ("li", "span", "td"):
            marks += parent.attributes.get("class") or ""
        leads_here = canonical_url(node.attributes.get("href") or "", base) == here
        if leads_here or _CURRENT_CLASS.search(marks):
            return number
    linked = {number for number, _ in numbered}
    pager = _pager_of(numbered[0][1])
    text = pager.text(deep=True, separator=" ")[:2_000] if pager is not None else ""
    unlinked = [int(word) for word in re.findall(r"(?<![\d/])\d{1,5}(?![\d/])", text)]
    for number in unlinked:
        if number not in linked and number + 1 in linked:
            return number
    return 1 if 1 not in linked and 2 in linked else 0  # noqa: PLR2004 (the first page, unmarked)


def _drawn_next(html_text: str, base: str) -> str | None:
    found = _DRAWN_PAGER.search(html_text[:MAX_HTML_CHARS])
    if not found:
        return None
    total, current = int(found[1]), int(found[2])
    if current + 1 >= total:
        return None
    return canonical_url(urljoin(base, f"{found[3]}_{current + 1}.{found[4]}"))
