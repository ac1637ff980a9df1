"""How a message lies in the outbox: JSON by its types, deflated."""

import zlib

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from alerts.message import Message
from core.errors import DeliveryError


@checked(config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
class _Packed:
    message: Message


_PACKED = TypeAdapter(_Packed)


def pack_message(message: Message) -> bytes:
    """The message as bytes; half characters are replaced, since UTF-8 cannot hold them."""
    sound = Message(
        key=message.key,
        kind=message.kind,
        subject=_sound(message.subject),
        text=_sound(message.text),
        html=None if message.html is None else _sound(message.html),
        attachments=message.attachments,
        data=message.data,
        brief=None if message.brief is None else _sound(message.brief),
    )
    return zlib.compress(_PACKED.dump_json(_Packed(sound)))


def load_message(content: bytes) -> Message:
    """What `pack_message` wrote; DeliveryError where it is not that."""
    try:
        return _PACKED.validate_json(zlib.decompress(content)).message
    except (zlib.error, ValueError) as error:
        raise DeliveryError(f"the message cannot be read back: {error}", permanent=True) from error


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
