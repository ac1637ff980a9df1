import gzip
from datetime import date
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from core.target import Target
from crawler.demo_town.content import expectations, load_town
from crawler.demo_town.render import BROKEN_LIST, DISALLOWED, FAILING_PAGE, MISSING_LINK
from crawler.demo_town.server import DemoTown
from crawler.demo_town.sites import SITES

TODAY = date(2026, 11, 22)
CHANGED = {"/info/2003.html", "/s/yt3012"}
NEW = "/news/1014.html"


@pytest.fixture(scope="module")
def town():
    with DemoTown(today=TODAY) as running:
        yield running


@pytest.fixture(scope="module")
def second_day():
    with DemoTown(today=TODAY, day=2) as running:
        yield running


def get(url, **headers):
    assert url.startswith("http://127.")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(url, headers=names), timeout=10) as answer:  # noqa: S310 (see above)
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def bodies(running):
    """Every answer of every site, with the sites' addresses made alike."""
    found = {}
    for name, server in running._servers.items():
        for path, reply in server.answers.items():
            body = reply.body
            if path.endswith(".gz"):
                body = gzip.decompress(body)
            for site, base in running.bases.items():
                body = body.replace(base.encode(), site.encode())
            found[name, path] = (reply.status, body)
    return found


def test_paths_are_unique_so_that_they_can_name_a_page():
    paths = [page.path for page in load_town().pages]
    assert len(paths) == len(set(paths)) == len(expectations())


def test_there_are_pages_of_every_kind_in_earnest_numbers():
    made = list(expectations().values())
    assert made.count("suspect") >= 22
    assert made.count("innocent") >= 25
    assert made.count("borderline") >= 10
    assert made.count("status") == 4


@pytest.mark.parametrize("page", load_town().pages, ids=lambda page: page.path)
def test_a_page_is_served_with_its_charset_and_text(second_day, page):
    status, headers, body = get(second_day.addresses()[page.path])
    site = SITES[page.site]
    assert status == 200
    assert headers.get_content_charset() == (site.header or None)
    text = body.decode(page.charset or site.charset)
    if site.layout == "app":
        assert page.title not in text
    elif page.expected != "status" and not page.deleted_on_day_2:
        assert page.title in text


def test_the_old_site_speaks_gbk_and_does_not_say_so_in_the_header(town):
    _, headers, body = get(town.addresses()["/old/62.htm"])
    assert headers["Content-Type"] == "text/html"
    assert b"charset=gb2312" in body
    assert "候鸟旅居卡" in body.decode("gbk")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_one_old_page_declares_an_encoding_that_it_does_not_have(town):
    body = get(town.addresses()["/old/65.htm"])[2]
    assert b"charset=utf-8" in body
    assert "保险交错了" in body.decode("gbk")


def test_one_old_page_is_big5(town):
    body = get(town.addresses()["/old/66.htm"])[2]
    assert "敬老茶敘" in body.decode("big5")


def test_a_page_that_is_known_is_answered_not_modified(town):
    url = town.addresses()["/news/1001.html"]
    headers = get(url)[1]
    assert get(url, If_None_Match=headers["ETag"])[::2] == (304, b"")
    assert get(url, If_Modified_Since=headers["Last-Modified"])[0] == 304


def test_an_entity_tag_outranks_the_date(town):
    url = town.addresses()["/news/1001.html"]
    modified = get(url)[1]["Last-Modified"]
    assert get(url, If_None_Match='"other"', If_Modified_Since=modified)[0] == 200


