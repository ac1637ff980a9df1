import os
import socket
import time
from pathlib import Path

import pytest

from spiders.browser import browser_settings, chromium_executable, launch_arguments

_CHROMIUM = chromium_executable(os.environ)
_DRAWN = (
    "<html><body><h1 id='t'>空</h1><div id='x'></div><script>"
    "document.getElementById('t').textContent = '脚本写的标题';"
    "fetch('/data').then(r => r.text()).then(t => {"
    "const x = document.getElementById('x'); x.innerHTML = '<p>' + t + '</p>';"
    "x.style.height = '{h}px'});"
    "</script></body></html>"
)


def _executable(folder, name):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return str(file)


def test_the_named_browser_comes_before_playwrights_own_and_the_path(tmp_path):
    on_path = _executable(tmp_path / "bin", "google-chrome")
    env = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}
    assert chromium_executable(env) == on_path

    own = _executable(tmp_path / ".cache/ms-playwright", "chromium-1200/chrome-linux64/chrome")
    assert chromium_executable(env) == own

    named = _executable(tmp_path, "my-chromium")
    assert chromium_executable(env | {"ADWATCH_CHROMIUM": named}) == named


def test_a_named_browser_that_is_missing_is_not_replaced(tmp_path):
    _executable(tmp_path / "bin", "chromium")
    env = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), "ADWATCH_CHROMIUM": "/no/such"}
    assert chromium_executable(env) is None


def test_no_browser_is_none(tmp_path):
    assert chromium_executable({"PATH": str(tmp_path), "HOME": str(tmp_path)}) is None


def test_names_on_the_path_have_an_order(tmp_path):
    _executable(tmp_path, "microsoft-edge")
    first = _executable(tmp_path, "chromium-browser")
    assert chromium_executable({"PATH": str(tmp_path), "HOME": str(tmp_path)}) == first


def test_only_root_goes_without_the_sandbox(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--no-sandbox" not in launch_arguments()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--no-sandbox" in launch_arguments()


def test_a_proxy_covers_loopback_too():
    settings = browser_settings("/usr/bin/chromium", "agent", proxy="http://127.0.0.1:9000")
    launch = settings["PLAYWRIGHT_LAUNCH_OPTIONS"]
    assert launch["proxy"] == {"server": "http://127.0.0.1:9000", "bypass": "<-loopback>"}
    assert settings["DOWNLOAD_HANDLERS"]["file"] is None


@pytest.fixture
def render(crawl):
    if _CHROMIUM is None:
        pytest.skip("no Chromium on this machine")

    def run(*urls, spider="article", **target):
        settings = browser_settings(_CHROMIUM, "Mozilla/5.0 (compatible; adwatch)")
        target["limits"] = {"timeout_s": 20.0} | target.get("limits", {})
        return crawl(spider, *urls, settings=settings, browser=True, **target)

    return run


def _closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _jpeg_size(hexadecimal):
    data = bytes.fromhex(hexadecimal)
    assert data[:3] == b"\xff\xd8\xff"
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])


@pytest.mark.browser
def test_what_scripts_write_is_in_the_body_and_on_the_screenshot(site, render):
    url = site.page("/app", _DRAWN.replace("{h}", "3000"))
    site.page("/data", "来自接口的内容", content_type="text/plain; charset=utf-8")

    (item,) = render(url).items

    assert "脚本写的标题" in item["body"]
    assert "来自接口的内容" in item["body"]
    assert item["rendered"] is True
    assert item["server"] == site.url.removeprefix("http://")
    width, height = _jpeg_size(item["shot"])
    assert width == 1280
    assert 3000 <= height <= 3200


@pytest.mark.browser
def test_an_endless_page_is_drawn_to_a_bounded_height(site, render):
    url = site.page("/tall", "<body style='height:400000px'>高</body>")
    (item,) = render(url).items
    assert _jpeg_size(item["shot"]) == (1280, 15_000)


@pytest.mark.browser
@pytest.mark.slow
def test_pages_that_spin_or_nag_end_within_their_limits(site, render):
    spin = site.page("/spin", "<p>转</p><script>for (;;) {}</script>")
    late = site.page("/late", "<p>后转</p><script>setTimeout(() => { for (;;) {} }, 300)</script>")
    nag = site.page(
        "/nag", "<p>弹窗</p><script>for (let i = 0; i < 5; i++) alert(i); confirm(1)</script>"
    )
    forever = site.page("/forever", "<script>for (;;) alert('x')</script>")
    popup = site.page(
        "/popup", "<p>开窗</p><a id=a target=_blank href=/nag></a><script>a.click()</script>"
    )
    good = site.page("/good", "<p>好</p>")
    started = time.monotonic()

    result = render(
        spin, late, nag, forever, popup, good,
        limits={"timeout_s": 10.0, "concurrency": 2},
    )  # fmt: skip

    assert time.monotonic() - started < 90
    assert result.paths == ["good", "nag", "popup"]
    assert result.drops == {"timeout": 3}


