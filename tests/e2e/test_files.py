"""A folder that inspectors fill, through the commands and into findings."""

import os

import pytest


@pytest.fixture
def inspections(tmp_path, e2e_pages):
    """A page, a text, and what no run may stumble over; all but one settled long ago."""
    _, calm, promotion = e2e_pages
    folder = tmp_path / "inspections"
    (folder / "东区").mkdir(parents=True)
    (folder / "calm.html").write_text("".join(f"<p>{line}</p>" for line in calm), encoding="utf-8")
    (folder / "东区" / "海报.txt").write_bytes("\n".join(promotion).encode("gb18030"))
    (folder / "empty.txt").touch()
    (folder / "misnamed.txt").write_bytes(b"%PDF-1.7 no text")
    (folder / "~$plan.docx").write_bytes(b"lock")
    (folder / "a\nb.txt").write_text("今天天气晴。", encoding="utf-8")
    (folder / "big.txt").touch()
    os.truncate(folder / "big.txt", 17 * 1024 * 1024)
    for path in [*folder.rglob("*")]:
        os.utime(path, (1_700_000_000, 1_700_000_000))
    (folder / "growing.txt").write_text("还在写", encoding="utf-8")
    (folder / "out.txt").symlink_to("/etc/passwd")
    (folder / "outside").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    return folder


def test_files_are_read_judged_and_stored_once(inspections, desk):
    desk.target("street", f"spider: files\nfiles: {{folder: {inspections}, settle_s: 3600}}\n")

    first, again = desk.crawl()["street"], desk.crawl()["street"]

    assert (first["new"], first["suspect"]) == (3, 1)
    assert first["drops"] == {
        "empty": 1, "file_broken": 1, "file_by_program": 1, "file_growing": 1, "file_link": 2,
        "file_special": 1, "too_large": 1,
    }  # fmt: skip
    assert (again["new"], again["unchanged"]) == (0, 3)
    assert len(desk.findings()) == 1
    desk.adwatch("evidence", "verify")


def test_a_missing_folder_is_a_failed_run(desk):
    desk.target("street", "spider: files\nfiles: {folder: nowhere}\n")
    assert desk.crawl(expect=4)["street"]["drops"] == {"folder_unreadable": 1}


def test_a_preview_of_a_folder_is_refused_with_the_way_to_go(desk):
    desk.target("street", "spider: files\nfiles: {folder: nowhere}\n")
    assert "adwatch crawl street" in desk.adwatch("targets", "preview", "street", expect=2).stderr
