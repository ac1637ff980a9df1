"""Marks in text from outside that would act on the reader's screen, made visible or harmless."""

import re

UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
# Their full-width likenesses read the same and mean nothing to any of the robots.
_MARKDOWN = str.maketrans({
    "<": "＜", ">": "＞", "[": "［", "]": "］", "*": "＊", "`": "｀", "@": "＠", "#": "＃",
    "~": "～", "\\": "＼",
})  # fmt: skip


def shown(text: object) -> str:
    """Text as a page may show it: marks that reorder or hide what follows become visible."""
    half = str(text).encode("utf-8", "replace").decode("utf-8")
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", half)


def defused(text: str) -> str:
    """Text as a chat may show it: it can neither mark, link nor call anybody."""
    return shown(text).translate(_MARKDOWN)
