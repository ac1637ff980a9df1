"""What became of a message: one result a recipient, one delivery a channel and recipient."""

from dataclasses import dataclass
from enum import StrEnum


class Retry(StrEnum):
    """Whether sending again can help where a message was not taken.

    `LONG`: the other side is away or busy. `SOME`: it said something we do not know. `NEVER`: it
    refused this very message or our credentials.
    """

    LONG = "long"
    SOME = "some"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Result:
    """A channel's answer for one recipient, in the other side's own code and words.

    `retry_after_s` is what it asked for; with `holds` it asked so of the whole channel.
    """

    recipient: str
    ok: bool
    code: str
    detail: str
    retry: Retry = Retry.SOME
    retry_after_s: float | None = None
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a message to one recipient stands: as `storage` says it, or `already` sent before."""

    channel: str
    recipient: str
    state: str
    code: str = ""
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether the other side took the message."""
        return self.state in {"sent", "already"}
