"""Width and height from the head of a picture: no decoder sees bytes that are not worth reading."""

from struct import error as StructError  # noqa: N812
from struct import unpack_from

_PNG = b"\x89PNG\r\n\x1a\n"
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MAX_MARKERS = 500

MAX_BYTES = 16 * 1024 * 1024

Size = tuple[int, int]


def picture_size(data: bytes) -> Size | None:
    """The size that the head claims; None where it is no PNG, JPEG, GIF, WebP or BMP."""
    try:
        if data.startswith(_PNG):
            return unpack_from("!II", data, 16)
        if data.startswith((b"GIF87a", b"GIF89a")):
            return unpack_from("<HH", data, 6)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg_size(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp_size(data)
        if data.startswith(b"BM"):
            width, height = unpack_from("<ii", data, 18)
            return abs(width), abs(height)
    except (IndexError, ValueError, OverflowError, StructError):
        return None
    return None


def is_svg(data: bytes) -> bool:
    """Whether the bytes are a drawing in XML."""
    return b"<svg" in data[:2_048].lower()


def _jpeg_size(data: bytes) -> Size | None:
    at = 2
    for _ in range(_MAX_MARKERS):
        while data[at] == 0xFF:  # noqa: PLR2004 (a marker may be filled up)
            at += 1
        if data[at] in _START_OF_FRAME:
            height, width = unpack_from("!HH", data, at + 4)
            return width, height
        at += 1 + unpack_from("!H", data, at + 1)[0]
    return None


def _webp_size(data: bytes) -> Size | None:
    match data[12:16]:
        case b"VP8 ":
            width, height = unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return _three_bytes(data, 24) + 1, _three_bytes(data, 27) + 1
    return None


def _three_bytes(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")
