"""Word documents (.docx): paragraphs, tables and text boxes in order, and the pictures in them."""

import zipfile

from pipelines.documents.archive import elements, member
from pipelines.documents.passages import Passages, unreadable

MAIN_PART = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MEDIA = "word/media/"
_SIDE_PARTS = ("word/header", "word/footer", "word/footnotes", "word/endnotes", "word/comments")


def read_word(archive: zipfile.ZipFile) -> Passages:
    """The text of all parts, the main one first."""
    found = Passages()
    names = archive.namelist()
    sides = sorted(name for name in names if name.startswith(_SIDE_PARTS) and name.endswith(".xml"))
    for name in (MAIN_PART, *sides):
        part = member(archive, name)
        if part is None:
            raise unreadable("file_broken", f"{name} is missing")
        if not found.add_paragraphs(_paragraphs(part)):
            break
    for name in sorted(name for name in names if name.startswith(_MEDIA)):
        if not found.add_picture(member(archive, name) or b""):
            break
    return found


def _paragraphs(xml: bytes) -> list[str]:
    """The paragraphs as they end. A text box stands within one and is a paragraph of its own.

    The same box is often there twice, as drawing and as fallback for old programs.
    """
    open_paragraphs: list[list[str]] = []
    listed: list[str] = []
    last_box = ""
    for event, element in elements(xml):
        tag = element.tag
        if tag == f"{_W}p":
            if event == "start":
                open_paragraphs.append([])
                continue
            text = "".join(open_paragraphs.pop()).strip()
            if text and not (open_paragraphs and text == last_box):
                listed.append(text)
            last_box = text if open_paragraphs else ""
            element.clear()
        elif open_paragraphs and event == "end":
            if tag == f"{_W}t" and element.text:
                open_paragraphs[-1].append(element.text)
            elif tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"}:
                open_paragraphs[-1].append(" " if tag == f"{_W}tab" else "\n")
    return listed
