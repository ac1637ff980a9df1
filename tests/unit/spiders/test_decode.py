import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.decode import decode

_PAGES = Path(__file__).parents[3] / "../shared/data/pages"
_PLAIN = (
    "关于防范非法集资的风险提示：请广大市民不要相信高额回报的承诺，有问题请联系我们的工作人员。"
)
_TRADITIONAL = "關於防範非法集資的風險提示：請廣大市民不要相信高額回報的承諾，這個問題請聯繫我們。"


def _page(text, charset):
    return f'<html><head><meta charset="{charset}"><title>{text}</title></head></html>'


@pytest.mark.parametrize("declared", [None, "text/html; charset=utf-8", "text/html; charset=big5"])
@pytest.mark.parametrize("meta", ["gb2312", "utf-8", "iso-8859-1", "no-such-charset", "big5"])
def test_gbk_bytes_are_read_whatever_is_declared(declared, meta):
    page = _page(_PLAIN, meta)

    decoded = decode(page.encode("gb18030"), declared)

    assert decoded.text == page
    assert decoded.encoding == "gb18030"


@pytest.mark.parametrize("meta", ["big5", "gbk", "utf-8", "x"])
def test_big5_bytes_are_read_whatever_is_declared(meta):
    page = _page(_TRADITIONAL, meta)

    decoded = decode(page.encode("big5hkscs"), None)

    assert decoded.text == page
    assert decoded.encoding == "big5hkscs"


@pytest.mark.parametrize("meta", ["gb2312", "big5", "utf-8"])
def test_valid_utf8_is_utf8_whatever_is_declared(meta):
    page = _page(_PLAIN, meta)
    assert decode(page.encode(), "text/html; charset=gbk").text == page


@pytest.mark.parametrize("cut", [1, 2])
def test_utf8_cut_within_a_character_loses_that_character_alone(cut):
    decoded = decode(_PLAIN.encode()[:-cut], None)
    assert decoded.text == _PLAIN[:-1]
    assert decoded.encoding == "utf-8"


def test_a_stray_bad_byte_does_not_turn_utf8_into_gbk():
    body = (_PLAIN * 3).encode() + b"\xff" + _PLAIN.encode()
    decoded = decode(body, "text/html; charset=gb2312")
    assert decoded.encoding == "utf-8"
    assert decoded.text == _PLAIN * 3 + "\ufffd" + _PLAIN


def test_gb18030_cut_within_a_character_is_still_gb18030():
    decoded = decode(_PLAIN.encode("gb18030")[:-1], None)
    assert decoded.encoding == "gb18030"
    assert decoded.text.startswith(_PLAIN[:-1])


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(codec):
    assert decode(_PLAIN.encode(codec), "text/html; charset=gbk").text == _PLAIN


def test_an_xml_declaration_is_read():
    feed = f'<?xml version="1.0" encoding="GB2312"?><rss><title>{_PLAIN}</title></rss>'
    assert decode(feed.encode("gbk"), "application/xml").text == feed


def test_a_foreign_declaration_that_fits_is_believed():
    text = "<p>Привет, это обычная страница новостей</p>"
    decoded = decode(text.encode("cp1251"), "text/html; charset=windows-1251")
    assert decoded.text == text


def test_rare_characters_of_gb18030_survive():
    text = _PLAIN + "𠮷镕㐀"
    assert decode(text.encode("gb18030"), "text/html; charset=gb2312").text == text


@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=60)))
def test_any_bytes_are_decoded(body, declared):
    assert isinstance(decode(body, declared).text, str)


@given(st.sampled_from(["utf-8", "gbk", "hz", "utf-7", "rot13", "idna", "base64", "punycode"]))
def test_any_declared_codec_is_survived(name):
    body = b"\x80\xfe+/v9 \xff~{abc" * 3
    assert isinstance(decode(body, f"text/html; charset={name}").text, str)


@pytest.mark.shared
@pytest.mark.skipif(not _PAGES.is_dir(), reason="the folder of real pages is absent")
def test_real_feeds_and_pages_are_decoded_as_their_labels_say():
    rows = map(json.loads, (_PAGES / "manifest.jsonl").read_text("utf-8").splitlines())
    files = [row["file"] for row in rows if row["kind"] == "charset"]
    wrong = [
        file
        for file in files
        if decode((_PAGES / file).read_bytes(), None).encoding
        != ("big5hkscs" if "ig5" in file else "gb18030")
    ]
    assert len(files) == 48
    assert wrong == []
