"""Messages of a WeCom application to its members; the access token is fetched, kept and renewed."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from alerts.channel import Pace
from alerts.channel_config import WecomAppConfig
from alerts.http_post import Answer, ask
from alerts.message import Message
from alerts.results import Result, Retry
from alerts.split import numbered_parts
from alerts.verdict import RATE_PAUSE_S, Codes, body_of, code_in, judge_code
from core.errors import DeliveryError

MAX_MARKDOWN_BYTES = 2_048
# A member is shown thirty a minute; WeCom drops what goes beyond without a word.
PACE = Pace(30, 65.0)
RENEW_BEFORE_S = 300.0
# The same text again within this time is a repetition that WeCom leaves out.
DUPLICATE_S = 1_800
STALE_TOKEN = frozenset({40001, 40014, 41001, 42001})
CODES = Codes(
    fields=("errcode",),
    # Credentials, recipients, the application, the address we ask from, the size.
    refused=frozenset({40003, 40013, 40056, 40058, 45002, 48002, 60011, 60020, 81013, 86001,
                       *STALE_TOKEN}),
    pauses_s={45009: RATE_PAUSE_S, 45033: RATE_PAUSE_S},
)  # fmt: skip
_LISTS = (("user", "touser", "invaliduser"), ("party", "toparty", "invalidparty"),
          ("tag", "totag", "invalidtag"))  # fmt: skip


class WecomApp:
    """One application with the members, departments and tags it writes to."""

    def __init__(self, name: str, config: WecomAppConfig) -> None:
        self.name = name
        self.paces: tuple[Pace, ...] = (PACE,)
        self.patience_s = 5 * config.timeout_s
        self.recipients = (
            *(f"user:{one}" for one in config.users),
            *(f"party:{one}" for one in config.parties),
            *(f"tag:{one}" for one in config.tags),
        )
        self._config = config
        self._lock = Lock()
        self._token, self._good_until = "", 0.0

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """Cut at line ends to the limit of application messages."""
        parts = numbered_parts(message.chat, MAX_MARKDOWN_BYTES)
        return tuple(replace(message, brief=part) for part in parts)

    def send(self, piece: Message, to: Sequence[str] | None = None) -> tuple[Result, ...]:
        """One result a member, department or tag; WeCom names those it could not write to."""
        wanted = tuple(self.recipients if to is None else to)
        try:
            with self._lock:
                refusal = self._renew_token()
                if refusal is None:
                    answer = self._post(piece, wanted)
                    if code_in(answer, CODES.fields) in STALE_TOKEN:
                        self._good_until = 0.0
                        refusal = self._renew_token()
                        answer = answer if refusal else self._post(piece, wanted)
        except DeliveryError as error:
            return tuple(Result(one, False, "", str(error), Retry.LONG) for one in wanted)
        if refusal is not None:
            return tuple(judge_code(one, refusal, CODES) for one in wanted)
        return _results(wanted, answer)

    def _renew_token(self) -> Answer | None:
        """Have a token that is still good; WeCom's answer where it gives none."""
        if time.monotonic() < self._good_until:
            return None
        secret = self._config.secret.get_secret_value()
        query = urlencode({"corpid": self._config.corp_id, "corpsecret": secret})
        answer = ask(
            f"{self._base}/cgi-bin/gettoken?{query}", None,
            timeout_s=self._config.timeout_s, secrets=(secret,),
        )  # fmt: skip
        body = body_of(answer)
        token, lasts_s = body.get("access_token"), body.get("expires_in")
        if body.get("errcode") != 0 or not isinstance(token, str) or not isinstance(lasts_s, int):
            return answer if body.get("errcode") != 0 else replace(answer, text="{}")
        self._token = token
        self._good_until = time.monotonic() + max(lasts_s - RENEW_BEFORE_S, lasts_s / 2)
        return None

    def _post(self, piece: Message, to: Sequence[str]) -> Answer:
        body: dict[str, Any] = {
            "msgtype": "markdown",
            "agentid": self._config.agent_id,
            "markdown": {"content": piece.brief or piece.text},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_S,
        }
        for kind, field, _ in _LISTS:
            names = [one.partition(":")[2] for one in to if one.startswith(f"{kind}:")]
            if names:
                body[field] = "|".join(names)
        return ask(
            f"{self._base}/cgi-bin/message/send?{urlencode({'access_token': self._token})}",
            json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
            timeout_s=self._config.timeout_s,
            secrets=(self._config.secret.get_secret_value(), self._token),
        )

    @property
    def _base(self) -> str:
        return self._config.base_url.rstrip("/")


def _results(wanted: Sequence[str], answer: Answer) -> tuple[Result, ...]:
    body = body_of(answer)
    invalid = {
        f"{kind}:{name}"
        for kind, _, field in _LISTS
        for name in str(body.get(field) or "").split("|")
        if name
    }
    lowered = {one.lower() for one in invalid}  # WeCom answers UserIDs in lower case
    return tuple(
        Result(one, False, "invalid", answer.detail, Retry.NEVER)
        if one.lower() in lowered
        else judge_code(one, answer, CODES)
        for one in wanted
    )
