"""Web pages that a browser saved as one file (.mhtml, .mht), with the pictures kept in it."""

import base64
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from pipelines.documents.passages import unreadable
from pipelines.pictures.size import MAX_BYTES, picture_size

MAX_PARTS = 2_000
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The HTML, its media type, the address it was saved from, and pictures by their addresses."""

    body: bytes
    content_type: str
    address: str
    pictures: dict[str, str]


def is_mhtml(head: bytes) -> bool:
    """Whether a file that begins so is such a page."""
    lowered = head[:4_096].lower()
    return b"mime-version:" in lowered and b"multipart/related" in lowered


def read_mhtml(data: bytes) -> SavedPage:
    """The first HTML of the file; ReadingError where there is none."""
    page: Message | None = None
    pictures: dict[str, str] = {}
    try:
        message = BytesParser(policy=compat32).parsebytes(data)
    except RecursionError:
        raise unreadable("file_bomb", "its parts stand in one another too deep") from None
    for part in _parts(message):
        kind = part.get_content_type()
        if page is None and kind in {"text/html", "application/xhtml+xml"}:
            page = part
        elif kind.startswith("image/"):
            body = _body(part)
            if picture_size(body) and len(body) <= MAX_BYTES:
                kept = f"data:{kind};base64,{base64.b64encode(body).decode('ascii')}"
                for name in (_header(part, "Content-Location"), _content_id(part)):
                    if name:
                        pictures[name] = kept
    if page is None:
        raise unreadable("file_broken", "no page stands in the file")
    charset = page.get_content_charset() or ""
    content_type = f"text/html; charset={charset}" if charset else "text/html"
    return SavedPage(_body(page), content_type, _header(page, "Content-Location"), pictures)


def _parts(message: Message) -> list[Message]:
    """The parts that hold no other parts, in order."""
    found: list[Message] = []
    waiting = [(message, 0)]
    while waiting:
        part, depth = waiting.pop()
        inner = part.get_payload() if part.is_multipart() else None
        if not isinstance(inner, list):
            found.append(part)
        elif depth < MAX_DEPTH:
            waiting += [(one, depth + 1) for one in reversed(inner) if isinstance(one, Message)]
        if len(found) > MAX_PARTS:
            raise unreadable("file_bomb", "the file has too many parts")
    return found


def _body(part: Message) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def _header(part: Message, name: str) -> str:
    return str(part.get(name, "")).strip()


def _content_id(part: Message) -> str:
    name = _header(part, "Content-ID").strip("<>")
    return f"cid:{name}" if name else ""
