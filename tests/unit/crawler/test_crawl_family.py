"""Processes that a crawl leaves behind, wherever they went."""

import os
import subprocess
import sys
import time
from uuid import uuid4

from crawler.crawl_family import MARK, kill_members, members, memory_bytes

RUNAWAY = "import os, time; os.setsid(); b = bytearray(50_000_000); time.sleep(60)"


def test_a_child_in_a_session_of_its_own_is_counted_and_ended():
    mark = uuid4().hex
    child = subprocess.Popen([sys.executable, "-c", RUNAWAY], env={**os.environ, MARK: mark})
    give_up = time.monotonic() + 10
    while memory_bytes(mark) < 50_000_000:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    assert list(members(mark)) == [child.pid]
    assert kill_members(mark) == 1
    assert child.wait(timeout=10) == -9
    assert kill_members(mark) == 0
