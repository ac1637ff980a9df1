"""What every record of a configuration file is made of."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _sound_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(f"{text!r} names no host and port that could be asked")
    return text


HttpUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s/?#\\]+[^\s\\]*$", max_length=2_000),
    AfterValidator(_sound_address),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class Record(BaseModel):
    """What is read from outside: frozen, nothing unknown, nothing coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True)
