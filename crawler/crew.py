"""Processes that work on portions in order, in bounded memory; a deadly item costs itself alone."""

import ctypes
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Generic, TypeVar

from classifiers.rulebook import load_rulebook

WAITING_A_JOB = 3  # portions read ahead for each process
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Crew(Generic[Item, Answer]):
    """Processes that answer portions in order; one that dies costs only the item that killed it."""

    def __init__(
        self,
        work: Callable[[tuple[Item, ...]], list[Answer]],
        blame: Callable[[Item], Answer],
        jobs: int,
    ) -> None:
        """`work` answers a portion, item by item; `blame` answers for an item that cannot be."""
        self._work = work
        self._blame = blame
        self._jobs = jobs
        self._pool = _pool(jobs)
        self._waiting: deque[tuple[tuple[Item, ...], Future[list[Answer]]]] = deque()

    def answer_all(
        self, portions: Iterator[tuple[Item, ...]]
    ) -> Iterator[tuple[tuple[Item, ...], list[Answer]]]:
        """Portions with their answers, in order; no more are read ahead than can be used."""
        try:
            for portion in portions:
                self._submit(portion)
                if len(self._waiting) > self._jobs * WAITING_A_JOB:
                    yield self._next()
            while self._waiting:
                yield self._next()
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, portion: tuple[Item, ...]) -> None:
        try:
            future = self._pool.submit(self._work, portion)
        except BrokenProcessPool as error:
            future = Future()
            future.set_exception(error)
        self._waiting.append((portion, future))

    def _next(self) -> tuple[tuple[Item, ...], list[Answer]]:
        portion, future = self._waiting.popleft()
        try:
            return portion, future.result()
        except BrokenProcessPool:
            self._start_again()
            return portion, self._halved(portion)

    def _start_again(self) -> None:
        """A fresh pool for the portions that were lost with the broken one."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = _pool(self._jobs)
        lost = self._waiting
        self._waiting = deque()
        for portion, future in lost:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._waiting.append((portion, future))
            else:
                self._submit(portion)

    def _halved(self, portion: tuple[Item, ...]) -> list[Answer]:
        """A portion whose process died, in a new one; halved until the guilty item stands alone."""
        try:
            with _pool(1) as alone:
                return alone.submit(self._work, portion).result()
        except BrokenProcessPool:
            if len(portion) == 1:
                return [self._blame(portion[0])]
            middle = len(portion) // 2
            return self._halved(portion[:middle]) + self._halved(portion[middle:])


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, initializer=_begin)


def _begin() -> None:
    """No process outlives the command, and Ctrl-C is the command's to obey."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    load_rulebook()
