"""What became of a message: one result a recipient, one delivery a channel and recipient."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """A channel's answer for one recipient, in the other side's own code and words."""

    recipient: str
    ok: bool
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """An attempt at one recipient: `pending` before it, `sent` or `failed` after."""

    channel: str
    recipient: str
    state: str
    code: str = ""
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether the other side took the message."""
        return self.state == "sent"
