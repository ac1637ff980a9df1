"""`adwatch import`: what an inspector brings home becomes findings, once."""

import io
import json
import zipfile

import pytest

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def letter(*paragraphs):
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
    return packed.getvalue()


@pytest.fixture
def brought(tmp_path, e2e_pages):
    _, calm, promotion = e2e_pages
    folder = tmp_path / "brought"
    (folder / "东区").mkdir(parents=True)
    (folder / "通知.docx").write_bytes(letter(*calm))
    (folder / "东区" / "宣传单.docx").write_bytes(letter(*promotion))
    (folder / "线索.csv").write_text("\n".join(["编号,内容", *promotion]), encoding="gb18030")
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "a\x1b[2Jb.zip").write_bytes(b"PK\x03\x04")
    return folder


def told(desk, *paths, expect):
    rows = json.loads(desk.adwatch("import", *map(str, paths), "--json", expect=expect).stdout)
    return {row["file"].rsplit("/", 1)[-1]: row for row in rows}


def test_files_are_taken_once_and_what_is_refused_is_named(brought, desk):
    shown = desk.adwatch("import", str(brought), expect=4)
    assert "\x1b" not in shown.stdout
    assert "文件已损坏 (file_broken)" in shown.stdout
    assert "3 files taken, 2 suspect, 2 refused" in shown.stderr
    found = desk.findings()
    assert found

    letters = told(desk, brought / "通知.docx", brought / "东区", expect=0)
    assert {row["outcome"] for row in letters.values()} == {"unchanged"}
    (brought / "通知.docx").write_bytes(
        letter("街道办事处的通知换了一个样子，请大家互相转告，谢谢。")
    )
    (changed,) = told(desk, brought / "通知.docx", expect=0).values()
    assert changed["outcome"] == "changed"
    assert len(desk.findings()) == len(found)
    desk.adwatch("evidence", "verify")

    names = brought / "名单.csv"
    names.write_text("企业名称\n查无此人商贸\n宣传单.docx\n", encoding="gb18030")
    shown = desk.adwatch("findings", "naming", str(names), expect=1)
    assert "宣传单.docx  #" in shown.stdout
    assert "1 of 2 names are found" in shown.stderr


def test_a_target_of_that_name_is_in_the_way(brought, desk):
    desk.target("imports", "spider: files\nfiles: {folder: nowhere}\n")
    assert "rename targets/imports.yml" in desk.adwatch("import", str(brought), expect=1).stderr


def test_the_addresses_of_a_list_are_crawled_when_asked_for(tmp_path, desk, serve_bare, e2e_pages):
    page, calm, promotion = e2e_pages

    def answered(text):
        body = text.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        return lambda connection: connection.sendall(head.encode() + body)

    site = serve_bare(
        {"/ad": answered(page("合伙", *promotion)), "/calm": answered(page("街道", *calm))}
    )
    listed = tmp_path / "待查.csv"
    listed.write_text(
        f"序号,网址\n1,{site.base}/ad\n2,{site.base}/calm，详见附件\n3,无\n", encoding="utf-8"
    )
    told(desk, listed, expect=0)
    assert not site.asked
    rows = json.loads(desk.adwatch("import", str(listed), "--follow", "--json").stdout)
    levels = {row["file"]: row["level"] for row in rows}
    assert levels[f"{site.base}/ad"] == "high"
    assert levels[f"{site.base}/calm"] == "none"
