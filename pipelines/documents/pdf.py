"""PDF: the text of each page; a page that is a scan is drawn for the picture readers."""

from io import BytesIO

import pypdfium2 as pdfium

from pipelines.documents.passages import MAX_PICTURES, Passages, unreadable

MAX_PAGES = 500
_FEW_CHARS = 8  # fewer on a page: what it says stands in its picture
_LONGEST_SIDE_PX = 2_200
_BASE_SCALE = 2.0  # 144 dots an inch
_JPEG_QUALITY = 85


def read_pdf(data: bytes) -> Passages:
    """The pages of a PDF; ReadingError where it is locked or broken."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise unreadable("file_locked" if locked else "file_broken", str(error)) from None
    found = Passages()
    try:
        for number in range(min(len(document), MAX_PAGES)):
            if not _read_page(document, number, found):
                break
        if len(document) > MAX_PAGES:
            found.left_out = found.left_out or "document_cut"
    finally:
        document.close()
    return found


def _read_page(document: pdfium.PdfDocument, number: int, found: Passages) -> bool:
    try:
        page = document[number]
    except pdfium.PdfiumError:
        found.left_out = found.left_out or "document_page_broken"
        return True
    try:
        words = page.get_textpage()
        text = words.get_text_bounded().replace("\r\n", "\n").replace("\ufffe", "")
        if len(text.strip()) < _FEW_CHARS and len(found.pictures) < MAX_PICTURES:
            _add_drawn(page, found)
        return found.add(text)
    except pdfium.PdfiumError:
        found.left_out = found.left_out or "document_page_broken"
        return True
    finally:
        page.close()


def _add_drawn(page: pdfium.PdfPage, found: Passages) -> None:
    try:
        found.add_picture(_drawn(page))
    except ImportError:  # pictures are an extra
        found.left_out = found.left_out or "document_scans_unread"
    except (ValueError, OSError):  # a page that is drawn as nothing
        found.left_out = found.left_out or "document_page_broken"


def _drawn(page: pdfium.PdfPage) -> bytes:
    """The page as JPEG; however large the page says it is, the picture has bounds."""
    longest = max(*page.get_size(), 1.0)
    scale = min(_BASE_SCALE, _LONGEST_SIDE_PX / longest)
    drawn = page.render(scale=scale).to_pil().convert("RGB")
    packed = BytesIO()
    drawn.save(packed, "JPEG", quality=_JPEG_QUALITY)
    return packed.getvalue()
