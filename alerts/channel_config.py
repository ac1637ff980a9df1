"""What adwatch.yml says of a channel."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from core.target import Record, Text

# ASCII only: an internationalised address would need SMTPUTF8 of every relay on the way.
MailAddress = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$",
        max_length=254,
    ),
]


class SmtpChannelConfig(Record):
    """Mail through an SMTP server; `password` is a reference, never the secret itself."""

    kind: Literal["smtp"]
    host: Text
    port: int = Field(25, ge=1, le=65_535)
    security: Literal["none", "starttls", "ssl"] = "none"
    user: Text | None = None
    password: SecretStr | None = None
    sender: MailAddress
    to: tuple[MailAddress, ...] = Field(min_length=1, max_length=200)
    timeout_s: float = Field(30.0, gt=0, le=300)


class WebhookChannelConfig(Record):
    """A POST of JSON, signed after Standard Webhooks where a secret is given."""

    kind: Literal["webhook"]
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2_000)]
    secret: SecretStr | None = None
    timeout_s: float = Field(15.0, gt=0, le=300)


class FileChannelConfig(Record):
    """Messages written into a folder."""

    kind: Literal["file"]
    folder: Text


ChannelConfig = Annotated[
    SmtpChannelConfig | WebhookChannelConfig | FileChannelConfig, Field(discriminator="kind")
]
