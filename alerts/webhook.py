"""A POST of JSON to an address of the operator, signed after Standard Webhooks."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import httpx

from alerts.channel_config import WebhookChannelConfig
from alerts.message import Message
from alerts.results import Result

MAX_REPLY_CHARS = 500
SECRET_PREFIX = "whsec_"  # noqa: S105 (how Standard Webhooks marks a secret, not one)


class WebhookChannel:
    """One address; only a 2xx answer counts as taken, and redirects are not followed."""

    def __init__(self, name: str, config: WebhookChannelConfig) -> None:
        self.name = name
        self.recipients = (_shown(config.url),)
        self._config = config

    def send(self, message: Message) -> tuple[Result, ...]:
        """One result; the answer's status and the beginning of its text."""
        now = datetime.now(UTC)
        body = json.dumps(
            {"type": message.kind, "timestamp": now.isoformat(), "data": _data(message)},
            ensure_ascii=False,
        ).encode("utf-8", "replace")
        headers = {"content-type": "application/json", **self._signed(message.key, now, body)}
        try:
            with httpx.Client(timeout=self._config.timeout_s, follow_redirects=False) as client:
                reply = client.post(self._config.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return (Result(self.recipients[0], False, "", f"{type(error).__name__}: {error}"),)
        said = reply.text[:MAX_REPLY_CHARS]
        return (Result(self.recipients[0], reply.is_success, str(reply.status_code), said),)

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
    """The address without what may be secret in it."""
    return url.partition("?")[0]
