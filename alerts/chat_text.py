"""One line of a chat message from text that was found somewhere."""

from alerts.marks import defused
from alerts.personal import mask_personal


def chat_safe(text: str, most: int = 120) -> str:
    """`text` in one line of at most `most` characters, its marks defused, its numbers starred."""
    line = " ".join(mask_personal(text).split())
    return defused(line if len(line) <= most else f"{line[: most - 1]}…")
