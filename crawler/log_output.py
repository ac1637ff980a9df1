"""Where logs go and in which form; the form is the same for the service and its crawls."""

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from pydantic import BaseModel, SecretStr

from alerts.http_post import scrub
from crawler.config import LogFormat, Settings

TEXT = "%(asctime)s %(name)s %(message)s"
_about: ContextVar[dict[str, str | int]] = ContextVar("about")


@contextmanager
def logged_about(target: str, run: int | None = None) -> Iterator[None]:
    """What is logged inside, by this thread, says the target and the run."""
    about: dict[str, str | int] = {"target": target}
    if run is not None:
        about["run"] = run
    token = _about.set(about)
    try:
        yield
    finally:
        _about.reset(token)


class _Form(logging.Formatter):
    """A formatter whose lines tell no secret."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(TEXT)
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The record as people read it."""
        return scrub(super().format(record), self._secrets)


class _JsonForm(_Form):
    """One JSON object a line; `fixed` says of what all lines of this process are."""

    def __init__(self, secrets: Iterable[str], fixed: dict[str, str | int]) -> None:
        super().__init__(secrets)
        self._fixed = fixed

    def format(self, record: logging.LogRecord) -> str:
        """The record as programs read it."""
        said: dict[str, str | int] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(record.getMessage(), self._secrets),
            **self._fixed,
            **_about.get({}),
        }
        if record.exc_info:
            said["exception"] = scrub(self.formatException(record.exc_info), self._secrets)
        return json.dumps(said, ensure_ascii=False)


def write_logs(
    form: LogFormat, secrets: Iterable[str] = (), fixed: dict[str, str | int] | None = None
) -> None:
    """Write the logs of this process to stderr, uncaught exceptions and warnings included."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonForm(secrets, fixed or {}) if form == "json" else _Form(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    logging.getLogger("adwatch").critical("uncaught", exc_info=(kind, error, trace))


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """What no log may say: keys and passwords of channels, of the database, and the ping."""
    found = list(_secrets_in(settings))
    found.append(password_of(settings.storage))
    if settings.alerts.ping is not None:
        found.append(settings.alerts.ping.url)
    return tuple(secret for secret in found if secret)


def password_of(url: str) -> str:
    """The password that a database's address names."""
    login = url.partition("://")[2].rpartition("@")[0]
    return login.partition(":")[2]


def _secrets_in(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets_in(getattr(value, name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _secrets_in(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _secrets_in(inner)
