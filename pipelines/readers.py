"""The processes that read: hostile pages are parsed and judged apart from the crawl."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from core.errors import ReadingError
from pipelines.reader_process import READY, Messages, packed_message

Result = TypeVar("Result")

READ_TIMEOUT_S = 30.0
# Loading rules and dictionaries on a machine that has other things to do.
WARM_UP_TIMEOUT_S = 300.0
# What waits at a reader beside the page it reads, so that it is never idle.
_WAITING = 2
_PIECE_BYTES = 256 * 1024


class _LostError(Exception):
    """The reader is gone; `blamed` is whether it died of this very page."""

    def __init__(self, *, blamed: bool) -> None:
        super().__init__("the reader is gone")
        self.blamed = blamed


class _Reader(asyncio.BufferedProtocol):
    """The crawl's end of one reader, which answers in the order in which it is asked."""

    def __init__(self) -> None:
        self._messages = Messages()
        self._incoming = bytearray(_PIECE_BYTES)
        self._asked: deque[asyncio.Future[Any]] = deque()
        self._clock: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's word that the line stands."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (a stream socket's)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        """Asyncio's question where to put what comes next."""
        del sizehint
        return self._incoming

    def buffer_updated(self, nbytes: int) -> None:
        """Hand each answer to whoever waits longest."""
        for answer in self._messages.take(memoryview(self._incoming)[:nbytes]):
            waiting = self._asked.popleft()
            if not waiting.done():
                waiting.set_result(answer)
            self._wind_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """The process has ended: the page it read is blamed, those that waited are not."""
        del exc
        self._transport = None
        self._fail_all(_LostError(blamed=True))

    async def ask(self, message: bytes) -> Any:
        """The answer to `message`; _LostError, or TimeoutError when its own time is up."""
        if self._transport is None:
            raise _LostError(blamed=False)
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._asked.append(answer)
        if len(self._asked) == 1:
            self._wind_clock()
        self._transport.write(message)
        return await answer

    def end(self) -> None:
        """Let the process go, in the middle of a page or not: it lives as long as the line."""
        if self._transport is not None and not self._loop.is_closed():
            self._transport.abort()

    def _wind_clock(self) -> None:
        """Time runs for the page that is being read, never for one that waits behind it."""
        if self._clock is not None:
            self._clock.cancel()
        self._clock = self._loop.call_later(READ_TIMEOUT_S, self._give_up) if self._asked else None

    def _give_up(self) -> None:
        self._fail_all(TimeoutError())
        self.end()

    def _fail_all(self, first: Exception) -> None:
        reason = first
        while self._asked:
            waiting = self._asked.popleft()
            if not waiting.done():
                waiting.set_exception(reason)
            reason = _LostError(blamed=False)
        self._wind_clock()


class Readers:
    """Child processes in which hostile pages are parsed and judged.

    A page that hangs or kills its reader costs that page alone: the process is replaced, and the
    pages that waited behind it are read by the next.
    """

    def __init__(self, processes: int, address: str) -> None:
        """`address` is that of a `ReaderParent`.

        The processes start at once, beside whatever the crawl still has to load.
        """
        self._address = address
        # A start waits for the parent's warming up; the crawl must not.
        self._starter = ThreadPoolExecutor(processes, "readers")
        self._started = deque(self._starter.submit(self._start) for _ in range(processes))
        self._readers: list[asyncio.Task[_Reader] | None] = [None] * processes
        self._busy = [0] * processes
        self._turn = asyncio.Semaphore(processes * (1 + _WAITING))

    def wait_until_warm(self) -> None:
        """Block until the readers have loaded what they need; ReadingError where they cannot."""
        try:
            for started in self._started:
                started.result()
        except (_LostError, OSError, EOFError) as error:
            raise ReadingError(f"the readers do not start: {error}") from error

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        """`function(*args)` in a reader; ReadingError when it does not end or dies of the page."""
        async with self._turn:
            number = min(range(len(self._busy)), key=self._busy.__getitem__)
            self._busy[number] += 1
            try:
                returned, value = await self._read(number, packed_message((function, args)))
            finally:
                self._busy[number] -= 1
        if returned:
            return value  # type: ignore[no-any-return]
        if isinstance(value, MemoryError):
            raise ReadingError("reading_memory: the page needs too much memory")
        raise value

    async def _read(self, number: int, message: bytes) -> Any:
        """What the reader in that place answers, or the one that comes after it."""
        deaths = 0
        while deaths < 2:  # noqa: PLR2004 (the first may have been the machine's doing)
            task = self._readers[number]
            if task is None:
                task = self._readers[number] = asyncio.create_task(self._connect())
            try:
                reader = await asyncio.shield(task)
                return await reader.ask(message)
            except TimeoutError:
                self._vacate(number, task)
                raise ReadingError("reading_timeout: the page took too long to read") from None
            except _LostError as lost:
                self._vacate(number, task)
                deaths += lost.blamed
        raise ReadingError("reader_died: the page broke its reader twice")

    def _vacate(self, number: int, task: asyncio.Task[_Reader]) -> None:
        """The next page in that place starts a new process, unless another page has done so."""
        if self._readers[number] is task:
            self._readers[number] = None

    async def _connect(self) -> _Reader:
        start = self._started.popleft() if self._started else self._starter.submit(self._start)
        line = await asyncio.wrap_future(start)
        _, reader = await asyncio.get_running_loop().create_connection(_Reader, sock=line)
        return reader

    def _start(self) -> socket.socket:
        """The line to a process that has loaded what it needs, so that no page pays for that."""
        line = socket.socket(socket.AF_UNIX)
        try:
            line.settimeout(WARM_UP_TIMEOUT_S)
            line.connect(self._address)
            ready = line.recv(len(READY))
        except OSError:
            ready = b""
        if not ready:
            line.close()
            raise _LostError(blamed=True)
        line.setblocking(False)
        return line

    def close(self) -> None:
        """Stop the readers."""
        self._starter.shutdown(wait=True, cancel_futures=True)
        for start in self._started:
            if not start.cancelled() and not start.exception():
                start.result().close()
        for task in self._readers:
            if task is not None and task.done() and not task.cancelled() and not task.exception():
                task.result().end()