def test_a_visitor_that_takes_gzip_gets_the_same_page_packed(town):
    url = town.addresses()["/news/1001.html"]
    _, headers, body = get(url, Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == get(url)[2]


def test_the_second_day_differs_exactly_where_it_is_said_to(town, second_day):
    first, second = bodies(town), bodies(second_day)
    changed = {path for (site, path), answer in second.items() if first.get((site, path)) != answer}
    lists = {path for path in changed if path.startswith("/news/index")}
    assert lists
    assert changed - lists == CHANGED | {NEW}
    assert set(first) - set(second) == set()


def test_what_the_second_day_left_alone_is_not_modified_for_an_earlier_visitor():
    with DemoTown(today=TODAY) as running:
        address = running.addresses()
        tags = {path: get(url)[1] for path, url in address.items()}
        running.advance()
        again = {
            path: get(url, If_None_Match=tags[path]["ETag"])[0] for path, url in address.items()
        }
        by_date = {
            path: get(url, If_Modified_Since=tags[path]["Last-Modified"])[0]
            for path, url in address.items()
        }
    assert {path for path, status in again.items() if status == 200} == CHANGED
    assert {path for path, status in by_date.items() if status == 200} == CHANGED


def test_the_suspect_rate_rises_and_the_article_goes_on_the_second_day(town, second_day):
    path = "/info/2003.html"
    assert "年化12%" in get(town.addresses()[path])[2].decode()
    assert "年化18%" in get(second_day.addresses()[path])[2].decode()
    gone = get(second_day.addresses()["/s/yt3012"])[2].decode()
    assert "该内容已被发布者删除" in gone
    assert "互助" not in gone
    assert get(town.bases["news"] + NEW)[0] == 404


def test_robots_txt_bars_one_folder_and_names_the_sitemap(town):
    base = town.bases["service"]
    robots = RobotFileParser()
    robots.parse(get(base + "/robots.txt")[2].decode().splitlines())
    assert not robots.can_fetch("adwatch", base + DISALLOWED)
    assert robots.can_fetch("adwatch", base + "/page/5001.html")
    assert robots.site_maps() == [base + "/sitemap.xml"]


def test_the_feeds_are_xml_that_names_live_pages(town):
    base = town.bases["column"]
    rss = etree.fromstring(get(base + "/rss.xml")[2])
    atom = etree.fromstring(get(base + "/atom.xml")[2])
    links = [link.text for link in rss.iterfind("channel/item/link")]
    links += [link.get("href") for link in atom.iterfind("{*}entry/{*}link")]
    assert sorted(links) == sorted(
        url for path, url in town.addresses().items() if path.startswith("/post/")
    )


def test_the_sitemaps_name_every_page_and_one_of_them_is_packed(town):
    base = town.bases["service"]
    index = etree.fromstring(get(base + "/sitemap.xml")[2])
    found = []
    for location in index.iterfind("{*}sitemap/{*}loc"):
        body = get(location.text)[2]
        packed = location.text.endswith(".gz")
        tree = etree.fromstring(gzip.decompress(body) if packed else body)
        found += [place.text for place in tree.iterfind("{*}url/{*}loc")]
    assert sorted(found) == sorted(
        url for path, url in town.addresses().items() if path.startswith("/page/")
    )


def test_lists_go_on_through_their_next_links_to_every_item(town):
    second = get(town.bases["market"] + "/info/index_2.html")[2].decode()
    third = get(town.bases["market"] + "/info/index_3.html")[2].decode()
    assert 'class="next" href="/info/index_3.html"' in second
    assert 'class="next"' not in third


def test_something_is_broken_on_purpose_for_the_crawl_health(town):
    news = town.bases["news"]
    last_list = get(news + "/news/index_2.html")[2].decode()
    assert MISSING_LINK in last_list
    assert FAILING_PAGE in last_list
    assert get(news + MISSING_LINK)[0] == 404
    assert get(news + FAILING_PAGE)[0] == 500
    assert b"post-title" not in get(town.bases["market"] + BROKEN_LIST)[2]


def test_the_targets_are_valid_and_point_at_the_live_town(town):
    made = [Target.model_validate(record, strict=False) for record in town.targets()]
    assert {target.spider for target in made} == {
        "article", "listing", "feed", "sitemap", "wechat",
    }  # fmt: skip
    assert [target.id for target in made if target.browser] == ["demo_app"]
    assert all(target.limits.delay_s == 0 and target.limits.concurrency == 4 for target in made)
    assert all(get(url)[0] == 200 for target in made for url in target.start_urls)


def test_the_script_only_share_keeps_its_text_out_of_the_document(town):
    body = get(town.addresses()["/s/yt3007"])[2].decode()
    document, _, script = body.partition("<script")
    assert "矿池内测群" not in document
    assert "USDT质押进矿池" not in document
    assert r"content_noencode: JsDecode('内测群" in script
    assert r"\x0a" in script


def test_pictures_are_pictures(town):
    assert get(town.bases["news"] + "/img/police.png")[2].startswith(b"\x89PNG\r\n")
    svg = etree.fromstring(get(town.bases["news"] + "/img/police.svg")[2])
    assert svg.tag.endswith("svg")


def test_a_town_comes_back_at_its_old_addresses():
    with DemoTown(today=TODAY) as first:
        ports = first.ports
    with DemoTown(today=TODAY, ports=ports) as second:
        assert second.ports == ports


def test_a_taken_port_is_replaced_by_a_free_one(town):
    with DemoTown(today=TODAY, ports=town.ports) as second:
        assert set(second.ports.values()).isdisjoint(town.ports.values())


def test_there_is_no_third_day(town):
    with pytest.raises(ValueError, match="days 1 to 2"):
        DemoTown(today=TODAY, day=3).__enter__()


def test_the_pages_lie_inside_the_package():
    folder = Path(load_town.__wrapped__.__code__.co_filename).parent
    assert list(folder.glob("pages/*.yml"))
    assert list(folder.glob("templates/*.html"))
