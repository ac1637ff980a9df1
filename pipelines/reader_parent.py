"""The process that readers are forked from: rules and dictionaries are loaded in it once.

Whoever has many crawls to do keeps one for all of them, so that no crawl waits for that.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Self

from pipelines.reader_process import serve

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNNING = "ADWATCH_READERS"
WARM_UP = "pipelines.reading:warm_up"
_WAITING = 64  # readers that may be asked for while the process still loads
_ENDS_WITHIN_S = 5.0
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


class ReaderParent:
    """A context: at `address` whoever connects gets a reader, which lives as long as the line.

    The process starts when an address is first asked for, and again where it has died. It ends
    with its context, or with the process that started it. Where the environment names one that runs
    already (`ADWATCH_READERS`, for scripts of many commands), that one's address is given.

    One that `waits` loads nothing before the first reader is asked for.
    """

    def __init__(
        self,
        warm_up: str = WARM_UP,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
        *,
        waits: bool = False,
        running: str = RUNNING,
    ) -> None:
        """`warm_up` names what is called before anything is forked, as `module:function`.

        What the readers say goes to `log`, or where this process's own messages go. `running` is
        the variable that names one that runs already.
        """
        self._warm_up = warm_up
        self._environment = environment
        self._log = log
        self._waits = waits
        self._running = running
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = Lock()
        self._kept = ExitStack()
        self._address = ""

    @property
    def address(self) -> str:
        """The path of the socket; a process listens there, warm or still warming up."""
        running = os.environ.get(self._running)
        if running:
            return running
        with self._starting:
            if self._process is None or self._process.poll() is not None:
                self._end()
                self._start()
            return self._address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._starting:
            self._end()

    def _start(self) -> None:
        folder = self._kept.enter_context(tempfile.TemporaryDirectory(prefix="adwatch-"))
        self._address = str(Path(folder) / "readers")
        with socket.socket(socket.AF_UNIX) as listening, ExitStack() as files:
            listening.bind(self._address)
            listening.listen(_WAITING)
            said: IO[bytes] | None = None
            if self._log is not None:
                self._log.parent.mkdir(parents=True, exist_ok=True)
                said = files.enter_context(self._log.open("ab"))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pipelines.reader_parent", str(listening.fileno()),
                 self._warm_up, "waits" if self._waits else "at once"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                pass_fds=(listening.fileno(),),
                env=None if self._environment is None else dict(self._environment),
                start_new_session=True,  # it ends by its pipe, in its own time
            )  # fmt: skip

    def _end(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None  # noqa: S101 (asked for by PIPE)
            self._process.stdin.close()
            try:
                self._process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._kept.close()


class _Family:
    """The readers by their process handles, and the lines that keep them alive.

    This process holds each line open beside its reader: only so it learns that the other end was
    closed while the reader is lost in a page.
    """

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._lines: dict[int, tuple[int, socket.socket]] = {}  # by pid handle: pid and line
        self._handle_of: dict[int, int] = {}  # by the line's descriptor
        self._watched = select.poll()
        self._watched.register(listening, select.POLLIN)
        self._watched.register(sys.stdin, select.POLLIN)

    def keep(self) -> None:
        """Give a reader to whoever connects, until the pipe from above is closed."""
        while True:
            place, _ = self._watched.poll()[0]  # of the others none may be the same afterwards
            if place == self._listening.fileno():
                self._fork()
            elif place == sys.stdin.fileno():
                return
            elif place in self._lines:
                self._bury(place)
            else:
                self._kill(self._handle_of[place])

    def end(self) -> None:
        """No reader outlives its parent."""
        for handle in list(self._lines):
            self._kill(handle)
            self._bury(handle)

    def _fork(self) -> None:
        line, _ = self._listening.accept()
        pid = os.fork()
        if pid == 0:
            self._become_reader(line)
        handle = os.pidfd_open(pid)
        self._lines[handle] = pid, line
        self._handle_of[line.fileno()] = handle
        self._watched.register(handle, select.POLLIN)
        self._watched.register(line, select.POLLRDHUP)

    def _become_reader(self, line: socket.socket) -> None:
        """Answer until the other end is closed; does not return."""
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        self._listening.close()
        for handle, (_, other) in self._lines.items():
            os.close(handle)
            other.close()
        try:
            serve(line)
        finally:
            os._exit(0)

    def _kill(self, handle: int) -> None:
        self._watched.unregister(self._lines[handle][1])
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)

    def _bury(self, handle: int) -> None:
        """Take leave of a reader that has ended; the other end of its line learns of it."""
        pid, line = self._lines.pop(handle)
        os.waitpid(pid, 0)
        self._watched.unregister(handle)
        os.close(handle)
        with suppress(KeyError):
            self._watched.unregister(line)
        del self._handle_of[line.fileno()]
        line.close()


def main(listening: str, warm_up: str, when: str) -> None:
    """Load what the readers need, then fork them off until the pipe from above is closed."""
    if when == "waits" and not _is_asked(int(listening)):
        return
    module, _, name = warm_up.partition(":")
    gc.disable()  # what is loaded here stays
    getattr(import_module(module), name)()
    # A collection writes into every object that it looks at, and what a reader writes to is no
    # longer shared: without this each reader's own memory grows at its first full collection.
    gc.collect()
    gc.freeze()
    gc.enable()
    with socket.socket(fileno=int(listening)) as taken:
        family = _Family(taken)
        try:
            family.keep()
        finally:
            family.end()


def _is_asked(listening: int) -> bool:
    """Whether a reader was asked for, before the pipe from above was closed."""
    watched = select.poll()
    watched.register(listening, select.POLLIN)
    watched.register(sys.stdin, select.POLLIN)
    return all(place == listening for place, _ in watched.poll())


if __name__ == "__main__":
    main(*sys.argv[1:])
