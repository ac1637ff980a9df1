"""A Feishu (or Lark) group robot: a card, signed in the body; success is `code` 0 in the answer."""

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any

from alerts.channel import Pace
from alerts.channel_config import FeishuRobotConfig
from alerts.group_robot import GroupRobot, pieces_with_keyword
from alerts.message import Message
from alerts.results import Result
from alerts.verdict import RATE_PAUSE_S, Codes

MAX_BODY_BYTES = 20_000
_ROOM_FOR_FRAME = 2_000
MAX_TITLE_CHARS = 100
# A hundred a minute and five a second, counted by Feishu's clock, not ours.
PACES = (Pace(100, 65.0), Pace(5, 1.5))
CODES = Codes(
    fields=("code", "StatusCode"),
    # Signature or time, address, keyword, a token that is none, a body that is none.
    refused=frozenset({19021, 19022, 19024, 19001, 19002, 9499}),
    pauses_s={11232: RATE_PAUSE_S, 11233: RATE_PAUSE_S, 99991400: RATE_PAUSE_S},
)
_COLOURS = {"finding": "red", "summary": "red", "digest": "blue"}


class FeishuRobot(GroupRobot):
    """One robot in one group."""

    def __init__(self, name: str, config: FeishuRobotConfig) -> None:
        super().__init__(name, config.base_url, config.timeout_s, PACES, CODES)
        self._config = config

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """Cut at line ends so that the whole request stays within the limit."""
        room = MAX_BODY_BYTES - _ROOM_FOR_FRAME
        return pieces_with_keyword(message, room, self._config.keyword)

    def send(self, piece: Message, to: Sequence[str] | None = None) -> tuple[Result, ...]:
        """One result for the group."""
        del to
        token = self._config.token.get_secret_value()
        secret = self._config.secret.get_secret_value() if self._config.secret else None
        body: dict[str, Any] = {"msg_type": "interactive", "card": _card(piece)}
        if secret is not None:
            now_s = int(time.time())
            body = {"timestamp": str(now_s), "sign": feishu_sign(now_s, secret)} | body
        return self._post(
            f"/open-apis/bot/v2/hook/{token}", body, tuple(filter(None, (token, secret)))
        )


def feishu_sign(now_s: int, secret: str) -> str:
    r"""Base64 of HMAC-SHA256 keyed by `<seconds>\n<secret>` over nothing."""
    key = f"{now_s}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def _card(piece: Message) -> dict[str, Any]:
    title = {"tag": "plain_text", "content": piece.subject[:MAX_TITLE_CHARS] or "adwatch"}
    return {
        "header": {"title": title, "template": _COLOURS.get(piece.kind, "orange")},
        "elements": [{"tag": "markdown", "content": piece.brief or piece.text}],
    }
