"""Calls that come within a moment of one another, done together in one trip to another thread."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Gathered(Generic[Item, Result]):
    """Hands items on in batches, in their order; each caller gets the result of its own item.

    `work` returns a result or an exception for each item. What it raises itself, all get.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        pause_s: float,
        most: int,
    ) -> None:
        """A batch goes off `pause_s` after its first item, or as soon as it has `most`."""
        self._work = work
        self._pause_s = pause_s
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._clock: asyncio.TimerHandle | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> Result:
        """The result of `item`, once its batch is done."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, result))
        if len(self._waiting) >= self._most:
            self._send_off()
        elif self._clock is None:
            self._clock = loop.call_later(self._pause_s, self._send_off)
        return await result

    def _send_off(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        batch, self._waiting = self._waiting, []
        task = asyncio.create_task(self._carry_out(batch))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _carry_out(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        found: Sequence[Result | Exception]
        try:
            found = await self._work([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 (whoever asked is told)
            found = [error] * len(batch)
        for (_, result), one in zip(batch, found, strict=True):
            if result.done():
                continue
            if isinstance(one, Exception):
                result.set_exception(one)
            else:
                result.set_result(one)
