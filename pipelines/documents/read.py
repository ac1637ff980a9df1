"""A file → the page that stands for it, whichever kind of document it is."""

import re
from collections.abc import Callable
from dataclasses import replace

from core.records import Capture, Hints, Link, Origin, Page, PageState, Segment
from pipelines.documents.archive import open_archive
from pipelines.documents.mhtml import SavedPage, is_mhtml, read_mhtml
from pipelines.documents.passages import Passages, unreadable
from pipelines.documents.pdf import read_pdf
from pipelines.documents.photo import heif_as_jpeg, is_heif, taken
from pipelines.documents.tables import read_list, read_spreadsheet
from pipelines.documents.word import MAIN_PART, read_word
from pipelines.pictures.size import picture_size
from pipelines.read_page import read_page_and_images
from spiders.folder import file_name
from spiders.urls import canonical_url

Read = tuple[Page, tuple[str, ...]]
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF, _PDF_WITHIN = b"%PDF-", 1_024
_LISTS = (".csv", ".tsv")
_SHOWN_CHARS = 100_000
_ADDRESS = re.compile(r"https?://[^\s<>\"'，。；、（）《》“”\u4e00-\u9fff]{3,2000}", re.IGNORECASE)
_NOT_ITS_END = ".,;:!?)]}"
_MAX_LINKS, _LINK_TEXT_CHARS = 2_000, 200


def read_file_page(capture: Capture, hints: Hints) -> Read:
    """The page of a file and its pictures' addresses; ReadingError, reason first, if it has none.

    What a file is, its bytes say; only lists are told from texts by their names.
    """
    data, name = capture.body, file_name(capture.url)
    if picture_size(data):
        return _photo(name, data, capture.url)
    if is_heif(data):
        jpeg = Passages()
        jpeg.add_picture(heif_as_jpeg(data))
        return _photo(name, data, *jpeg.pictures)
    if is_mhtml(data):
        return _saved_page(capture, hints, read_mhtml(data))
    reader = _reader(name, data)
    if reader is None:
        return read_page_and_images(capture, "files", hints)
    return _document(name, reader(data))


def _reader(name: str, data: bytes) -> Callable[[bytes], Passages] | None:
    if _PDF in data[:_PDF_WITHIN]:
        return read_pdf
    if data.startswith(_ZIP):
        return _read_office
    if data.startswith(_OLE):
        raise unreadable("file_old_office", "save it as .docx or .xlsx")
    if name.lower().endswith(_LISTS):
        return lambda data: read_list(data, tabs=name.lower().endswith(".tsv"))
    return None


def _read_office(data: bytes) -> Passages:
    archive = open_archive(data)
    names = set(archive.namelist())
    if MAIN_PART in names:
        return read_word(archive)
    if "xl/workbook.xml" in names:
        return read_spreadsheet(data)
    raise unreadable("file_archive", "unpack it, and its files are read")


def _photo(name: str, data: bytes, *addresses: str) -> Read:
    moment, place = taken(data)
    said = [f"拍摄时间：{moment:%Y-%m-%d %H:%M}"] if moment else []
    said += [f"拍摄地点：{place}"] if place else []
    page = Page(PageState.OK, title=name, text="\n".join(said), published_at=moment)
    return page, addresses


def _links(texts: list[str]) -> tuple[Link, ...]:
    """The web addresses written in a document, each once, with the passage it stands in."""
    found: dict[str, str] = {}
    for text in texts:
        for match in _ADDRESS.finditer(text):
            url = canonical_url(match[0].rstrip(_NOT_ITS_END))
            if url and len(found) < _MAX_LINKS:
                found.setdefault(url, text[:_LINK_TEXT_CHARS])
    return tuple(Link(url, text) for url, text in found.items())


def _document(name: str, found: Passages) -> Read:
    if not found.texts and not found.pictures:
        raise unreadable("empty", "nothing stands in the document")
    page = Page(
        PageState.OK,
        title=name,
        text="\n".join(found.texts)[:_SHOWN_CHARS],
        segments=tuple(Segment(Origin.BODY, text, block) for block, text in enumerate(found.texts)),
        links=_links(found.texts),
        state_message=found.left_out,
    )
    return page, tuple(found.pictures)


def _saved_page(capture: Capture, hints: Hints, saved: SavedPage) -> Read:
    """Read as the page it was; of its pictures, those that were saved with it."""
    seen = replace(
        capture,
        final_url=saved.address or capture.final_url,
        headers=(("Content-Type", saved.content_type),),
        body=saved.body,
    )
    page, images = read_page_and_images(seen, "files", hints)
    kept = (saved.pictures[url] for url in images if url in saved.pictures)
    return replace(page, original_url=page.original_url or saved.address), tuple(kept)
