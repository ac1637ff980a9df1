"""`adwatch targets suggest`, `add`, `preview` and `test` against a real site on loopback."""

import json
import os
import re
from dataclasses import replace

import pytest

from core.errors import LookError
from crawler.cli import main
from crawler.config import Settings
from crawler.looks import Viewpoint
from crawler.suggestion import suggest
from crawler.workspace import load_workspace
from spiders.browser import chromium_executable

ROWS = "".join(
    f"<li><a href='/item/{1000 + n}.html'>清浦县第{n}批便民信息公布</a> <span>11-20</span></li>"
    for n in range(10)
)
MENU = "".join(f"<a href='/c{n}/'>栏目{n}</a>" for n in range(6))
LIST = (
    "<!DOCTYPE html><html><head><meta charset=utf-8><title>便民信息_清浦网</title>"
    "<link rel=alternate type='application/rss+xml' href='/rss.xml'></head><body>"
    f"<div class=nav>{MENU}</div><ul class='news'>{ROWS}</ul>"
    "<div class=pages><a class=next href='/list_2.html'>下一页</a></div></body></html>"
)
FEED = (
    "<rss version='2.0'><channel><title>清浦观察</title><item><title>一</title>"
    "<link>/item/1000.html</link><pubDate>Mon, 30 Nov 2026 08:00:00 +0800</pubDate></item></channel></rss>"
)
SITEMAP = "<urlset><url><loc>{}/item/1000.html</loc></url></urlset>"
WECHAT = (
    '<html><head><meta property="og:title" content="养老项目招募"></head><body>'
    '<h1 class="rich_media_title" id="activity-name">养老项目招募</h1><a id="js_name">清浦观察</a>'
    '<div class="rich_media_content" id="js_content"><p>本公司面向社会公开招募合伙人，一万元起投。</p></div>'
    '<script>var ct = "1763600000";</script></body></html>'
)


@pytest.fixture
def town(site, e2e_pages):
    """A list with its items, a feed, a sitemap and a robots.txt."""
    page, calm, promotion = e2e_pages
    site.put("/list.html", LIST)
    site.put("/list_2.html", LIST.replace("/item/1", "/item/2").replace("class=next", "class=off"))
    for n in range(1000, 1010):
        site.put(f"/item/{n}.html", page(f"清浦县第{n - 1000}批便民信息公布", *calm))
    site.put("/item/1001.html", page("合伙人招募", *promotion))
    site.put("/rss.xml", FEED, content_type="application/rss+xml")
    site.put("/sitemap.xml", SITEMAP.format(site.base), content_type="text/xml")
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n", content_type="text/plain")
    site.put("/private/list.html", LIST)
    return site


@pytest.fixture
def view(office):
    """From where it is looked, without the start of a command for each look."""
    settings = load_workspace(office, {}).ready()
    return Viewpoint(office, settings, chromium_executable(os.environ))


def look_at(view, url, timeout_s=20.0, render=None):
    return suggest(view, url, timeout_s=timeout_s, render=render)


def test_a_list_page_is_proposed_with_selector_feed_and_sitemap(town, desk):
    done = desk.adwatch("targets", "suggest", f"{town.base}/list.html")
    path = desk.folder / "targets" / "town.yml"
    path.write_text(done.stdout, encoding="utf-8")
    (target,) = load_workspace(desk.folder, {}).targets
    assert (target.spider, target.title) == ("listing", "便民信息_清浦网")
    assert (target.links.css, target.next.css) == ("ul.news a", "a.next")
    assert target.start_urls == (f"{town.base}/list.html",)
    for said in ("10 links", "清浦县第0批便民信息公布", "robots.txt: allows", "encoding: utf-8",
                 f"feed {town.base}/rss.xml", f"sitemap {town.base}/sitemap.xml"):  # fmt: skip
        assert said in done.stdout
    assert done.stderr == ""


def test_the_look_is_polite_and_writes_nothing(town, desk):
    before = sorted(desk.folder.rglob("*"))
    done = desk.adwatch("targets", "suggest", f"{town.base}/list.html", "--json")
    found = json.loads(done.stdout)
    assert found["feeds"] == [f"{town.base}/rss.xml"]
    assert found["yaml"].startswith("# targets/127_0_0_1_list.yml")
    assert set(town.asked) == {"/robots.txt", "/list.html", "/rss.xml", "/sitemap.xml"}
    assert set(town.asked.values()) == {1}
    assert all("mailto:test@example.cn" in agent for agent in town.agents)
    assert sorted(desk.folder.rglob("*")) == before


def test_a_page_of_text_is_an_article(town, view):
    found = look_at(view, f"{town.base}/item/1001.html")
    assert (found.spider, found.title, found.browser) == ("article", "合伙人招募", False)


