"""The link to a list's next page → a selector that will mean the next page on page two as well."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from spiders.link_candidates import document_base, parse_html
from spiders.paging import next_page
from spiders.urls import canonical_url

_MAX_LINKS = 20_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")
_SAYS_NEXT = re.compile(r"(?:^|[_-])(?:next|nxt)(?:$|[_-])|next_?page|page_?next", re.IGNORECASE)
_TITLE = re.compile(r"下一?[页頁]|[后後]一?[页頁]|next(?: page)?", re.IGNORECASE)


def next_selector(html_text: str, base_url: str) -> tuple[str | None, str | None]:
    """The address of the next page, and the selector that finds it; None for what there is not.

    A pager's number or its last link is another page tomorrow, and 上一页 often looks like 下一页.
    So only what names itself "next" makes a selector: a relation, class, id or title.
    """
    url = next_page(html_text, base_url)
    if url is None:
        return None, None
    tree = parse_html(html_text)
    base = document_base(tree, base_url)
    for node in tree.css("a[href], link[rel~=next][href]")[:_MAX_LINKS]:
        if canonical_url(node.attributes.get("href") or "", base) == url:
            for css in _names(node):
                if next_page(html_text, base_url, css) == url:
                    return url, css
    return url, None


def _names(node: LexborNode) -> Iterator[str]:
    """The selectors that say next, the most lasting first."""
    own = _named(node)
    yield from own
    parent = node.parent
    if parent is not None and node.tag == "a":
        yield from (f"{name} > a" for name in _named(parent))


def _named(node: LexborNode) -> list[str]:
    attributes, tag = node.attributes, node.tag or ""
    found = []
    if "next" in (attributes.get("rel") or "").lower().split():
        found.append(f'{tag}[rel~="next"]')
    found += [
        f"{tag}.{name}"
        for name in (attributes.get("class") or "").split()
        if _NAME.fullmatch(name) and _SAYS_NEXT.search(name)
    ]
    name = attributes.get("id") or ""
    if _NAME.fullmatch(name) and _SAYS_NEXT.search(name):
        found.append(f"#{name}")
    title = (attributes.get("title") or "").strip()
    if _TITLE.fullmatch(title):
        found.append(f'{tag}[title="{title}"]')
    return found
