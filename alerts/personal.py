"""Personal numbers where people read without needing them: their middle is starred."""

import re
from collections.abc import Iterable

from core.records import Entity

# How many characters of each kind stay readable at the beginning and at the end.
_KEPT = {"phone": (3, 4), "id_card": (6, 2), "bank_card": (6, 4)}
_FORMS = (
    ("id_card", re.compile(
        r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])\d{5}[\dXx](?![0-9A-Za-z])")),
    ("bank_card", re.compile(
        r"(?<![0-9A-Za-z.])[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)")),
    ("phone", re.compile(r"(?<![0-9A-Za-z.])(?:\+?86[ -]?)?1[ -]?[3-9](?:[ -]?\d){9}(?!\d)")),
)  # fmt: skip


def mask_personal(text: str, entities: Iterable[Entity] = ()) -> str:
    """`text`, as long as before, with phone, identity and card numbers starred.

    `entities` counts in `text` and finds numbers in unusual spellings; what is written plainly is
    found without them.
    """
    marked = {(entity.start, entity.end): entity.kind for entity in entities}
    for kind, form in _FORMS:
        marked |= {found.span(): kind for found in form.finditer(text)}
    chars = list(text)
    for (start, end), kind in marked.items():
        if kind not in _KEPT:
            continue
        head, tail = _KEPT[kind]
        signs = [at for at in range(start, min(end, len(chars))) if text[at].isalnum()]
        for at in signs[head : max(len(signs) - tail, 0)]:
            chars[at] = "*"
    return "".join(chars)
