"""The channels by their kind."""

from pathlib import Path
from typing import Protocol, assert_never

from alerts.channel_config import (
    ChannelConfig,
    FileChannelConfig,
    SmtpChannelConfig,
    WebhookChannelConfig,
)
from alerts.file import FileChannel
from alerts.message import Message
from alerts.results import Result
from alerts.smtp import SmtpChannel
from alerts.webhook import WebhookChannel


class Channel(Protocol):
    """Where messages go."""

    name: str

    @property
    def recipients(self) -> tuple[str, ...]:
        """Who is written to, as it stands in the delivery rows."""

    def send(self, message: Message) -> tuple[Result, ...]:
        """One result a recipient; never raises for what the other side does."""


def build_channel(name: str, config: ChannelConfig, base: Path) -> Channel:
    """The channel that `config` describes; relative folders count from `base`."""
    match config:
        case SmtpChannelConfig():
            return SmtpChannel(name, config)
        case WebhookChannelConfig():
            return WebhookChannel(name, config)
        case FileChannelConfig():
            return FileChannel(name, config, base)
        case _:
            assert_never(config)
