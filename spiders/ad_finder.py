"""Which drawn elements of a page are its ads: by label, name, rules of lists, host and size.

What it costs grows with the elements, not with their square: a hostile page marks each as an ad.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from spiders.ad_elements import DrawnPage, Element
from spiders.ad_words import AD_CHARS, AD_LINKS, label_in, names_an_ad
from spiders.urls import canonical_url, host_of, site_of

_TAGS = {"iframe": "sub_frame", "frame": "sub_frame", "img": "image", "video": "media",
         "embed": "object", "object": "object", "input": "image"}  # fmt: skip
_WHOLE = frozenset({"html", "body", "main", "article", "header", "footer", "nav"})
_LEVELS = 6
_MIN_NAMED_AREA = 2_500  # smaller ones are marks on ads
_MIN_WIDTH, _MIN_HEIGHT = 16, 10
_MOST_ELEMENTS = 3_000
_TEXT_AD_CHARS, _TEXT_AD_LINKS = 300, 4

IsAdAddress = Callable[[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class FoundAd:
    """An ad by its element's number, with the signs that told it and the label on it."""

    at: int
    signs: tuple[str, ...]
    label: str
    destination: str
    images: tuple[str, ...]


def find_ads(
    page: DrawnPage, page_url: str, is_ad_address: IsAdAddress, hidden_by_list: Iterable[int]
) -> tuple[FoundAd, ...]:
    """The page's ads in document order; one that stands in another is a part of it."""
    return _Finder(page, page_url, is_ad_address).find(hidden_by_list)