@pytest.mark.browser
@pytest.mark.slow
def test_pages_that_never_rest_are_read_as_they_stand(site, render):
    never_idle = site.page(
        "/idle",
        "<p>不停地问</p><script>setInterval(() => fetch('/tick?' + Math.random()), 50)</script>",
    )
    site.page("/tick", "tick", content_type="text/plain")
    keeps_you = site.page(
        "/keeps",
        "<p>离开时问</p><script>onbeforeunload = e => { e.preventDefault(); return 'x' }</script>",
    )
    opens = site.page(
        "/opens", "<p>不停地开窗</p><script>setInterval(() => window.open('/idle'), 20)</script>"
    )
    saves = site.page(
        "/saves",
        "<p>自己下载</p><a id=a href=/f.zip download>文件</a><script>a.click()</script>",
    )
    site.page("/f.zip", b"PK\x03\x04" + b"0" * 100, content_type="application/zip")
    grows = site.page(
        "/grows",
        "<p>越滚越长</p><script>setInterval(() => document.body.append('更多'.repeat(50)), 20)</script>",
    )
    moving = site.page("/moving", "<p>闪</p><marquee>动</marquee><script>"
                       "setInterval(() => document.body.style.background = '#' + Math.random()"
                       ".toString(16).slice(2, 8), 5)</script>")  # fmt: skip
    started = time.monotonic()

    result = render(
        never_idle, keeps_you, opens, saves, grows, moving,
        limits={"timeout_s": 20.0, "concurrency": 2},
    )  # fmt: skip

    assert time.monotonic() - started < 120
    assert result.paths == ["grows", "idle", "keeps", "moving", "opens", "saves"], result.drops
    assert all(item["shot"] for item in result.items)


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_that_reloads_itself_forever_ends_within_its_limit(site, render):
    reloads = site.page("/reloads", "<p>重来</p><script>location.reload()</script>")
    pings = site.page("/ping", "<p>来</p><script>location.href = '/pong?' + Math.random()</script>")
    site.page("/pong", "<p>往</p><script>location.href = '/ping?' + Math.random()</script>")
    good = site.page("/good", "<p>好</p>")
    started = time.monotonic()

    result = render(reloads, pings, good, limits={"timeout_s": 8.0, "concurrency": 1})

    assert time.monotonic() - started < 60
    assert "good" in result.paths
    assert len(result.items) + sum(result.drops.values()) == 3


@pytest.mark.browser
def test_downloads_errors_and_heavy_pages_are_counted_drops(site, render):
    urls = [
        site.page(
            "/file",
            b"PK\x03\x04" + b"0" * 100,
            content_type="application/zip",
            headers={"Content-Disposition": "attachment; filename=a.zip"},
        ),
        site.page("/gone", "<p>无</p>", status=404),
        site.page(
            "/grow",
            "<p>长</p><script>document.body.innerHTML = 'x'.repeat(3000000)</script>",
        ),
        site.page("/heavy", "<p>重</p><script>fetch('/big.bin').then(r => r.blob())</script>"),
        site.page("/ok", "<p>好</p>"),
        f"http://127.0.0.1:{_closed_port()}/refused",
    ]
    site.page("/big.bin", b"\xff" * 6_000_000, content_type="image/png")

    result = render(*urls, limits={"page_bytes": 1_000_000})

    assert result.paths == ["ok"]
    assert result.drops == {"not_html": 1, "http_404": 1, "too_large": 2, "refused": 1}


@pytest.mark.browser
def test_a_rendered_list_leads_to_rendered_pages(site, render):
    rows = "".join(
        f"document.write('<li><a href=/i/{n}.html>脚本列表的第{n}条标题内容</a></li>');"
        for n in range(4)
    )
    start = site.page("/list", f"<ul><script>{rows}</script></ul>")
    for number in range(4):
        site.page(f"/i/{number}.html", f"<p>内容{number}</p>")

    result = render(start, spider="listing")

    assert len(result.items) == 4
    assert all(item["shot"] for item in result.items)


def test_only_the_browsers_own_modules_import_playwright():
    root = Path(__file__).parents[3]
    packages = ("core", "classifiers", "storage", "spiders", "pipelines", "alerts")
    found = [
        file.name
        for package in packages
        for file in (root / package).rglob("*.py")
        if "from playwright" in (text := file.read_text("utf-8")) or "import playwright" in text
    ]
    assert sorted(found) == ["browser_ads.py", "browser_handler.py"]
