"""jieba and its dictionary, loaded in one piece and kept in a folder that is nobody else's."""

from __future__ import annotations

import logging
import marshal
import os
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import jieba

_UNNEEDED = "pkg_resources"  # takes as long to load as jieba, which finds its files without it


class _AtOnce:
    """marshal as jieba uses it; from an open file it would fetch half a million items singly."""

    dump = staticmethod(marshal.dump)

    @staticmethod
    def load(file: BinaryIO) -> Any:
        """What the whole file holds."""
        return marshal.loads(file.read())  # noqa: S302 (jieba's own, in a folder of ours)


@cache
def segmenter() -> jieba.Tokenizer:
    """jieba's tokenizer with its dictionary; the first call loads it."""
    loaded = _jieba()
    loaded.setLogLevel(logging.CRITICAL)
    loaded.marshal = _AtOnce
    loaded.dt.tmp_dir = _own_folder()
    loaded.dt.initialize()
    return loaded.dt


@cache
def dictionary() -> dict[str, int]:
    """How often jieba has seen each word; 0 for what only begins one."""
    words: dict[str, int] = segmenter().FREQ
    return words


def _jieba() -> Any:
    if _UNNEEDED in sys.modules:
        return import_module("jieba")
    hidden: dict[str, Any] = sys.modules
    hidden[_UNNEEDED] = None
    try:
        return import_module("jieba")
    finally:
        del hidden[_UNNEEDED]


def _own_folder() -> str | None:
    """Where the dictionary is kept ready; where there is no such place, jieba chooses one."""
    try:
        kept = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(kept) / "adwatch"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return str(folder)