class _Finder:
    """Gathers signs by element, then joins what is one ad."""

    def __init__(self, page: DrawnPage, page_url: str, is_ad_address: IsAdAddress) -> None:
        self._page = page
        self._all = page.elements
        self._url = page_url
        self._site = site_of(host_of(page_url))
        self._is_ad_address = is_ad_address
        self._signs: dict[int, dict[str, None]] = defaultdict(dict)
        self._labels: dict[int, str] = {}  # in document order
        self._label_places: list[int] = []

    def find(self, hidden_by_list: Iterable[int]) -> tuple[FoundAd, ...]:
        for at in sorted(hidden_by_list):
            self._mark(at, "cosmetic_rule")
        for at, element in enumerate(self._all):
            label = self._label_of(at, element)
            if label:
                self._labels[at] = label
        self._label_places = list(self._labels)
        for at, element in enumerate(self._all):
            for sign in self._own_signs(at, element):
                self._mark(at, sign)
        for at in self._labels:
            box = self._labelled(at)
            if box is not None:
                self._mark(box, "label")
        return tuple(self._told(at, signs) for at, signs in self._joined())

    def _mark(self, at: int, sign: str) -> None:
        shows = self._may_be_named(at) if sign == "name" else self._shows_something(at)
        if shows and self._is_sensible(at):
            self._signs[self._wrapper(at)][sign] = None

    def _may_be_named(self, at: int) -> bool:
        """Whether a name alone tells: of what links or shows something, or of a labelled slot."""
        large = self._all[at].box.area >= _MIN_NAMED_AREA
        return (large and sum(self._counts(at)) > 0) or self._labels_in(at) == 1

    def _label_of(self, at: int, element: Element) -> str:
        """The label that the element itself is; a link of that name leads to a page about ads."""
        parent = self._all[element.parent] if element.parent >= 0 else element
        in_bare_link = parent.href and parent.chars == 0 and self._sum_chars(element.parent) <= 4  # noqa: PLR2004
        if (
            element.chars
            and self._page.stops[at] - at <= 2  # noqa: PLR2004 (itself and, say, an icon)
            and not element.href
            and not (in_bare_link and not self._page.total(self._page.media, element.parent))
        ):
            return label_in(element.text)
        said = label_in(element.pseudo)
        return said or next((found for text in element.said if (found := label_in(text))), "")

    def _own_signs(self, at: int, element: Element) -> Iterator[str]:
        if element.names and names_an_ad(element.names):
            yield "name"
        source = self._absolute(element.source)
        if source and self._is_ad_address(source, self._url, _TAGS.get(element.tag, "image")):
            yield "network_rule"
        target = self._absolute(element.href)
        if target and self._is_ad_address(target, self._url, "other"):
            yield "link_rule"
        if (
            element.tag in {"iframe", "frame"}
            and element.box.has_ad_size
            and self._is_foreign(source)
        ):
            yield "frame_size"
        if element.tag == "img" and element.box.has_ad_size and self._link_around(at):
            yield "image_size"
        if element.fixed and self._is_pop_up(at, element):
            yield "pop_up"

    def _link_around(self, at: int) -> bool:
        """Whether a link off the site stands around the element."""
        for _ in range(3):
            at = self._all[at].parent
            if at < 0:
                return False
            if self._all[at].href:
                return self._is_foreign(self._absolute(self._all[at].href))
        return False

    def _is_pop_up(self, at: int, element: Element) -> bool:
        parent = self._all[element.parent] if element.parent >= 0 else None
        first = parent is None or not parent.fixed
        media = self._page.total(self._page.media, at)
        return first and media > 0 and self._is_foreign(self._destination(at))

    def _labelled(self, label: int) -> int | None:
        """The nearest box around a label that has something to label."""
        at = label
        for _ in range(_LEVELS):
            if not self._is_sensible(at):
                return None
            rest = self._sum_chars(at) - (self._all[label].chars if at != label else 0)
            links, media = self._counts(at)
            if links or media or (at != label and rest > 1):
                return self._whole_text_ad(at)
            at = self._all[at].parent
            if at < 0:
                return None
        return None

    def _whole_text_ad(self, at: int) -> int:
        """The entry of a list whose footer or corner bears the label."""
        for _ in range(3):
            parent = self._all[at].parent
            if self._counts(at)[1] or self._is_foreign(self._destination(at)):
                return at
            if not self._is_sensible(parent) or self._sum_chars(parent) > _TEXT_AD_CHARS:
                return at
            if self._counts(parent)[0] > _TEXT_AD_LINKS or self._labels_in(parent) > 1:
                return at
            at = parent
        return at

    def _labels_in(self, at: int) -> int:
        return len(_between(self._label_places, at, self._page.stops[at]))

    def _wrapper(self, at: int) -> int:
        """The outermost element with the very same content."""
        while True:
            parent = self._all[at].parent
            if not self._is_sensible(parent) or self._sum_chars(parent) != self._sum_chars(at):
                return at
            if self._counts(parent) != self._counts(at):
                return at
            at = parent

    def _is_sensible(self, at: int) -> bool:
        """Whether the element could be one ad, and is not a region of the page."""
        if at < 0:
            return False
        element, box = self._all[at], self._all[at].box
        return (
            element.tag not in _WHOLE
            and box.width >= _MIN_WIDTH
            and box.height >= _MIN_HEIGHT
            and (element.fixed or box.area <= self._page.area / 2 or self._counts(at) == (1, 1))
            and self._sum_chars(at) <= AD_CHARS
            and self._counts(at)[0] <= AD_LINKS
            and self._page.stops[at] - at <= _MOST_ELEMENTS
        )

    def _shows_something(self, at: int) -> bool:
        links, media = self._counts(at)
        return bool(links or media or self._sum_chars(at) > 4)  # noqa: PLR2004 (a label alone)

    def _joined(self) -> list[tuple[int, dict[str, None]]]:
        """The outermost marked elements, each with the signs of all that stands in it."""
        marked = sorted(self._signs)
        apart = {at for at in marked if self._holds_several(at, marked)}
        joined: list[tuple[int, dict[str, None]]] = []
        end = -1
        for at in marked:
            if at in apart:
                continue
            if at < end:
                joined[-1][1].update(self._signs[at])
                continue
            end = self._page.stops[at]
            joined.append((at, dict(self._signs[at])))
        return joined

    def _holds_several(self, at: int, marked: list[int]) -> bool:
        """Whether an element that no label of its own makes one ad holds two ads or more."""
        if "label" in self._signs[at]:
            return False
        found: set[str] = set()
        end = at
        for inner in _between(marked, at + 1, self._page.stops[at]):
            if inner < end:
                continue
            end = self._page.stops[inner]
            found.add(self._destination(inner) or self._first_source(inner) or str(inner))
            if len(found) > 1:
                return True
        return False

    def _told(self, at: int, signs: dict[str, None]) -> FoundAd:
        inside = range(at, self._page.stops[at])
        labels = [
            self._labels[one] for one in _between(self._label_places, at, self._page.stops[at])
        ]
        images = dict.fromkeys(
            source
            for one in inside
            if self._all[one].tag not in {"iframe", "frame"}
            and (source := self._absolute(self._all[one].source))
        )
        plain = [label for label in labels if "广告" in label or "廣告" in label]
        return FoundAd(
            at=at,
            signs=tuple(signs),
            label=next(iter([*plain, *labels]), ""),
            destination=self._destination(at),
            images=tuple(images)[:20],
        )

    def _destination(self, at: int) -> str:
        """Where the element's links lead: off the site, if any does; a link around it counts."""
        around = self._all[at].parent
        inner = range(at, min(self._page.stops[at], at + _MOST_ELEMENTS))
        hrefs = [self._all[one].href for one in inner if self._all[one].href]
        if not hrefs and around >= 0:
            hrefs = [self._all[around].href]
        found = [url for href in hrefs if (url := self._absolute(href))]
        return next((url for url in found if self._is_foreign(url)), next(iter(found), ""))

    def _first_source(self, at: int) -> str:
        inner = range(at, self._page.stops[at])
        return next((self._all[one].source for one in inner if self._all[one].source), "")

    def _absolute(self, address: str) -> str:
        if not address or address.startswith(("#", "javascript:", "data:")):
            return ""
        return canonical_url(address, self._page.base) or ""

    def _is_foreign(self, url: str) -> bool:
        host = host_of(url)
        return bool(host) and site_of(host) != self._site

    def _sum_chars(self, at: int) -> int:
        return self._page.total(self._page.chars, at)

    def _counts(self, at: int) -> tuple[int, int]:
        """Links and media in the element."""
        page = self._page
        return page.total(page.links, at), page.total(page.media, at)


def _between(places: list[int], low: int, high: int) -> list[int]:
    """Those of some ascending places that are `low` or more and less than `high`."""
    return places[bisect_left(places, low) : bisect_left(places, high)]
