"""The space that crawls leave on the disk: they stop before it is full."""

import re
import shutil
from pathlib import Path

UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
DISK_FULL = "disk_full"
_SIZE = re.compile(r"(\d{1,6})\s*(MB|GB|TB)")


def parse_size(text: str) -> int:
    """`500MB`, `5GB`, `1TB` in bytes; ValueError says what is allowed."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a size like 500MB, 5GB or 1TB")
    return int(found[1]) * UNITS[found[2]]


def is_short(folder: Path, min_free_bytes: int) -> bool:
    """Whether the disk of `folder`, or of what is there of its parents, has less space free."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(nearest).free < min_free_bytes
