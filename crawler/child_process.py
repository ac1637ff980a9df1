"""What our child processes may see of us, how they end, and how they learn that we have ended."""

import os
import signal
import time
from contextlib import suppress

_KEPT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE", "PYTHONPATH",
    "PLAYWRIGHT_BROWSERS_PATH", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
    "ADWATCH_READERS",
)  # fmt: skip


def child_environment() -> dict[str, str]:
    """Our environment without the secrets of channels and without proxies."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def kill_group(group: int) -> None:
    """End what is left of a child's process group: readers, browsers."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
        time.sleep(0.05)


def end_with_parent(pipe: int) -> None:
    """Die at once, readers and browser included, when the command that started us has died.

    It holds the other end of stdin open as long as it lives. What is stored survives a kill, and
    a crawl nobody watches would ask the site beside the next one.
    """
    while os.read(pipe, 1):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
