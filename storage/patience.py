"""Trying a unit of work again where the database was busy or gone for a moment."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from core.errors import BusyStorageError

Result = TypeVar("Result")

PAUSES_S = (0.2, 1.0, 3.0, 10.0)


def persist(
    work: Callable[..., Result], *args: object, pauses_s: Sequence[float] = PAUSES_S
) -> Result:
    """`work(*args)`, begun anew after each pause while the database is busy.

    Every unit of work in `storage` is kept whole or not at all and may be repeated.
    """
    for pause_s in pauses_s:
        try:
            return work(*args)
        except BusyStorageError:
            time.sleep(pause_s)
    return work(*args)
