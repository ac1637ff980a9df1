"""Readers: what hangs or kills one costs its own page alone."""

import asyncio
import os
import signal
import socket
import time

import psutil
import pytest

from core.errors import ReadingError
from pipelines import readers as readers_module
from pipelines.reader_parent import ReaderParent
from pipelines.reader_process import READY, Messages, packed_message
from pipelines.readers import Readers

PROCESSES = 2


def nothing():
    """No warming up."""


def parent(warm_up=nothing):
    return ReaderParent(f"{warm_up.__module__}:{warm_up.__name__}")


def double(number):
    return 2 * number


def kill_reader(_):
    os.kill(os.getpid(), signal.SIGKILL)


def kill_reader_once(mark):
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "read"


def hang(_):
    time.sleep(600)


def fail(number):
    raise ReadingError(f"empty: {number}")


def run_out_of_memory(_):
    raise MemoryError


def fail_with_what_cannot_be_pickled(_):
    raise ValueError(lambda: None)


def read_all(*calls, patience_s=60):
    """What each call returns or raises, all asked at once."""

    async def ask(address):
        readers = Readers(PROCESSES, address)
        try:
            asked = (readers.run(function, argument) for function, argument in calls)
            return await asyncio.wait_for(
                asyncio.gather(*asked, return_exceptions=True), patience_s
            )
        finally:
            readers.close()

    with parent() as started:
        return asyncio.run(ask(started.address))


def test_every_page_gets_its_own_answer():
    assert read_all(*((double, number) for number in range(50))) == [2 * n for n in range(50)]


def test_an_answer_larger_than_any_buffer_arrives_whole():
    assert read_all((bytes, 5_000_000)) == [bytes(5_000_000)]


def test_a_page_that_kills_its_reader_costs_that_page_alone():
    found = read_all(*((kill_reader if n == 7 else double, n) for n in range(20)))
    assert str(found[7]).startswith("reader_died:")
    assert isinstance(found[7], ReadingError)
    assert found[:7] + found[8:] == [2 * n for n in range(20) if n != 7]


def test_many_pages_that_kill_their_readers_do_not_stop_the_others():
    found = read_all(*((kill_reader if n % 5 == 0 else double, n) for n in range(40)))
    assert [n for n, one in enumerate(found) if isinstance(one, ReadingError)] == list(
        range(0, 40, 5)
    )


def test_a_page_whose_reader_was_killed_by_someone_else_is_read_again(tmp_path):
    assert read_all((kill_reader_once, tmp_path / "mark"), (double, 3)) == ["read", 6]


def test_a_page_that_hangs_is_given_up_and_those_behind_it_are_read(monkeypatch):
    monkeypatch.setattr(readers_module, "READ_TIMEOUT_S", 0.5)
    found = read_all(*((hang if n == 2 else double, n) for n in range(12)))
    assert str(found[2]).startswith("reading_timeout:")
    assert found[:2] + found[3:] == [2 * n for n in range(12) if n != 2]


def test_what_a_page_raises_arrives_and_the_reader_lives_on():
    empty, memory, odd, good = read_all(
        (fail, 1), (run_out_of_memory, 2), (fail_with_what_cannot_be_pickled, 3), (double, 4)
    )
    assert (type(empty), str(empty)) == (ReadingError, "empty: 1")
    assert str(memory).startswith("reading_memory:")
    assert str(odd).startswith("ValueError")
    assert good == 8


def test_readers_that_cannot_be_warmed_up_are_known_before_a_page_is_lost():
    with parent(kill_self) as started:
        readers = Readers(1, started.address)
        try:
            with pytest.raises(ReadingError, match="do not start"):
                readers.wait_until_warm()
        finally:
            readers.close()


def kill_self():
    os.kill(os.getpid(), signal.SIGKILL)


def test_closed_readers_are_gone():
    async def pids(address):
        readers = Readers(PROCESSES, address)
        readers.wait_until_warm()
        found = {await readers.run(os.getpid) for _ in range(10)}
        readers.close()
        return found

    with parent() as started:
        assert await_none(asyncio.run(pids(started.address)))


def await_none(pids, patience_s=10):
    """Whether the processes are gone within a moment."""
    give_up = time.monotonic() + patience_s
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < give_up:
        time.sleep(0.02)
    return not any(map(psutil.pid_exists, pids))


def lost_in_a_page(address):
    """The process of a reader that will not answer for a long time, and the line to it."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(address)
    assert line.recv(1) == READY
    line.sendall(packed_message((os.getpid, ())))
    ((returned, pid),) = Messages().take(line.recv(1_000))
    assert returned
    line.sendall(packed_message((hang, (None,))))
    return pid, line


def test_a_reader_lost_in_a_page_ends_with_the_crawl_that_asked():
    with parent() as started:
        pid, line = lost_in_a_page(started.address)
        other, kept = lost_in_a_page(started.address)
        line.close()
        assert await_none([pid])
        assert psutil.pid_exists(other)
        kept.close()


@pytest.mark.parametrize("is_killed", [False, True])
def test_no_reader_outlives_the_parent(is_killed):
    with parent() as started:
        pid, line = lost_in_a_page(started.address)
        if is_killed:
            psutil.Process(pid).parent().kill()
    assert await_none([pid])
    line.close()


def test_a_parent_that_has_died_is_started_again():
    with parent() as started:
        pid, line = lost_in_a_page(started.address)
        psutil.Process(pid).parent().kill()
        line.close()
        assert await_none([pid])
        other, line = lost_in_a_page(started.address)
        assert other != pid
        line.close()


def test_messages_are_put_together_from_any_pieces():
    whole = b"".join(packed_message(content) for content in ("a", b"x" * 100, 3))
    for size in (1, 7, 50, len(whole)):
        messages = Messages()
        found = [
            message
            for at in range(0, len(whole), size)
            for message in messages.take(whole[at : at + size])
        ]
        assert found == ["a", b"x" * 100, 3]
