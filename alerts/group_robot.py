"""What the robots of group chats have in common: one recipient, one request a piece."""

import json
from dataclasses import replace

from alerts.channel import Pace
from alerts.http_post import ask
from alerts.message import Message
from alerts.results import Result, Retry
from alerts.split import json_bytes, numbered_parts
from alerts.verdict import Codes, judge_code
from alerts.wording import with_keyword
from core.errors import DeliveryError

GROUP = "group"


class GroupRobot:
    """One robot in one group."""

    def __init__(
        self, name: str, base_url: str, timeout_s: float, paces: tuple[Pace, ...], codes: Codes
    ) -> None:
        self.name = name
        self.recipients = (GROUP,)
        self.paces = paces
        self.patience_s = 2 * timeout_s
        self._base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._codes = codes

    def _post(self, path: str, body: object, secrets: tuple[str, ...]) -> tuple[Result, ...]:
        """The group's result: what the robot answers, or why it could not be asked."""
        try:
            answer = ask(
                f"{self._base_url}{path}",
                json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
                timeout_s=self._timeout_s,
                secrets=secrets,
            )
        except DeliveryError as error:
            return (Result(GROUP, False, "", str(error), Retry.LONG),)
        return (judge_code(GROUP, answer, self._codes),)


def pieces_with_keyword(
    message: Message, room: int, keyword: str | None, *, line_end: str = "\n"
) -> tuple[Message, ...]:
    """A message cut at line ends into bodies of at most `room` bytes, each with the keyword.

    `line_end` is what the robot writes for the end of a line.
    """
    room -= json_bytes(keyword) if keyword else 0
    parts = numbered_parts(
        message.chat, room, lambda text: json_bytes(text.replace("\n", line_end))
    )
    return tuple(replace(message, brief=with_keyword(part, keyword)) for part in parts)
