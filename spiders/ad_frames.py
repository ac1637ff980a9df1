"""What the document in an ad's frame says: its label, its link, its pictures."""

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from spiders.ad_words import label_in
from spiders.urls import canonical_url

_MOST_NODES = 2_000


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What is empty, the frame says nothing of."""

    label: str = ""
    destination: str = ""
    images: tuple[str, ...] = ()


def read_frame(text: str, url: str) -> FrameFacts:
    """The facts of a frame's HTML; `url` is what its addresses count from."""
    if not text:
        return FrameFacts()
    tree = LexborHTMLParser(text)
    links = _addresses(tree, "a[href], area[href]", "href", url)
    label = ""
    for number, node in enumerate(tree.css("body *")):
        if number >= _MOST_NODES or label:
            break
        if node.tag not in {"script", "style"} and node.first_child is not None:
            label = label_in(node.text(deep=False))
        label = label or label_in(node.attributes.get("alt") or "")
    return FrameFacts(label, next(iter(links), ""), _addresses(tree, "img[src]", "src", url)[:20])


def _addresses(tree: LexborHTMLParser, css: str, name: str, base: str) -> tuple[str, ...]:
    found = [(node.attributes.get(name) or "").strip() for node in tree.css(css)[:200]]
    absolute = (
        canonical_url(one, base)
        for one in found
        if one and not one.startswith(("#", "javascript:"))
    )
    return tuple(dict.fromkeys(one for one in absolute if one))
