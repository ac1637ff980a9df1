"""Mail through an SMTP server; a refused recipient is said, never swallowed."""

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate

from alerts.channel import Pace
from alerts.channel_config import SmtpChannelConfig
from alerts.message import Message
from alerts.results import Result, Retry

PERMANENT_FROM = 500


class SmtpChannel:
    """One SMTP account with its recipients."""

    def __init__(self, name: str, config: SmtpChannelConfig) -> None:
        self.name = name
        self.recipients = config.to
        self.paces: tuple[Pace, ...] = ()
        self.patience_s = 8 * config.timeout_s
        self._config = config

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """The message as it is."""
        return (message,)

    def send(self, piece: Message, to: Sequence[str] | None = None) -> tuple[Result, ...]:
        """One result a recipient; the server's own words where it refuses."""
        wanted = tuple(self.recipients if to is None else to)
        refused: Mapping[str, tuple[int, bytes | str]]
        try:
            mail = build_mail(piece, self._config, wanted)
            with open_smtp(self._config) as server:
                refused = server.send_message(mail, self._config.sender, list(wanted))
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPResponseException as error:
            reply = (error.smtp_code, error.smtp_error)
            return tuple(_refusal(one, reply) for one in wanted)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            what = f"{type(error).__name__}: {error}"
            return tuple(Result(one, False, "", what, Retry.LONG) for one in wanted)
        return tuple(
            _refusal(one, refused[one])
            if one in refused
            else Result(one, True, "250", "accepted by the server")
            for one in wanted
        )


def _refusal(recipient: str, reply: tuple[int, bytes | str]) -> Result:
    """4xx asks for patience; 5xx is final."""
    code, words = reply
    retry = Retry.NEVER if code >= PERMANENT_FROM else Retry.LONG
    return Result(recipient, False, str(code), _words(words), retry)


def open_smtp(config: SmtpChannelConfig) -> smtplib.SMTP:
    """A connection that is ready to send: secured and logged in as configured."""
    if config.security == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            config.host, config.port, timeout=config.timeout_s, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(config.host, config.port, timeout=config.timeout_s)
    try:
        if config.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if config.user and config.password:
            server.login(config.user, config.password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def build_mail(
    message: Message, config: SmtpChannelConfig, to: Sequence[str] | None = None
) -> EmailMessage:
    """multipart/mixed( alternative(plain, html), files ), base64 so that any relay keeps it."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(_sound(message.subject).split())
    mail["From"] = _address(config.sender)
    mail["To"] = ", ".join(to or config.to)
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{message.ascii_key}@{config.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_sound(message.text), cte="base64")
    if message.html is not None:
        mail.add_alternative(_sound(message.html), subtype="html", cte="base64")
    for file in message.attachments:
        kind, _, subtype = file.media_type.partition("/")
        mail.add_attachment(file.data, maintype=kind, subtype=subtype, filename=file.name)
    return mail


def _address(text: str) -> Address:
    user, _, domain = text.rpartition("@")
    return Address("adwatch", user, domain)


def _sound(text: str) -> str:
    """Text that UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _words(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
