"""What an answer means: taken, refused for good, or worth another try."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from alerts.http_post import Answer
from alerts.results import Result, Retry

RATE_PAUSE_S = 60.0
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_FINAL = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.GONE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    }
)


@dataclass(frozen=True, slots=True)
class Codes:
    """A vendor's words: the fields of its code, what it refuses for good, its pauses by code."""

    fields: tuple[str, ...]
    refused: frozenset[int]
    pauses_s: Mapping[int, float]
    busy: frozenset[int] = frozenset({-1})


def judge_status(recipient: str, answer: Answer) -> Result:
    """By the HTTP status alone."""
    status, said = answer.status, answer.detail
    if HTTPStatus(200) <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Result(recipient, True, str(status), said)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        pause_s = RATE_PAUSE_S if answer.retry_after_s is None else answer.retry_after_s
        return Result(recipient, False, str(status), said, Retry.LONG, pause_s, holds=True)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return Result(recipient, False, str(status), said, Retry.LONG, answer.retry_after_s)
    retry = Retry.NEVER if status in _FINAL else Retry.SOME
    return Result(recipient, False, str(status), said, retry, answer.retry_after_s)


def judge_code(recipient: str, answer: Answer, codes: Codes) -> Result:
    """By the code in the answer's body: these vendors refuse with HTTP 200."""
    by_status = judge_status(recipient, answer)
    if not by_status.ok:
        return by_status
    code = code_in(answer, codes.fields)
    said = answer.detail
    if code is None:
        return Result(recipient, False, str(answer.status), said, Retry.SOME)
    if code == 0:
        return Result(recipient, True, "0", said)
    if code in codes.pauses_s:
        pause_s = max(codes.pauses_s[code], answer.retry_after_s or 0.0)
        return Result(recipient, False, str(code), said, Retry.LONG, pause_s, holds=True)
    if code in codes.refused:
        return Result(recipient, False, str(code), said, Retry.NEVER)
    return Result(
        recipient, False, str(code), said, Retry.LONG if code in codes.busy else Retry.SOME
    )


def code_in(answer: Answer, fields: tuple[str, ...]) -> int | None:
    """The first of the fields that holds a number; None where the body is not of that form."""
    body = body_of(answer)
    for name in fields:
        value = body.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def body_of(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object; empty where it is none."""
    try:
        body = json.loads(answer.text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
