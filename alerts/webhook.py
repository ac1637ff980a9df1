"""A POST of JSON to an address of the operator, signed after Standard Webhooks."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from alerts.channel import Pace
from alerts.channel_config import WebhookChannelConfig
from alerts.http_post import ask
from alerts.message import Message
from alerts.results import Result, Retry
from alerts.verdict import judge_status
from core.errors import DeliveryError

SECRET_PREFIX = "whsec_"  # noqa: S105 (how Standard Webhooks marks a secret, not one)


class WebhookChannel:
    """One address; only a 2xx answer counts as taken, and redirects are not followed."""

    def __init__(self, name: str, config: WebhookChannelConfig) -> None:
        self.name = name
        self.recipients = (_shown(config.url),)
        self.paces: tuple[Pace, ...] = ()
        self.patience_s = 2 * config.timeout_s
        self._config = config

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """The message as it is."""
        return (message,)

    def send(self, piece: Message, to: Sequence[str] | None = None) -> tuple[Result, ...]:
        """One result; the answer's status and the beginning of its text."""
        del to
        now = datetime.now(UTC)
        body = json.dumps(
            {"type": piece.kind, "timestamp": now.isoformat(), "data": _data(piece)},
            ensure_ascii=False,
        ).encode("utf-8", "replace")
        try:
            answer = ask(
                self._config.url, body, timeout_s=self._config.timeout_s,
                secrets=self._secrets(), headers=self._signed(piece.ascii_key, now, body),
            )  # fmt: skip
        except DeliveryError as error:
            return (Result(self.recipients[0], False, "", str(error), Retry.LONG),)
        return (judge_status(self.recipients[0], answer),)

    def _secrets(self) -> tuple[str, ...]:
        secret = self._config.secret
        return (secret.get_secret_value(),) if secret else ()

    def _signed(self, key: str, now: datetime, body: bytes) -> dict[str, str]:
        stamp = str(int(now.timestamp()))
        headers = {"webhook-id": key, "webhook-timestamp": stamp}
        if self._config.secret is None:
            return headers
        secret = self._config.secret.get_secret_value()
        signed = f"{key}.{stamp}.".encode() + body
        digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
        return headers | {"webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def _key(secret: str) -> bytes:
    if secret.startswith(SECRET_PREFIX):
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return secret.encode()


def _data(message: Message) -> dict[str, object]:
    return message.data or {"subject": message.subject, "text": message.text}


def _shown(url: str) -> str:
    """The address without what may be secret in it: log-in and query."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
