"""Messages on their way through the database."""

from dataclasses import replace

import pytest

from alerts.message import Message
from alerts.packing import load_message, pack_message
from core.errors import DeliveryError


def test_a_message_is_read_back_as_it_was_packed():
    message = Message(
        "k", "digest", "主\ud83d题", "t", html="<p>", data={"n": [1, "二"]}, brief="b"
    )
    assert load_message(pack_message(message)) == replace(message, subject="主?题")
    for broken in (b"", b"x", pack_message(message)[:20]):
        with pytest.raises(DeliveryError):
            load_message(broken)
