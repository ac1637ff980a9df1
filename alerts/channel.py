"""What every channel is to those who send."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from alerts.message import Message
from alerts.results import Result


@dataclass(frozen=True, slots=True)
class Pace:
    """How many requests the other side takes in so many seconds."""

    posts: int
    seconds: float


class Channel(Protocol):
    """Where messages go."""

    name: str
    paces: tuple[Pace, ...]
    patience_s: float
    """The longest that sending one piece may take."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Who is written to, as it stands in the delivery rows."""

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """The message in pieces that the other side takes whole, each one request."""

    def send(self, piece: Message, to: Sequence[str] | None = None) -> tuple[Result, ...]:
        """One result for each recipient, or for each of `to`.

        Never raises for what the other side does.
        """
