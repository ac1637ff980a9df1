"""A WeCom group robot: Markdown of at most 4,096 bytes, twenty messages a minute.

WeCom answers HTTP 200 also where it refuses; only `errcode` 0 means that the message was taken.
"""

from collections.abc import Sequence
from dataclasses import replace

from alerts.channel import Pace
from alerts.channel_config import WecomRobotConfig
from alerts.group_robot import GroupRobot
from alerts.message import Message
from alerts.results import Result
from alerts.split import numbered_parts
from alerts.verdict import RATE_PAUSE_S, Codes

MAX_MARKDOWN_BYTES = 4_096
# Wider than the minute that WeCom counts by: our clock and the way there are not WeCom's.
PACE = Pace(20, 65.0)
INVALID_KEY, TOO_LONG, TOO_LARGE, NOT_ALLOWED = 93000, 40058, 45002, 93008
CODES = Codes(
    fields=("errcode",),
    refused=frozenset({INVALID_KEY, TOO_LONG, TOO_LARGE, NOT_ALLOWED}),
    pauses_s={45009: RATE_PAUSE_S, 45033: RATE_PAUSE_S},
)


class WecomRobot(GroupRobot):
    """One robot in one group."""

    def __init__(self, name: str, config: WecomRobotConfig) -> None:
        super().__init__(name, config.base_url, config.timeout_s, (PACE,), CODES)
        self._config = config

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """Cut at line ends to the robot's limit."""
        parts = numbered_parts(message.chat, MAX_MARKDOWN_BYTES)
        return tuple(replace(message, brief=part) for part in parts)

    def send(self, piece: Message, to: Sequence[str] | None = None) -> tuple[Result, ...]:
        """One result for the group."""
        del to
        body = {"msgtype": "markdown", "markdown": {"content": piece.brief or piece.text}}
        key = self._config.key.get_secret_value()
        return self._post(f"/cgi-bin/webhook/send?key={key}", body, (key,))
