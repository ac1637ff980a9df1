"""Photos: when and where they were taken, and those of phones whose format few programs read."""

from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from core.errors import ReadingError
from pipelines.documents.passages import unreadable

MAX_PIXELS = 64_000_000
_JPEG_QUALITY = 90
_LONGEST_SIDE_PX = 4_096
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _OFFSET, _CHANGED = 0x9003, 0x9011, 0x0132
# A camera's clock has no zone before 2016, and few tell it since.
_ZONE = ZoneInfo("Asia/Shanghai")


def is_heif(data: bytes) -> bool:
    """Whether the bytes are a HEIF picture, as phones take them (.heic)."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def heif_as_jpeg(data: bytes) -> bytes:
    """The picture as JPEG; ReadingError where it is broken, too large or cannot be read here."""
    try:
        import pillow_heif  # noqa: PLC0415 (an extra)
    except ImportError:
        raise unreadable("picture_not_installed", "HEIC photos need adwatch[ocr]") from None
    try:
        picture = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
        _check_size(*picture.size)
        drawn = picture.to_pillow()
        drawn.thumbnail((_LONGEST_SIDE_PX, _LONGEST_SIDE_PX))
        packed = BytesIO()
        drawn.convert("RGB").save(packed, "JPEG", quality=_JPEG_QUALITY)
    except ReadingError:
        raise
    except Exception as error:  # noqa: BLE001 (a decoder of hostile bytes raises whatever it meets)
        raise unreadable("file_broken", str(error)[:200]) from None
    return packed.getvalue()


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise unreadable("picture_pixels", f"{width} x {height}")


def taken(data: bytes) -> tuple[datetime | None, str]:
    """When a photo was taken, and where as `30.12345°N 120.12345°E`; None and "" where unsaid."""
    exif = _exif(data)
    if not exif:
        return None, ""
    moment: datetime | None = None
    place = ""
    with suppress(Exception):
        moment = _moment(exif)
    with suppress(Exception):
        place = _place(exif.get_ifd(_GPS))
    return moment, place


def _exif(data: bytes) -> Any:
    try:
        from PIL import Image  # noqa: PLC0415 (an extra)
    except ImportError:
        return None
    try:
        if is_heif(data):
            import pillow_heif  # noqa: PLC0415

            exif = Image.Exif()
            exif.load(pillow_heif.open_heif(data).info.get("exif") or b"")
            return exif
        with Image.open(BytesIO(data)) as picture:
            return picture.getexif()
    except Exception:  # noqa: BLE001 (a picture that says nothing of itself)
        return None


def _moment(exif: Any) -> datetime | None:
    inner = exif.get_ifd(_EXIF)
    said = str(inner.get(_TAKEN) or exif.get(_CHANGED) or "").strip("\0 ")
    if not said:
        return None
    moment = datetime.strptime(said[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 (zoned below)
    offset = str(inner.get(_OFFSET) or "").strip("\0 ")
    if offset:
        return datetime.fromisoformat(f"{moment.isoformat()}{offset}")
    return moment.replace(tzinfo=_ZONE)


def _place(gps: Any) -> str:
    north, east = (_degrees(gps[number]) for number in (2, 4))
    if not (north <= 90 and east <= 180):  # noqa: PLR2004 (degrees)
        return ""
    south, west = str(gps.get(1, "N")), str(gps.get(3, "E"))
    return f"{north:.5f}°{south[:1]} {east:.5f}°{west[:1]}"


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3_600
