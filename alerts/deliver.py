"""Sending a message at once, past the queue: to try a channel, or when there is no queue."""

from collections.abc import Sequence

from alerts.channel import Channel
from alerts.message import Message
from alerts.results import Delivery, Result


def deliver(message: Message, channels: Sequence[Channel]) -> tuple[Delivery, ...]:
    """Send through every channel; one delivery a recipient, with the other side's last words."""
    return tuple(
        Delivery(
            channel.name, last.recipient, "sent" if last.ok else "failed", last.code, last.detail
        )
        for channel in channels
        for last in send_pieces(channel, message)
    )


def send_pieces(channel: Channel, message: Message) -> tuple[Result, ...]:
    """The results of the last piece that was sent; the first piece that is refused ends it."""
    results: tuple[Result, ...] = ()
    for piece in channel.pieces(message):
        results = channel.send(piece)
        if not all(result.ok for result in results):
            break
    return results
