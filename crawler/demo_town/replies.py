"""One answer of a site: bytes, type, status and the moment it last changed."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256


@dataclass(frozen=True)
class Reply:
    """What a site answers on a path."""

    body: bytes
    content_type: str
    status: int
    modified_at: datetime

    @cached_property
    def etag(self) -> str:
        """Weak, for it names the page whether it travels packed or not."""
        return f'W/"{sha256(self.body).hexdigest()[:20]}"'

    @property
    def worth_packing(self) -> bool:
        """Whether gzip saves anything."""
        packed = self.content_type.startswith(("image/png", "application/gzip"))
        return len(self.body) > 1_000 and not packed  # noqa: PLR2004 (about one packet)


def reply(body: bytes, content_type: str, modified_at: datetime) -> Reply:
    """A good answer."""
    return Reply(body, content_type, 200, modified_at)


def html_reply(text: str, charset: str, header: str, modified_at: datetime) -> Reply:
    """A page in `charset`, whatever its header says; signs it lacks become references."""
    body = text.encode(charset, "xmlcharrefreplace")
    kind = f"text/html; charset={header}" if header else "text/html"
    return Reply(body, kind, 200, modified_at)
