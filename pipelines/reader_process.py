"""One process that reads: what it is asked comes down a socket, and its answers go back in order.

This module is loaded in each reader, so it knows neither Scrapy nor the database.
"""

import pickle
import resource
import socket
import struct
from collections.abc import Callable
from io import BufferedReader
from typing import Any

READER_MEMORY_BYTES = 3 * 1024**3
READY = b"!"
_LENGTH = struct.Struct("!Q")


def packed_message(content: object) -> bytes:
    """`content` as it goes through the socket: its length, then its pickle."""
    data = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


class Messages:
    """Puts messages together again from the pieces in which they arrive."""

    def __init__(self) -> None:
        self._data = bytearray()

    def take(self, piece: bytes | memoryview) -> list[Any]:
        """The messages that `piece` completes."""
        self._data += piece
        found, at = [], 0
        while len(self._data) - at >= _LENGTH.size:
            start = at + _LENGTH.size
            end = start + _LENGTH.unpack_from(self._data, at)[0]
            if end > len(self._data):
                break
            with memoryview(self._data) as view:
                found.append(pickle.loads(view[start:end]))  # noqa: S301 (of our own readers)
            at = end
        del self._data[:at]
        return found


def serve(asked: socket.socket) -> None:
    """Say that all is ready, then answer until the crawl closes its end.

    An answer is whether the call returned, and what it returned or raised.
    """
    _limit_memory()
    with asked, asked.makefile("rb") as incoming:
        asked.sendall(READY)
        while (call := _next_message(incoming)) is not None:
            asked.sendall(_answer(*call))


def _next_message(incoming: BufferedReader) -> Any:
    head = incoming.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return pickle.loads(incoming.read(_LENGTH.unpack(head)[0]))  # noqa: S301 (of our own crawl)


def _answer(function: Callable[..., Any], args: tuple[Any, ...]) -> bytes:
    try:
        return packed_message((True, function(*args)))
    except Exception as error:  # noqa: BLE001 (whatever a page provokes is the crawl's to count)
        return _failure(error)


def _failure(error: Exception) -> bytes:
    try:
        return packed_message((False, error))
    except Exception:  # noqa: BLE001 (an error that holds what cannot be pickled)
        return packed_message((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _limit_memory() -> None:
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or hard > READER_MEMORY_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (READER_MEMORY_BYTES, hard))
