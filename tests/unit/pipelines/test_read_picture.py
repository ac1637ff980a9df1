"""Reading pictures: what stands on them, in which order and where; and what is refused."""

import struct
import zlib
from difflib import SequenceMatcher

import pytest

from core.errors import ReadingError
from core.records import Origin, join_segments
from pipelines.pictures.available import reader_version
from pipelines.pictures.segments import picture_segments

pytest.importorskip("rapidocr", reason="adwatch[ocr] is not installed")

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from pipelines.pictures.read import read_picture


def text_of(data: bytes) -> str:
    return join_segments(tuple(picture_segments(read_picture(data), "0" * 64)))


def refusal(data: bytes) -> str:
    with pytest.raises(ReadingError) as raised:
        read_picture(data)
    return str(raised.value).split(":")[0]


def png_of_size(width: int, height: int) -> bytes:
    """A few bytes that claim to be a large picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack("!I", zlib.crc32(kind + data))
        return struct.pack("!I", len(data)) + kind + data + crc

    head = struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rows + chunk(b"IEND", b"")


def test_lines_come_with_the_boxes_they_stand_in(posters):
    read = read_picture(posters.png(posters.calm))
    assert (read.width, read.height, read.reader, read.cut) == (760, 480, reader_version(), "")
    assert [line.text for line in read.lines] == list(posters.calm)
    for number, line in enumerate(read.lines):
        left, top, right, bottom = line.box
        assert abs(left - 40) < 15
        assert abs(top - (45 + 57 * number)) < 20
        assert 200 < right - left < 400
        assert 30 < bottom - top < 60


def test_a_sentence_broken_in_the_middle_of_a_word_is_one_segment(posters):
    lines = (
        "本公司面向社会公开招募合伙人，一万元",
        "起投，月息两分，到期还本付息，保本保",
        "息，本金绝对安全。",
    )
    assert text_of(posters.png(lines)) == "".join(lines)


def test_items_of_a_list_stay_apart(posters):
    items = ("1、环境整洁", "2、三餐可口", "3、医护上门")
    assert text_of(posters.png(items, points=44)).split("\n") == list(items)


def test_columns_are_read_from_the_right(posters):
    image = posters.draw((), size=(420, 560))
    pen, columns = ImageDraw.Draw(image), ("清浦老街改造", "请行人绕道走", "谢谢理解支持")
    for column, text in enumerate(columns):
        for row, char in enumerate(text):
            at = (300 - 110 * column, 40 + 58 * row)
            pen.text(at, char, font=posters.font(50), fill="black")
    found = text_of(posters.encoded(image)).replace("\n", "")
    assert SequenceMatcher(None, found, "".join(columns)).ratio() > 0.85
    assert found.index("老街") < found.index("行人") < found.index("理解")


def test_tilted_lines_keep_their_order(posters):
    image = posters.draw(posters.scheme).rotate(9, expand=True, fillcolor="white")
    found = text_of(posters.encoded(image)).replace("\n", "")
    assert SequenceMatcher(None, found, "".join(posters.scheme)).ratio() > 0.95


def test_a_long_scroll_is_read_to_its_end(posters):
    lines = tuple(f"第{number}段：清浦老街今天照常营业。" for number in range(1, 61))
    data = posters.png(lines, size=(700, 3_600))
    assert text_of(data).split("\n") == list(lines)


def test_an_animation_is_read_at_its_ends(posters):
    frames = [posters.draw((text,)) for text in ("清浦老街改造工程", "月息两分保本保息")]
    data = posters.encoded(
        frames[0], "GIF", save_all=True, append_images=[*frames[1:], *frames[1:]], duration=500
    )
    assert text_of(data).split("\n") == ["清浦老街改造工程", "月息两分保本保息"]


def test_a_code_leads_somewhere_and_has_a_box(posters):
    code = zxingcpp.create_barcode(
        "https://www.example.cn/join?by=7", zxingcpp.BarcodeFormat.QRCode
    )
    drawn = Image.fromarray(np.asarray(code.to_image(scale=6)))
    image = posters.draw(posters.calm[:1])
    image.paste(drawn, (400, 150))
    (found,) = read_picture(posters.encoded(image)).codes
    assert found.text == "https://www.example.cn/join?by=7"
    left, top, right, bottom = found.box
    assert 400 <= left < right <= 400 + drawn.width
    assert 150 <= top < bottom <= 150 + drawn.height
    segments = tuple(picture_segments(read_picture(posters.encoded(image)), "0" * 64))
    assert segments[-1].origin is Origin.QR


def test_transparent_text_is_read_on_white(posters):
    mask = posters.draw(posters.calm[:1], ground="black", ink="white").convert("L")
    image = Image.new("RGBA", mask.size, (0, 0, 0, 0))
    image.paste((20, 20, 20, 255), mask=mask)
    assert text_of(posters.encoded(image)) == posters.calm[0]


def test_bytes_that_claim_to_be_huge_are_refused():
    assert refusal(png_of_size(30_000, 30_000)) == "picture_pixels"
    assert refusal(png_of_size(60_000, 100)) == "picture_pixels"


def test_thousands_of_frames_are_not_decoded(posters):
    blank = [posters.draw((str(number),), size=(120, 60)) for number in range(400)]
    data = posters.encoded(blank[0], "GIF", save_all=True, append_images=blank[1:])
    assert read_picture(data).cut == "frames: 3 of 400 are read"


def test_a_truncated_picture_is_refused(posters):
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        data = posters.encoded(posters.draw(posters.scheme), kind)
        assert refusal(data[: len(data) // 2]) in {"picture_broken", "picture_format"}


def test_what_is_no_picture_is_refused():
    assert refusal(b"<html>not here</html>") == "picture_format"
    assert refusal(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "picture_format"
    assert refusal(b"\x89PNG\r\n\x1a\n" + bytes(100)) in {"picture_broken", "picture_format"}
    assert refusal(bytes(100_000_000)) == "picture_bytes"
