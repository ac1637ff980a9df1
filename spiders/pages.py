"""Whether a response is a page that can be read at all."""

from scrapy.http import Response

_READABLE = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
_MAGIC = (
    b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc\xaf", b"\x00\x00\x00", b"ID3", b"OggS", b"FLV", b"MZ",
    b"\x7fELF", b"wOFF", b"wOF2",
)  # fmt: skip
_HEAD = 2_048


def media_type(response: Response) -> str:
    """The declared media type in lower case, "" where none is declared."""
    declared = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return declared.partition(";")[0].strip().lower()


def page_fault(response: Response) -> str | None:
    """Why `response` cannot be read as a page: `empty`, `not_html`; None where it can."""
    head = response.body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n\f")
    if not head and not response.body.strip():
        return "empty"
    if is_binary(head):
        return "not_html"
    declared = media_type(response)
    if not declared or declared in _READABLE:
        return None
    # Some servers call their pages application/octet-stream; the bytes decide.
    lowered = head.lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return None
    return "not_html"


def is_binary(head: bytes) -> bool:
    """Whether bytes are of an image, document, archive or program, whatever they are called."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return head.startswith(_MAGIC) or (head.count(0) > len(head) // 3)
