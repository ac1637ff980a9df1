"""Bringing many files to the disk at once: one journal entry instead of two a file."""

import ctypes
import os
import re
import sys
from collections.abc import Callable
from functools import cache

_TELLS_ERRORS_FROM = (5, 8)  # older kernels lose what syncfs(2) should say of a failed write


@cache
def filesystem_sync() -> Callable[[str], None] | None:
    """What writes out all of the file system on which a folder lies; OSError where that fails.

    None where the system has no such call, or one that keeps errors to itself.
    """
    release = re.match(r"(\d+)\.(\d+)", os.uname().release) if sys.platform == "linux" else None
    if release is None or tuple(map(int, release.groups())) < _TELLS_ERRORS_FROM:
        return None
    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if call is None:
        return None

    def sync(folder: str) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            if call(handle):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number), folder)
        finally:
            os.close(handle)

    return sync
