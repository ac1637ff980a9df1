"""The processes that read pictures: late to start, and not to be brought down by a picture."""

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from core.errors import ReadingError
from pipelines import readers as readers_module
from pipelines.pictures import pool as pool_module
from pipelines.pictures.pool import PicturePool, picture_parent
from pipelines.pictures.reading import read

HANG, KILL, GREEDY = b"hang", b"kill", b"greedy"


def read_or_misbehave(data):
    if data == HANG:
        time.sleep(600)
    if data == KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    if data == GREEDY:
        return bytes(8 * 1024**3)
    return read(data)


def loaded(process: psutil.Process) -> bool:
    """Whether the engine stands in the process's memory."""
    return "onnxruntime" in Path(f"/proc/{process.pid}/maps").read_text()


@pytest.fixture
def misbehaving(monkeypatch):
    monkeypatch.setattr(pool_module, "read", read_or_misbehave)


@pytest.fixture
def parent(monkeypatch):
    monkeypatch.delenv(pool_module.RUNNING, raising=False)
    with picture_parent() as started:
        yield started


def read_all(address, *pictures):
    """What each picture yields or raises, all asked at once."""

    async def ask():
        pool = PicturePool(1, address)
        try:
            return await asyncio.gather(*map(pool.read, pictures), return_exceptions=True)
        finally:
            pool.close()

    return asyncio.run(ask())


def test_no_model_is_loaded_before_there_is_a_picture(parent, posters):
    pool = PicturePool(1, parent.address)
    process = psutil.Process(parent._process.pid)
    pool.close()
    time.sleep(1)
    assert not loaded(process)
    (text,) = read_all(parent.address, posters.png(posters.calm))
    assert text.lines
    assert loaded(process)


def test_a_parent_that_was_never_asked_ends_with_its_context(parent):
    assert parent.address
    process = parent._process
    parent.__exit__()
    assert process.returncode == 0


def test_a_picture_that_kills_hangs_or_bloats_its_reader_costs_itself_alone(
    parent, misbehaving, posters, monkeypatch
):
    good = posters.png(posters.calm)
    read_all(parent.address, good)  # the clock below is too short for loading
    monkeypatch.setattr(readers_module, "READ_TIMEOUT_S", 5.0)
    killed, first, hung, greedy, last = read_all(parent.address, KILL, good, HANG, GREEDY, good)
    assert str(killed).startswith("reader_died:")
    assert str(hung).startswith("reading_timeout:")
    assert str(greedy).startswith("reading_memory:")
    assert all(isinstance(one, ReadingError) for one in (killed, hung, greedy))
    assert [line.text for line in first.lines] == list(posters.calm)
    assert last == first