@pytest.mark.parametrize(
    ("path", "spider", "title"),
    [
        ("/rss.xml", "feed", "清浦观察"),
        ("/sitemap.xml", "sitemap", "127.0.0.1 sitemap"),
        ("/wechat", "wechat", "清浦观察 养老项目招募"),
    ],
)
def test_addresses_of_other_kinds_are_told_by_what_comes(town, view, path, spider, title):
    town.put("/wechat", WECHAT)
    found = look_at(view, town.base + path)
    assert (found.spider, found.title) == (spider, title)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 404}, "no such page (HTTP 404)"),
        ({"status": 503}, "HTTP 503"),
        ({"body": b"%PDF-1.4 ...", "content_type": "application/pdf"}, "not a page"),
        ({"body": bytes(range(256)), "content_type": "application/octet-stream"}, "not a page"),
        ({"body": b""}, "no content"),
        ({"act": "hang"}, "did not answer in time"),
        ({"act": "reset"}, "broke the connection off"),
        ({"body": "<h1>请先登录后查看</h1><input type=password>".encode()}, "called login"),
        ({"status": 302, "headers": {"Location": "/x"}}, "too many redirects"),
    ],
    ids=["404", "503", "pdf", "binary", "empty", "hang", "reset", "login", "loop"],
)
def test_what_cannot_be_watched_is_said_in_one_line(site, view, answer, said):
    answer = dict(answer)
    site.put("/x", answer.pop("body", b""), **answer)
    with pytest.raises(LookError, match=re.escape(said)) as error:
        look_at(view, f"{site.base}/x", 2.0, render=False)
    assert str(error.value).startswith(f"{site.base}/x: ")
    assert len(str(error.value).splitlines()) == 1


def test_an_empty_feed_is_proposed_with_a_doubt(site, view):
    site.put("/x", "<rss><channel/></rss>", content_type="text/xml")
    assert look_at(view, f"{site.base}/x").doubts == ("the feed has no entries now",)


def test_robots_txt_is_obeyed_and_said_with_exit_1(town, desk):
    error = desk.adwatch("targets", "suggest", f"{town.base}/private/list.html", expect=1).stderr
    assert "robots.txt of 127.0.0.1 does not allow" in error
    assert len(error.splitlines()) == 1
    assert town.asked["/private/list.html"] == 0


def test_a_private_address_is_refused_with_the_way_to_allow_it(town, view):
    closed = Viewpoint(view.folder, Settings(contact="x@example.cn"), None)
    with pytest.raises(LookError, match=r"not public.*network: \{allow:"):
        look_at(closed, f"{town.base}/list.html")
    assert not town.asked


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://a.cn/x", "not an http:// or https:// address"),
        ("www.example.cn/list", "did you mean https://www.example.cn/list?"),
        ("http://user:pw@a.cn/", "user name"),
        ("http://", "not an http"),
        ("file:///etc/passwd", "not an http"),
        ("", "not an http"),
    ],
)
def test_what_is_no_web_address_is_a_usage_error(office, url, said, capsys):
    for command in ("suggest", "add"):
        assert main(["--config", str(office), "targets", command, url]) == 2
        assert said in capsys.readouterr().err


def test_add_writes_a_file_that_passes_the_check_and_never_writes_over_one(town, desk):
    done = desk.adwatch("targets", "add", f"{town.base}/list.html", "--id", "town")
    path = desk.folder / "targets" / "town.yml"
    assert done.stdout.strip() == str(path)
    assert "adwatch targets preview town" in done.stderr
    assert desk.adwatch("check").returncode == 0
    written = path.read_bytes()
    town.asked.clear()
    again = desk.adwatch("targets", "add", f"{town.base}/list.html", "--id", "town", expect=1)
    assert "left as it is; name another by --id" in again.stderr
    assert path.read_bytes() == written
    assert not town.asked
    assert "--id" in desk.adwatch("targets", "add", town.base, "--id", "Ü b", expect=2).stderr
    assert [one.name for one in (desk.folder / "targets").iterdir()] == ["town.yml"]


def test_add_without_an_id_names_the_file_after_the_address(town, desk):
    done = desk.adwatch("targets", "add", f"{town.base}/list.html", "--json")
    document = json.loads(done.stdout)
    assert document["id"] == "127_0_0_1_list"
    assert (desk.folder / "targets" / "127_0_0_1_list.yml").read_text() == document["yaml"]


def test_preview_shows_what_would_be_collected_and_stores_nothing(town, desk):
    desk.target("town", f"spider: listing\nstart_urls: ['{town.base}/list.html']")
    done = desk.adwatch("targets", "preview", "town", "--json", "-n", "3")
    seen = json.loads(done.stdout)
    assert seen["robots"] == "allows"
    assert (seen["lists"][0]["count"], seen["lists"][0]["further"]) == (
        10,
        [f"{town.base}/list_2.html"],
    )
    assert len(seen["pages"]) == 3
    assert seen["filled"] == {
        "title": "3/3",
        "account": "0/3",
        "published_at": "3/3",
        "text": "3/3",
    }
    assert {page["title"]: page["level"] for page in seen["pages"]}["合伙人招募"] in {
        "medium",
        "high",
    }
    assert all(page["elapsed_s"] >= 0 for page in seen["pages"])
    assert sorted(one.name for one in desk.folder.iterdir()) == ["adwatch.yml", "targets"]
    assert sum(count for path, count in town.asked.items() if path.startswith("/item/")) == 3
    shown = desk.adwatch("targets", "preview", "town", "-n", "1").stdout
    assert "robots.txt: allows" in shown
    assert "10 links" in shown
    assert "filled  title 1/1" in shown


