"""A stream of lines answered in order, in this process or in several, in bounded memory."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from classifiers.rulebook import load_rulebook
from crawler.assess_lines import Answered, Manner, answer_line, failure

MAX_LINE_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
CHUNK_LINES = 500
WAITING_A_JOB = 3  # chunks read ahead for each process


@dataclass(frozen=True, slots=True)
class Numbered:
    """One line of the input; None stands for a line over `MAX_LINE_BYTES`."""

    number: int
    line: bytes | None


Chunk = tuple[Numbered, ...]
Answers = list[Answered]


def answer_stream(stream: BinaryIO, manner: Manner, jobs: int) -> Iterator[Answered]:
    """An answer for each line that is not blank, in the order of the input."""
    lines = numbered_lines(stream)
    if jobs == 1:
        for numbered in lines:
            yield _answer(numbered, manner)
        return
    for answers in _Crew(partial(answer_chunk, manner=manner), jobs).answer_all(chunks(lines)):
        yield from answers


def numbered_lines(stream: BinaryIO) -> Iterator[Numbered]:
    """The lines with their numbers from 1; blank ones are passed over."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) <= MAX_LINE_BYTES:
            if line.strip():
                yield Numbered(number, line)
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)
        yield Numbered(number, None)


def chunks(lines: Iterator[Numbered]) -> Iterator[Chunk]:
    """The lines in portions that are worth a trip to another process."""
    gathered: list[Numbered] = []
    size = 0
    for numbered in lines:
        gathered.append(numbered)
        size += len(numbered.line or b"")
        if size >= CHUNK_BYTES or len(gathered) >= CHUNK_LINES:
            yield tuple(gathered)
            gathered, size = [], 0
    if gathered:
        yield tuple(gathered)


def answer_chunk(chunk: Chunk, manner: Manner) -> Answers:
    """The answers to one portion."""
    return [_answer(numbered, manner) for numbered in chunk]


def _answer(numbered: Numbered, manner: Manner) -> Answered:
    if numbered.line is None:
        return failure(None, f"line {numbered.number}: longer than {MAX_LINE_BYTES} bytes")
    return answer_line(numbered.line, numbered.number, manner)


class _Crew:
    """Processes that answer portions in order; one that dies costs only the line that killed it."""

    def __init__(self, work: Callable[[Chunk], Answers], jobs: int) -> None:
        self._work = work
        self._jobs = jobs
        self._pool = _pool(jobs)
        self._waiting: deque[tuple[Chunk, Future[Answers]]] = deque()

    def answer_all(self, portions: Iterator[Chunk]) -> Iterator[Answers]:
        """Answers in order; no more portions are read ahead than the processes can use."""
        try:
            for chunk in portions:
                self._submit(chunk)
                if len(self._waiting) > self._jobs * WAITING_A_JOB:
                    yield self._next()
            while self._waiting:
                yield self._next()
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, chunk: Chunk) -> None:
        try:
            future = self._pool.submit(self._work, chunk)
        except BrokenProcessPool as error:
            future = Future()
            future.set_exception(error)
        self._waiting.append((chunk, future))

    def _next(self) -> Answers:
        chunk, future = self._waiting.popleft()
        try:
            return future.result()
        except BrokenProcessPool:
            self._start_again()
            return _halved(chunk, self._work)

    def _start_again(self) -> None:
        """A fresh pool for the portions that were lost with the broken one."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = _pool(self._jobs)
        lost = self._waiting
        self._waiting = deque()
        for chunk, future in lost:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._waiting.append((chunk, future))
            else:
                self._submit(chunk)


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, initializer=load_rulebook)


def _halved(chunk: Chunk, work: Callable[[Chunk], Answers]) -> Answers:
    """A portion whose process died, in a new one; halved until the guilty line stands alone."""
    try:
        with _pool(1) as alone:
            return alone.submit(work, chunk).result()
    except BrokenProcessPool:
        if len(chunk) == 1:
            what = f"line {chunk[0].number}: the process that read it died (out of memory?)"
            return [failure(None, what)]
        middle = len(chunk) // 2
        return _halved(chunk[:middle], work) + _halved(chunk[middle:], work)
