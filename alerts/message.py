"""What a channel carries: one message with its text, its HTML and its files."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; the name is ASCII, since old mail clients mangle any other."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `key` is its identity: sent again, it is the same message again."""

    key: str
    kind: str
    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    data: dict[str, object] | None = None


def operator_message(subject: str, lines: tuple[str, ...]) -> Message:
    """A message to the operator about the service itself."""
    now = datetime.now(UTC)
    title = f"[adwatch] {subject}"
    text = "\n".join((title, "", *(f"- {line}" for line in lines), "", f"{now:%Y-%m-%d %H:%M} UTC"))
    data: dict[str, object] = {"subject": subject, "lines": list(lines)}
    return Message(f"operator-{now:%Y%m%dT%H%M%S%f}", "operator_alert", title, text, data=data)