def test_preview_says_states_and_drops_and_exits_1_where_nothing_would_be_collected(town, desk):
    town.put("/wall", "<h1>请先登录后查看</h1><input type=password>")
    urls = json.dumps([f"{town.base}{path}" for path in ("/wall", "/gone", "/private/x")])
    desk.target("bad", f"spider: article\nstart_urls: {urls}")
    done = desk.adwatch("targets", "preview", "bad", expect=1)
    for said in ("login", "请先登录后查看", "no such page", "robots.txt of"):
        assert said in done.stdout
    assert "nothing would be collected" in done.stderr


def test_an_unknown_target_is_a_usage_error_with_a_suggestion(town, desk):
    desk.target("town", f"spider: listing\nstart_urls: ['{town.base}/list.html']")
    for command in ("preview", "test"):
        assert "did you mean 'town'" in desk.adwatch("targets", command, "twon", expect=2).stderr


def test_saved_pages_are_replayed_offline_and_every_difference_is_said(town, desk):
    desk.target("town", f"spider: listing\nstart_urls: ['{town.base}/list.html']")
    assert "--save" in desk.adwatch("targets", "test", "town", expect=1).stderr
    saved = json.loads(desk.adwatch("targets", "test", "town", "--save", "--json").stdout)
    assert [row["page"] for row in saved["saved"]] == ["list", "page"]
    town.asked.clear()
    assert "0 fields differ" in desk.adwatch("targets", "test", "town").stderr
    assert not town.asked
    desk.target(
        "town",
        f"spider: listing\nstart_urls: ['{town.base}/list.html']\nlinks: {{css: 'li:first-child a'}}",
    )
    done = desk.adwatch("targets", "test", "town", "--json", expect=1)
    found = {row["field"]: row for row in json.loads(done.stdout)["differences"]}
    assert found["links"]["was"].startswith("10, 9 gone")
    assert "list.links" in desk.adwatch("targets", "test", "town", expect=1).stdout
    desk.adwatch("targets", "test", "town", "--accept")
    assert desk.adwatch("targets", "test", "town").returncode == 0
    assert desk.adwatch("check").returncode == 0, "the folder of saved pages is no target"


@pytest.mark.soak
def test_a_login_wall_is_not_saved_and_what_was_saved_stays(town, desk):
    desk.target("town", f"spider: article\nstart_urls: ['{town.base}/item/1001.html']")
    desk.adwatch("targets", "test", "town", "--save")
    golden = desk.folder / "targets" / "golden" / "town"
    before = {one.name: one.read_bytes() for one in golden.iterdir()}
    town.put("/item/1001.html", "<h1>请先登录后查看</h1><input type=password>")
    assert "nothing was saved" in desk.adwatch("targets", "test", "town", "--save", expect=1).stderr
    assert {one.name: one.read_bytes() for one in golden.iterdir()} == before


@pytest.mark.browser
@pytest.mark.skipif(chromium_executable(os.environ) is None, reason="no Chromium")
def test_a_page_that_scripts_draw_is_proposed_for_the_browser_by_comparison(site, view):
    script = f"document.getElementById('app').innerHTML = `<ul class='news'>{ROWS}</ul>`"
    site.put(
        "/app",
        f"<html><head><meta charset=utf-8><title>云</title></head><body><div id=app></div><script>{script}</script></body></html>",
    )
    found = look_at(view, f"{site.base}/app")
    assert (found.spider, found.browser, found.count) == ("listing", True, 10)
    assert found.css == "ul.news a"
    assert "plain: 0 links" in found.browser_why


def test_without_chromium_a_drawn_page_is_proposed_with_the_doubt(site, view):
    site.put(
        "/app",
        "<html><title>云</title><body><div id=app></div><script>draw()</script></body></html>",
    )
    found = look_at(replace(view, chromium=None), f"{site.base}/app")
    assert found.browser
    assert "there is no Chromium here" in found.browser_why
    assert found.doubts == (
        "1 script may draw what is missing; suggest again where adwatch doctor finds Chromium",
    )
    site.put(
        "/short",
        "<h1>通知</h1><p>清浦街道办今天下午停水两小时，请提前储水。</p><script>x()</script>",
    )
    short = look_at(replace(view, chromium=None), f"{site.base}/short")
    assert (short.spider, short.browser) == ("article", False)


def test_a_feed_is_preferred_to_a_page_that_only_scripts_fill(site, view):
    head = "<link rel=alternate type='application/rss+xml' href='/rss.xml'>"
    site.put(
        "/app",
        f"<html><head>{head}</head><body><div id=app></div><script>x()</script></body></html>",
    )
    site.put("/rss.xml", FEED, content_type="application/rss+xml")
    found = look_at(view, f"{site.base}/app")
    assert (found.spider, found.url) == ("feed", f"{site.base}/rss.xml")
