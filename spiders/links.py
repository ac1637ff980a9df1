"""Finds the items of a list page without being told where they stand."""

from collections.abc import Sequence
from statistics import median

from core.records import Link
from spiders.link_candidates import document_base, merged_links, page_candidates, parse_html
from spiders.link_groups import list_members, reading_length, scored_groups
from spiders.script_links import script_lists

_WEAK_TEXT = 6.0
_FEW_LINKS = 5


def discover_links(html_text: str, base_url: str) -> tuple[Link, ...]:
    """The links of the page's main list in page order, each once; empty where there is no list.

    Links are grouped by the signature of their place in the document; the group that is long, has
    long and different texts, stands beside dates and leads to one kind of address is the list.
    Markup in comments counts as document; JSON in scripts counts where the document has no list.
    """
    tree = parse_html(html_text)
    base = document_base(tree, base_url)
    candidates = page_candidates(html_text, tree, base)
    groups = scored_groups(candidates, base)
    chosen = list_members(groups[0], candidates) if groups else []
    links = merged_links(chosen)
    if is_weak_list(links):
        drawn = script_lists(tree, base)
        if drawn and (not links or _weight(drawn[0]) > _weight(links)):
            return tuple(drawn[0])
    return links


def with_script_links(links: Sequence[Link], html_text: str, base_url: str) -> tuple[Link, ...]:
    """The document's links and those of lists in its scripts, each address once."""
    tree = parse_html(html_text)
    drawn = script_lists(tree, document_base(tree, base_url))
    known = {link.url: link for link in links}
    for link in (one for listed in drawn for one in listed):
        known.setdefault(link.url, link)
    return tuple(known.values())


def is_weak_list(links: Sequence[Link]) -> bool:
    """Whether links are too few or too short to be a list: a menu, perhaps."""
    return len(links) < _FEW_LINKS or _typical_length(links) < _WEAK_TEXT


def _typical_length(links: Sequence[Link]) -> float:
    return median(reading_length(link.text) for link in links)


def _weight(links: Sequence[Link]) -> float:
    return len(links) * _typical_length(links)
