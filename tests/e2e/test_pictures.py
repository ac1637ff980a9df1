"""Crawls that read pictures: a poster's scheme is found, and nothing brings the crawl down."""

import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import time
import zlib
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from pipelines.pictures.pool import RUNNING, picture_parent

ADWATCH = str(Path(sys.executable).parent / "adwatch")


@pytest.fixture
def gallery(site, desk, e2e_pages):
    """A target `gallery`: one calm article with the pictures it is given, by path and bytes."""
    build, calm, _ = e2e_pages

    def lay(pictures, *, markup=None, images="{}", text=calm) -> None:
        for path, data in pictures.items():
            site.put(path, data, content_type="image/png")
        shown = markup or "".join(f'<img src="{path}">' for path in pictures)
        page = build("清浦老街改造", *text).replace("</div></div>", f"{shown}</div></div>", 1)
        site.put("/a.html", page)
        where = f"spider: article\nstart_urls: ['{site.base}/a.html']"
        desk.target("gallery", f"{where}\nimages: {images}", limits="timeout_s: 5")

    return lay


def huge_png() -> bytes:
    """A few bytes that claim to be a picture of 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack("!I", zlib.crc32(kind + data))
        return struct.pack("!I", len(data)) + kind + data + crc

    head = struct.pack("!IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_a_scheme_on_a_poster_alone_is_found_with_its_place(gallery, desk, posters, tmp_path):
    poster = posters.png(posters.scheme)
    gallery({"/poster.png": poster, "/sign.png": posters.png(posters.calm)})
    run = desk.crawl("gallery")["gallery"]
    assert run["pictures"] == {"read": 2}
    (finding,) = desk.findings()
    assert finding["source"] == "ocr"
    assert finding["level"] == "high"
    marks = [hit["picture"] for hit in finding["hits"] if hit["points"] > 0]
    (sha256,) = {mark["sha256"] for mark in marks}
    kept = tmp_path / "evidence" / sha256[:2] / sha256[2:4] / sha256
    assert kept.read_bytes() == poster
    width, height = 760, 480
    boxes = [box for mark in marks for box in mark["boxes"]]
    assert boxes
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height


def test_the_evidence_of_a_picture_holds_and_can_be_handed_on(gallery, desk, posters, tmp_path):
    gallery({"/poster.png": posters.png(posters.scheme)})
    desk.crawl("gallery")
    assert json.loads(desk.adwatch("evidence", "verify", "--json").stdout)["records"] == 2
    desk.adwatch("digest", "--out", str(tmp_path / "out"))
    (page,) = (tmp_path / "out").glob("*-evidence/F*.html")
    assert "证据 1 号" in page.read_text()
    assert "图片中 (" in page.read_text()
    (text,) = (tmp_path / "out").glob("*.txt")
    assert "图片·位于《清浦老街改造》页面" in "".join(text.read_text().split())


def test_a_court_report_is_not_convicted_by_the_poster_in_it(gallery, desk, posters):
    court = (
        "清浦县人民法院公开宣判一起非法吸收公众存款案，被告人王某以养老公寓为名，承诺保本付息，吸收资金三千余万元。",
        "法院审理后认为，被告人的行为已构成非法吸收公众存款罪，判处有期徒刑七年，并处罚金三十万元。",
        "法官提醒，凡是承诺高额回报的投资都要谨慎，发现线索请及时向公安机关举报。",
    )
    gallery({"/poster.png": posters.png(posters.scheme)}, text=court)
    desk.crawl("gallery")
    (finding,) = desk.findings()
    assert finding["source"] == "ocr"
    assert {hit["source"] for hit in finding["hits"]} == {"ocr"}


def test_a_second_crawl_reads_no_picture_again(gallery, desk, site, posters):
    poster = {"/poster.png": posters.png(posters.scheme)}
    gallery(poster)
    desk.crawl("gallery")
    gallery(poster, markup="<p>新的一段。</p><img src=/poster.png><img src='/poster.png?again'>")
    site.put("/poster.png?again", poster["/poster.png"], content_type="image/png")
    run = desk.crawl("gallery")["gallery"]
    assert run["pictures"] == {"known": 1, "seen_again": 1}
    assert site.not_modified["/poster.png"] == 1


def test_another_poster_at_the_same_address_is_news(gallery, desk, site, posters):
    gallery({"/poster.png": posters.png(posters.calm)})
    assert desk.crawl("gallery")["gallery"]["new"] == 1
    assert not desk.findings()
    gallery({"/poster.png": posters.png(posters.scheme)}, markup="<img src=/poster.png > ")
    assert desk.crawl("gallery")["gallery"]["changed"] == 1
    assert desk.findings()


def test_pictures_that_are_loaded_later_or_lie_behind_a_box_are_read(gallery, desk, site, posters):
    for number in range(1, 5):
        text = (f"第{number}张图：老街今天照常营业",)
        site.put(f"/{number}.png", posters.png(text), content_type="image/png")
    markup = (
        "<img data-src='/1.png' src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='>"
        "<img srcset='/small.png 320w, /2.png 1200w' src='/small.png'>"
        "<div style=\"background: url('/3.png') no-repeat\">广告</div>"
        "<img src='/4.png' width=1 height=1><div hidden><img src='/never.png'></div>"
    )
    gallery({}, markup=markup)
    run = desk.crawl("gallery")["gallery"]
    assert run["pictures"] == {"read": 3, "too_small": 1}
    assert site.asked["/small.png"] == site.asked["/4.png"] == site.asked["/never.png"] == 0


def test_a_picture_that_stands_in_the_page_itself_is_read(gallery, desk, posters):
    data = b64encode(posters.png(posters.scheme)).decode()
    gallery({}, markup=f"<img src='data:image/png;base64,{data}'>")
    assert desk.crawl("gallery")["gallery"]["pictures"] == {"read": 1}
    assert desk.findings()


def test_bombs_and_rubbish_are_counted_and_cost_nothing_else(gallery, desk, site, posters):
    frames = [posters.draw((str(number),), size=(90, 70)) for number in range(300)]
    gallery({
        "/huge.png": huge_png(),
        "/cut.png": posters.png(posters.scheme)[:3_000],
        "/page.png": b"<html>not a picture</html>",
        "/drawn.png": b"<svg xmlns='http://www.w3.org/2000/svg'><text>x</text></svg>",
        "/large.png": posters.png(posters.calm) + bytes(100_000_000),
        "/dot.png": posters.png((), size=(8, 8)),
        "/moving.png": posters.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "/poster.png": posters.png(posters.scheme),
        "/gone.png": b"",
    })  # fmt: skip
    site.pages["/gone.png"].status = 404
    run = desk.crawl("gallery")["gallery"]
    assert run["pictures"] == {
        "pixels": 1, "broken": 1, "no_picture": 1, "svg": 1, "too_large": 1, "too_small": 1,
        "read": 2, "http_404": 1,
    }  # fmt: skip
    assert run["drops"] == {}
    assert run["statuses"] == {"200": 1, "404": 1}  # the page, and no robots.txt
    assert len(desk.findings()) == 1


def test_robots_txt_holds_for_pictures_and_limits_are_kept(gallery, desk, site, posters):
    site.put("/robots.txt", "User-agent: *\nDisallow: /private/\n", content_type="text/plain")
    pictures = {f"/{number}.png": posters.png((f"第{number}张",)) for number in range(4)}
    private = {"/private/poster.png": posters.png(posters.scheme)}
    gallery(private | pictures, images="{per_page: 3, min_side_px: 100}")
    run = desk.crawl("gallery")["gallery"]
    assert run["pictures"] == {"robots": 1, "read": 2, "page_limit": 2}
    assert not desk.findings()


def test_a_target_can_leave_its_pictures_alone(gallery, desk, site, posters):
    gallery({"/poster.png": posters.png(posters.scheme)}, images="{read: false}")
    assert desk.crawl("gallery")["gallery"]["pictures"] == {"switched_off": 1}
    assert site.asked["/poster.png"] == 0


def test_without_pictures_no_model_is_loaded(gallery, desk, posters, monkeypatch):
    with picture_parent(dict(os.environ)) as parent:
        monkeypatch.delenv(RUNNING)
        monkeypatch.setenv(RUNNING, parent.address)
        process = psutil.Process(parent._process.pid)

        def is_loaded() -> bool:
            return "onnxruntime" in Path(f"/proc/{process.pid}/maps").read_text()

        gallery({}, markup="<p>没有图片。</p>")
        desk.crawl("gallery")
        assert not is_loaded()
        gallery({"/poster.png": posters.png(posters.calm)})
        desk.crawl("gallery")
        assert is_loaded()


def test_a_picture_that_does_not_come_keeps_no_page_beyond_the_end(gallery, desk, site, posters):
    gallery({"/slow.png": posters.png(posters.scheme)})
    site.pages["/slow.png"].act = "hang"
    where = f"spider: article\nstart_urls: ['{site.base}/a.html']"
    desk.target("gallery", where, limits="timeout_s: 60, run_minutes: 0.05")
    run = desk.crawl("gallery", expect=4)["gallery"]
    assert run["reason"] == "closespider_timeout"
    assert (run["new"], run["pictures"]) == (1, {"late": 1})


def test_a_crawl_that_is_stopped_stores_the_page_without_its_pictures(gallery, desk, site, posters):
    gallery({"/slow.png": posters.png(posters.scheme)})
    site.pages["/slow.png"].act = "hang"
    where = f"spider: article\nstart_urls: ['{site.base}/a.html']"
    desk.target("gallery", where, limits="timeout_s: 60")
    crawl = desk.start("crawl", "gallery")
    while not site.asked["/slow.png"]:
        time.sleep(0.05)
    crawl.send_signal(signal.SIGINT)
    crawl.wait(60)
    with closing(sqlite3.connect(desk.folder / "adwatch.db")) as database:
        assert database.execute("SELECT count(*) FROM observation").fetchone() == (1,)


def test_where_nothing_can_read_them_pictures_are_counted(gallery, desk, site, posters, tmp_path):
    gallery({"/poster.png": posters.png(posters.scheme)})
    hook = (
        "import importlib.metadata as m\n"
        "find = m.version\n"
        "def version(name):\n"
        "    if name == 'rapidocr':\n"
        "        raise m.PackageNotFoundError(name)\n"
        "    return find(name)\n"
        "m.version = version\n"
    )
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(hook)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "hook")}
    command = [ADWATCH, "--config", str(desk.folder), "crawl", "--all", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    (run,) = json.loads(done.stdout)
    assert run["pictures"] == {"not_installed": 1}
    assert site.asked["/poster.png"] == 0
