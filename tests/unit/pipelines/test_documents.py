"""Documents: what stands in each kind is read, and what is broken or hostile has a reason."""

import base64
import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import openpyxl
import pytest

from core.errors import ReadingError
from core.records import Capture, Hints, PageState
from pipelines.documents import archive, passages, pdf
from pipelines.documents.read import read_file_page

OFFER = "康养合伙人招募，投资5万元起，每月返息2%，到期还本。"
NOTICE = "村民大会周五下午召开，请按时参加。"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(name, data):
    url = f"file:///inspections/{name}"
    return read_file_page(Capture(url, url, 200, (), datetime.now(UTC), data), Hints())


def texts(name, data):
    page, _ = read(name, data)
    assert page.state is PageState.OK
    return [segment.text for segment in page.segments]


def reason(name, data):
    with pytest.raises(ReadingError) as caught:
        read(name, data)
    return str(caught.value).split(":")[0]


def zipped(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "/"), data)
    return packed.getvalue()


def paragraph(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def word(body, before="", **members):
    xml = f'<?xml version="1.0"?>{before}<w:document {W}><w:body>{body}</w:body></w:document>'
    return zipped(**{"word__document.xml": xml, **members})


def png(width, height):
    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack("!I", 13) + b"IHDR" + head + struct.pack("!I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk


def a_pdf(content, box="0 0 595 842", pages=1):
    """A PDF of Latin text, written by hand."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for at in range(pages):
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {5 + 2 * at} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>".encode(),
            b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        ]
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, table, len(objects) + 1, len(written))
    )


def test_a_letter_gives_its_paragraphs_tables_and_text_boxes():
    box = (
        f"<w:p><w:r><w:pict><w:txbxContent>{paragraph(OFFER)}</w:txbxContent></w:pict></w:r></w:p>"
    )
    table = f"<w:tbl><w:tr><w:tc>{paragraph('联系人')}</w:tc></w:tr></w:tbl>"
    header = f"<w:hdr {W}>{paragraph('页眉')}</w:hdr>"
    data = word(paragraph(NOTICE) + box + table, word__header1_xml=b"")
    assert texts("a.docx", data) == [f"{NOTICE}\n{OFFER}\n联系人"]
    assert texts("a.docx", word(paragraph(NOTICE), **{"word__header1.xml": header}))[1] == "页眉"


def test_the_pictures_of_a_letter_are_handed_on():
    picture = png(600, 400)
    _, pictures = read("a.docx", word(paragraph(NOTICE), **{"word__media__image1.png": picture}))
    assert [base64.b64decode(one.partition(",")[2]) for one in pictures] == [picture]


def test_each_row_of_a_spreadsheet_is_a_block():
    book = openpyxl.Workbook()
    for row in (["序号", "内容"], [1, NOTICE], [2, OFFER], [None, ""], ["=1+1", 0.5]):
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    page, _ = read("台账.xlsx", packed.getvalue())
    assert [one.text for one in page.segments] == ["序号 内容", f"1 {NOTICE}", f"2 {OFFER}", "0.5"]
    assert [one.block for one in page.segments] == [0, 1, 2, 3]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_list_is_read_in_its_encoding_and_by_its_marks(encoding, mark):
    rows = [["编号", "内容"], ["1", NOTICE.replace("，", " ")], ["2", OFFER]]
    data = "\n".join(mark.join(row) for row in rows).encode(encoding)
    assert texts("线索.csv", data) == [" ".join(row) for row in rows]


def test_a_pdf_gives_a_block_a_page():
    assert texts("a.pdf", a_pdf(b"BT /F 12 Tf 72 720 Td (Guaranteed return) Tj ET", pages=2)) == [
        "Guaranteed return", "Guaranteed return"
    ]  # fmt: skip


def test_a_scanned_page_is_drawn_within_bounds_however_large_it_says_it_is():
    page, pictures = read("scan.pdf", a_pdf(b"0 0 50 50 re f", box="0 0 14400 14400"))
    assert not page.segments
    data = base64.b64decode(pictures[0].partition(",")[2])
    assert data.startswith(b"\xff\xd8\xff")
    assert len(data) < 1_000_000


def test_a_pdf_of_many_pages_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_PAGES", 3)
    page, _ = read("a.pdf", a_pdf(b"BT /F 12 Tf 72 720 Td (Page text here) Tj ET", pages=5))
    assert (len(page.segments), page.state_message) == (3, "document_cut")


def test_a_saved_page_is_read_with_the_pictures_saved_with_it():
    picture = base64.b64encode(png(600, 400)).decode()
    data = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=xx\r\n\r\n"
        "--xx\r\nContent-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Location: http://site.example.cn/ad.html\r\n\r\n"
        + base64.b64encode(f"<h1>首页</h1><p>{OFFER}</p><img src=p.png><img src=q.png>".encode("gb2312")).decode()
        + "\r\n--xx\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: http://site.example.cn/p.png\r\n\r\n{picture}\r\n--xx--\r\n"
    ).encode()  # fmt: skip
    page, pictures = read("页.mhtml", data)
    assert OFFER in page.text
    assert page.original_url == "http://site.example.cn/ad.html"
    assert pictures == (f"data:image/png;base64,{picture}",)


def test_a_photo_says_when_and_where_it_was_taken():
    image = pytest.importorskip("PIL.Image", reason="pictures are not installed")
    photo = image.new("RGB", (800, 600))
    exif = image.Exif()
    exif[0x0132] = "2026:11:20 09:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 30.0, 36.0), 3: "E", 4: (122.0, 7.0, 12.0)})
    packed = io.BytesIO()
    photo.save(packed, "JPEG", exif=exif)
    page, pictures = read("墙.jpg", packed.getvalue())
    assert page.text == "拍摄时间：2026-11-20 09:30\n拍摄地点：37.51000°N 122.12000°E"
    assert page.published_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert pictures == ("file:///inspections/墙.jpg",)


@pytest.mark.parametrize(
    "said",
    [{0x0132: "yesterday"}, {0x0132: "2026:13:45 99:99:99"}, {0x0132: "\0"}, {0x9003: "x" * 5_000}],
)
def test_a_photo_that_talks_nonsense_is_a_photo_all_the_same(said):
    image = pytest.importorskip("PIL.Image", reason="pictures are not installed")
    exif = image.Exif()
    exif.update(said)
    exif.get_ifd(0x8825).update({1: "Q", 2: (999.0, 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)})
    packed = io.BytesIO()
    image.new("RGB", (300, 300)).save(packed, "JPEG", exif=exif)
    page, pictures = read("a.jpg", packed.getvalue())
    assert (page.text, page.published_at, len(pictures)) == ("", None, 1)


def test_a_photo_of_a_phone_becomes_one_that_can_be_read():
    heif = pytest.importorskip("pillow_heif", reason="pictures are not installed")
    image = pytest.importorskip("PIL.Image")
    packed = io.BytesIO()
    heif.from_pillow(image.new("RGB", (640, 480), "white")).save(packed)
    _, pictures = read("a.heic", packed.getvalue())
    assert base64.b64decode(pictures[0].partition(",")[2]).startswith(b"\xff\xd8\xff")
    assert reason("a.heic", packed.getvalue()[:200]) == "file_broken"


ENTITY = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("a.pdf", b"%PDF-1.7 nothing", "file_broken"),
        ("a.docx", b"PK\x03\x04" + b"\0" * 100, "file_broken"),
        ("a.docx", word(paragraph("&b;"), before=ENTITY), "file_dtd"),
        ("a.docx", word(paragraph("&x;"), before=EXTERNAL), "file_dtd"),
        ("a.docx", word("<w:p>"), "file_broken"),
        ("a.docx", word(""), "empty"),
        ("a.docx", word("<w:p>" * 5_000 + "</w:p>" * 5_000), "file_broken"),
        ("a.xlsx", zipped(**{"xl__workbook.xml": "<x/>"}), "file_broken"),
        ("a.zip", zipped(**{"inner.zip": zipped(a="x")}), "file_archive"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "file_old_office"),
        ("a.mht", b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n", "file_broken"),
        ("a.csv", b'"' + b"x" * 1_100_000, "file_broken"),
        ("a.csv", b",,,,\n", "empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(name, data, wanted):
    assert reason(name, data) == wanted


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    bomb = word(paragraph(NOTICE), **{"word__media__x.bin": b"\0" * 3_000_000})
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1_000_000)
    assert reason("a.docx", bomb) == "file_bomb"


def test_an_archive_that_lies_about_its_sizes_is_read_no_further_than_it_said():
    honest = word(paragraph(NOTICE * 50_000))
    size = len(
        f'<?xml version="1.0"?><w:document {W}><w:body>{paragraph(NOTICE * 50_000)}</w:body></w:document>'.encode()
    )
    lying = honest.replace(struct.pack("<I", size), struct.pack("<I", 40))
    assert lying != honest
    assert reason("a.docx", lying) == "file_broken"


def test_a_list_of_endless_columns_and_rows_is_cut(monkeypatch):
    assert texts("a.csv", b"x," * 1_000_000) == [" ".join("x" * 256)]
    monkeypatch.setattr(passages, "MAX_PASSAGES", 10)
    page, _ = read("a.csv", b"row\n" * 1_000)
    assert (len(page.segments), page.state_message) == (10, "document_cut")


def test_a_saved_page_of_endless_parts_or_depth_ends():
    part = b"--b\nContent-Type: image/png\n\nx\n"
    many = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n" + part * 3_000
    assert reason("a.mht", many) == "file_bomb"
    deep = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b0\n\n" + b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (at, at + 1)
        for at in range(3_000)
    )
    assert reason("a.mht", deep) in {"file_broken", "file_bomb"}


@pytest.mark.parametrize(
    "box", ["0 0 0.01 14400", "0 0 0 0", "100 100 0 0", "0 0 1e9 1e9", "a b c d"]
)
def test_a_page_of_no_size_is_drawn_within_bounds_or_not_at_all(box):
    found = pdf.read_pdf(a_pdf(b"0 0 50 50 re f", box=box))
    assert not found.texts
    assert sum(map(len, found.pictures)) < 1_000_000
    assert found.pictures or found.left_out


def test_without_the_picture_reader_scans_are_said_to_be_left_out(monkeypatch):
    monkeypatch.setattr(pdf, "_drawn", lambda page: (_ for _ in ()).throw(ImportError("PIL")))
    found = pdf.read_pdf(a_pdf(b"0 0 50 50 re f"))
    assert (found.texts, found.pictures, found.left_out) == ([], [], "document_scans_unread")
