"""Delivering: the row first, then the message, then the mark."""

from collections.abc import Callable, Sequence

from alerts.channels import Channel
from alerts.message import Message
from alerts.results import Delivery


def deliver(
    message: Message, channels: Sequence[Channel], record: Callable[[Delivery], None]
) -> tuple[Delivery, ...]:
    """Send through every channel; `record` hears of each attempt before it and after it.

    A process that dies in between leaves a pending row, so that nobody takes silence for success.
    """
    done: list[Delivery] = []
    for channel in channels:
        for recipient in channel.recipients:
            record(Delivery(channel.name, recipient, "pending"))
        for result in channel.send(message):
            state = "sent" if result.ok else "failed"
            delivery = Delivery(channel.name, result.recipient, state, result.code, result.detail)
            record(delivery)
            done.append(delivery)
    return tuple(done)
