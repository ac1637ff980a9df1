"""Where the pictures of a page lie, as its elements say it."""

import re
from collections.abc import Iterable

from spiders.urls import canonical_url

MAX_IMAGES = 200
MAX_INLINE_CHARS = 8_000_000
LAZY = (
    "data-src", "data-original", "data-lazyload", "data-lazy-src", "data-actualsrc", "data-url",
    "lazy", "oldsrc", "_src", "ne-lazy",
)  # fmt: skip
_SETS = ("data-srcset", "srcset")
_INLINE = "data:image/"
_TINY_PX = 16  # whoever draws a picture smaller than this wants it not seen but asked for
_PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*")
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,])(?:\s+(\d+(?:\.\d+)?)[wx])?\s*(?:,|$)")
_BACKGROUND = re.compile(
    r"background(?:-image)?\s*:[^;]*?url\(\s*(?:\"([^\"]+)\"|'([^']+)'|([^)\s]+))\s*\)",
    re.IGNORECASE,
)

Attributes = dict[str, str | None]


def image_sources(attributes: Attributes) -> list[str]:
    """The addresses of an `img` as written: what is loaded later, and what stands there at first.

    Of a set of sizes the largest is taken.
    """
    if any(_is_tiny(attributes.get(side)) for side in ("width", "height")):
        return []
    later = [value for key in LAZY if (value := attributes.get(key))][:1]
    sets = [_largest(value) for key in _SETS if (value := attributes.get(key))]
    chosen = later or [url for url in sets if url][:1]
    source = attributes.get("src")
    if source and (not chosen or (later and source != later[0])):
        chosen = [*chosen, source]
    return chosen


def background_source(style: str) -> str | None:
    """The address of the picture that a style lays behind an element."""
    found = _BACKGROUND.search(style)
    return (found[1] or found[2] or found[3]) if found else None


def image_urls(sources: Iterable[str], base: str) -> tuple[str, ...]:
    """Absolute addresses, and pictures that stand in the page itself, each once."""
    found: dict[str, None] = {}
    inline = 0
    for source in sources:
        if len(found) >= MAX_IMAGES:
            break
        if source[: len(_INLINE)].lower() == _INLINE:
            inline += len(source)
            if inline <= MAX_INLINE_CHARS:
                found.setdefault(source)
        elif (url := canonical_url(source, base)) is not None:
            found.setdefault(url)
    return tuple(found)


def _is_tiny(said: str | None) -> bool:
    found = _PIXELS.fullmatch(said) if said else None
    return found is not None and int(found[1]) < _TINY_PX


def _largest(candidates: str) -> str | None:
    found = _CANDIDATE.findall(candidates[:10_000])
    return max(found, key=lambda one: float(one[1] or 1), default=("", ""))[0] or None
