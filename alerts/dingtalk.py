"""A DingTalk group robot: signed in the query, twenty messages a minute or ten minutes' silence."""

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from alerts.channel import Pace
from alerts.channel_config import DingtalkRobotConfig
from alerts.group_robot import GroupRobot, pieces_with_keyword
from alerts.message import Message
from alerts.results import Result
from alerts.verdict import Codes

MAX_BODY_BYTES = 20_000
_ROOM_FOR_FRAME = 1_500
_LINE_END = "  \n"  # its Markdown joins lines unless two blanks end them
MAX_TITLE_CHARS = 80
PACE = Pace(20, 65.0)
TOO_FAST, BLOCKED_S = 130101, 600.0
CODES = Codes(
    fields=("errcode",),
    # Keyword, signature or address; the robot's state; the token; a field; the size.
    refused=frozenset({310000, 300001, 300002, 300005, 400013, 400101, 400102, 400402, 40035, 88}),
    pauses_s={TOO_FAST: BLOCKED_S, 410100: BLOCKED_S},
)


class DingtalkRobot(GroupRobot):
    """One robot in one group."""

    def __init__(self, name: str, config: DingtalkRobotConfig) -> None:
        super().__init__(name, config.base_url, config.timeout_s, (PACE,), CODES)
        self._config = config

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """Cut at line ends so that the whole request stays within the limit."""
        room = MAX_BODY_BYTES - _ROOM_FOR_FRAME
        return pieces_with_keyword(message, room, self._config.keyword, line_end=_LINE_END)

    def send(self, piece: Message, to: Sequence[str] | None = None) -> tuple[Result, ...]:
        """One result for the group."""
        del to
        text = (piece.brief or piece.text).replace("\n", _LINE_END)
        title = piece.subject[:MAX_TITLE_CHARS] or "adwatch"
        body = {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
        token = self._config.token.get_secret_value()
        secret = self._config.secret.get_secret_value() if self._config.secret else None
        query = {"access_token": token}
        if secret is not None:
            now_ms = int(time.time() * 1000)
            query |= {"timestamp": str(now_ms), "sign": dingtalk_sign(now_ms, secret)}
        secrets = tuple(filter(None, (token, secret, query.get("sign"))))
        return self._post(f"/robot/send?{urlencode(query)}", body, secrets)


def dingtalk_sign(now_ms: int, secret: str) -> str:
    r"""Base64 of HMAC-SHA256 keyed by the secret over `<milliseconds>\n<secret>`."""
    signed = f"{now_ms}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
