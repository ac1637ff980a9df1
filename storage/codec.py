"""How nested records stand in a column: JSON by their types, deflated where they are long."""

import zlib
from dataclasses import dataclass
from typing import TypeVar

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from core.ledger import RunReport
from core.pictures import PictureText
from core.records import Assessment, Entity, Hit, Page, Rate
from storage.storable import storable_record

AnyRecord = TypeVar("AnyRecord")


@dataclass(frozen=True, slots=True)
class FindingDetail:
    """What a finding shows of its block, beside the columns one searches by."""

    patterns: tuple[str, ...]
    hits: tuple[Hit, ...]
    rates: tuple[Rate, ...]
    entities: tuple[Entity, ...]
    evasion: tuple[str, ...]


_PAGE = TypeAdapter(Page)
_ASSESSMENT = TypeAdapter(Assessment)
_DETAIL = TypeAdapter(FindingDetail)
_REPORT = TypeAdapter(RunReport)
_PICTURE = TypeAdapter(PictureText)
# Level 1 takes a third of the default's time and a tenth more room.
_DEFLATE_LEVEL = 1
_NUL = b"\\u0000"


def pack_page(page: Page) -> tuple[Page, bytes]:
    """The page as it can be stored, and that deflated."""
    storable, data = _pack(_PAGE, page)
    return storable, zlib.compress(data, _DEFLATE_LEVEL)


def load_page(data: bytes) -> Page:
    """What `pack_page` wrote."""
    return _PAGE.validate_json(zlib.decompress(data))


def pack_assessment(assessment: Assessment) -> tuple[Assessment, str]:
    """The assessment as it can be stored, and that as JSON."""
    storable, data = _pack(_ASSESSMENT, assessment)
    return storable, data.decode()


def load_assessment(text: str) -> Assessment:
    """What `pack_assessment` wrote."""
    return _ASSESSMENT.validate_json(text)


def pack_picture(text: PictureText) -> tuple[PictureText, bytes]:
    """What was read from a picture as it can be stored, and that deflated."""
    storable, data = _pack(_PICTURE, text)
    return storable, zlib.compress(data, _DEFLATE_LEVEL)


def load_picture(data: bytes) -> PictureText:
    """What `pack_picture` wrote."""
    return _PICTURE.validate_json(zlib.decompress(data))


def dump_detail(detail: FindingDetail) -> str:
    """A finding's detail as JSON."""
    return _DETAIL.dump_json(detail).decode()


def load_detail(text: str) -> FindingDetail:
    """What `dump_detail` wrote."""
    return _DETAIL.validate_json(text)


def dump_report(report: RunReport) -> str:
    """A run's counts as JSON."""
    return _REPORT.dump_json(report).decode()


def load_report(text: str) -> RunReport:
    """What `dump_report` wrote."""
    return _REPORT.validate_json(text)


def _pack(adapter: TypeAdapter[AnyRecord], record: AnyRecord) -> tuple[AnyRecord, bytes]:
    """A record and its JSON. The JSON tells whether a text needs cleaning: walking is slower."""
    try:
        data = adapter.dump_json(record)
    except PydanticSerializationError:  # half a surrogate pair
        data = _NUL
    if _NUL not in data:
        return record, data
    storable = storable_record(record)
    return storable, adapter.dump_json(storable)
