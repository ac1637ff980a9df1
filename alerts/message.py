"""What a channel carries: one message with its text, its HTML and its files."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from alerts.marks import defused


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; the name is ASCII, since old mail clients mangle any other."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `key` is its identity: sent again, it is the same message again.

    `brief` is what a chat shows, in the Markdown that all robots know; without it, the text.
    """

    key: str
    kind: str
    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    data: dict[str, object] | None = None
    brief: str | None = None

    @property
    def ascii_key(self) -> str:
        """The key where only ASCII goes: headers, Message-IDs, names of files."""
        return quote(self.key, safe="")

    @property
    def chat(self) -> str:
        """What a chat shows, with the key by which people tell a repeated message."""
        said = self.brief if self.brief is not None else defused(self.text.strip())
        return f"{said}\n消息编号 {self.key}"


def operator_message(subject: str, lines: tuple[str, ...]) -> Message:
    """A message to the operator about the service itself."""
    now = datetime.now(UTC)
    title = f"[adwatch] {subject}"
    text = "\n".join((title, "", *(f"- {line}" for line in lines), "", f"{now:%Y-%m-%d %H:%M} UTC"))
    data: dict[str, object] = {"subject": subject, "lines": list(lines)}
    return Message(f"operator-{now:%Y%m%dT%H%M%S%f}", "operator_alert", title, text, data=data)
