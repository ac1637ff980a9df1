"""Items that come within a moment go together, and each caller gets what is its own."""

import asyncio

import pytest

from pipelines.gathering import Gathered


def gather_all(items, work, *, pause_s=0.01, most=100):
    batches = []

    async def carry(batch):
        batches.append(list(batch))
        return await work(batch)

    async def ask():
        gathered = Gathered(carry, pause_s=pause_s, most=most)
        asked = (gathered(item) for item in items)
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(ask()), batches


async def double(batch):
    return [2 * item for item in batch]


def test_what_comes_together_goes_together_in_its_order():
    assert gather_all(range(5), double) == ([0, 2, 4, 6, 8], [[0, 1, 2, 3, 4]])


def test_a_full_batch_does_not_wait():
    found, batches = gather_all(range(5), double, pause_s=0.01, most=2)
    assert found == [0, 2, 4, 6, 8]
    assert batches == [[0, 1], [2, 3], [4]]


def test_one_items_error_is_its_own():
    async def work(batch):
        return [ValueError(item) if item == 1 else item for item in batch]

    found, _ = gather_all(range(3), work)
    assert (found[0], found[2]) == (0, 2)
    assert isinstance(found[1], ValueError)


def test_what_spoils_the_whole_batch_is_told_to_all():
    async def work(_):
        raise OSError("gone")

    found, _ = gather_all(range(3), work)
    assert [type(one) for one in found] == [OSError] * 3


def test_who_no_longer_waits_disturbs_nobody():
    async def ask():
        gathered = Gathered(double, pause_s=0.01, most=10)
        first = asyncio.create_task(gathered(1))
        second = asyncio.create_task(gathered(2))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return await second

    assert asyncio.run(ask()) == 4
