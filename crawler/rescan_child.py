"""Runs the process that judges a key range, watched until it ends or has to."""

import subprocess
import sys
from pathlib import Path
from threading import Event

from crawler.child_process import child_environment, kill_group
from crawler.rescan_order import RescanOrder

GRACE_S = 20.0
WATCH_EVERY_S = 0.5


def run_part(order: RescanOrder, log: Path, halt: Event) -> int:
    """The exit code of the range's process; it is told to stop where `halt` is set."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as log_file:
        child = subprocess.Popen(
            [sys.executable, "-m", "crawler.rescan_process"],
            stdin=subprocess.PIPE, stderr=log_file, env=child_environment(), start_new_session=True,
        )  # fmt: skip
        assert child.stdin is not None  # noqa: S101 (asked for by PIPE)
        child.stdin.write(order.model_dump_json().encode() + b"\n")
        child.stdin.flush()
        try:
            return _wait(child, halt)
        finally:
            kill_group(child.pid)
            child.wait()
            child.stdin.close()


def _wait(child: subprocess.Popen[bytes], halt: Event) -> int:
    while child.poll() is None and not halt.wait(WATCH_EVERY_S):
        pass
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()
