"""What is proposed for a page at hand: its kind, and what its file says."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.errors import LookError
from core.records import Capture
from crawler.demo_town.content import load_town
from crawler.demo_town.render import Day, render_day
from crawler.demo_town.sites import SITES
from crawler.machine_proposal import machine_proposal
from crawler.page_proposal import page_proposal, wechat_proposal
from crawler.page_shape import measure_page
from crawler.proposal import NothingFoundError, many
from spiders.decode import decode

ZONE = ZoneInfo("Asia/Shanghai")
URL = "http://news.example.cn/invest/index.html"
LONG = "清浦县城今年完成了三条街道的改造，路面平整，路灯也换成了新的，沿街商铺的招牌统一做了清洗。"


def capture(body: str | bytes, url: str = URL, content_type: str = "text/html") -> Capture:
    raw = body.encode() if isinstance(body, str) else body
    now = datetime(2026, 11, 30, tzinfo=UTC)
    return Capture(url, url, 200, (("Content-Type", content_type),), now, raw)


def listing(host: str = "", count: int = 12, more: str = "") -> str:
    rows = "".join(
        f"<li><a href='{host}/item/{1000 + n}.html'>清浦县第{n}批便民信息公布</a> 11-20</li>"
        for n in range(count)
    )
    return f"<html><head><title>便民信息_清浦网</title></head><body><ul class='news'>{rows}</ul>{more}</body></html>"


def article(paragraphs: int = 8, related: int = 6) -> str:
    links = "".join(
        f"<li><a href='/item/{n}.html'>另一条相关的新闻标题{n}</a></li>" for n in range(related)
    )
    body = "".join(f"<p>{LONG}</p>" for _ in range(paragraphs))
    return (
        f"<html><head><title>街道改造_清浦网</title></head><body><h1>街道改造</h1>"
        f"<div class='info'>2026-11-20 10:12</div><div class='content'>{body}</div>"
        f"<div class='box'><ul>{links}</ul></div></body></html>"
    )


def proposal_of(body: str, url: str = URL):
    return page_proposal(capture(body, url), measure_page(body, url), ZONE)


def test_a_list_page_is_a_listing_with_selector_samples_and_next_page():
    found = proposal_of(listing(more="<a class='next' href='index_2.html'>下一页</a>"))
    assert (found.spider, found.css, found.next_css) == ("listing", "ul.news a", "a.next")
    assert (found.count, found.min_pages, found.title) == (12, 6, "便民信息_清浦网")
    assert found.next_url == "http://news.example.cn/invest/index_2.html"
    assert found.samples[0].text == "清浦县第0批便民信息公布"
    assert found.encoding == "utf-8"


@pytest.mark.parametrize("related", [0, 6, 30])
def test_a_page_of_text_is_an_article_however_many_links_stand_beside_it(related):
    found = proposal_of(article(related=related), "http://news.example.cn/item/20261120_77.html")
    assert (found.spider, found.title, found.every) == ("article", "街道改造", "1d")
    assert any("2026-11-20" in why for why in found.why)


def test_excerpts_under_the_titles_do_not_make_an_article_of_a_list():
    rows = "".join(
        f"<li><h3><a href='/item/{n}.html'>清浦县第{n}批便民信息公布</a></h3><p>{LONG}</p></li>"
        for n in range(15)
    )
    assert proposal_of(f"<body><ul class='list'>{rows}</ul></body>").spider == "listing"


def test_links_that_lead_to_another_site_are_let_through_by_a_pattern():
    found = proposal_of(listing(host="http://paper.example.org"))
    assert found.allow == r"://(?:[^/]*\.)?(?:example\.org)(?:[:/]|$)"
    assert any("other sites" in doubt for doubt in found.doubts)
    assert proposal_of(listing(host="http://m.example.cn")).allow is None


def test_a_list_in_a_script_is_left_to_be_found_by_shape():
    rows = ",".join(
        f'{{"title": "清浦县第{n}批便民信息公布", "url": "/item/{n}.html"}}' for n in range(12)
    )
    body = f"<html><body><div id=app></div><script>var data = [{rows}];</script></body></html>"
    found = proposal_of(body)
    assert (found.spider, found.css, found.count) == ("listing", None, 12)
    assert any("script" in doubt for doubt in found.doubts)


def test_a_login_page_is_refused_with_its_own_words():
    body = "<html><body><h1>请先登录后查看</h1><form><input type=password></form></body></html>"
    with pytest.raises(LookError, match=r"called login: 请先登录后查看.*public pages"):
        proposal_of(body)


def test_an_empty_page_is_neither_list_nor_text():
    with pytest.raises(NothingFoundError, match="neither a list nor a text"):
        proposal_of("<html><body><div id=app></div><script>x()</script></body></html>")


def test_an_encoding_that_the_page_lies_about_is_said():
    body = listing().replace("<head>", "<head><meta charset=gb2312>")
    assert proposal_of(body).encoding == "utf-8, though it says gb18030; the bytes decide"


FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>清浦观察</title>'
    "<item><title>一</title><link>/1.html</link><pubDate>Mon, 30 Nov 2026 00:30:00 +0800</pubDate></item>"
    "<item><title>二</title><link>/2.html</link></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>清浦</title><entry><title>一</title>'
    '<link href="/1.html"/><updated>2026-11-29T00:00:00Z</updated></entry></feed>'
)
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://a.cn/1</loc></url></urlset>'


@pytest.mark.parametrize(
    ("body", "spider", "count", "word"),
    [
        (FEED, "feed", 2, "2 entries, the newest of 2026-11-30"),
        (ATOM, "feed", 1, "1 entry, the newest of 2026-11-29"),
        (SITEMAP, "sitemap", 1, "names 1 address"),
        (
            SITEMAP.replace("urlset", "sitemapindex")
            .replace("<url>", "<sitemap>")
            .replace("</url>", "</sitemap>"),
            "sitemap",
            1,
            "1 further sitemap",
        ),
        ("http://a.cn/1\nhttp://a.cn/2\n", "sitemap", 2, "2 addresses"),
    ],
)
def test_what_is_written_for_programs_is_told_by_its_bytes(body, spider, count, word):
    found = machine_proposal(capture(body, content_type="application/octet-stream"), 10**6, ZONE)
    assert found is not None
    assert (found.spider, found.count) == (spider, count)
    assert word in found.why[0]


def test_robots_txt_is_a_sitemap_target_where_it_names_one_and_an_error_where_not():
    url = "http://a.cn/robots.txt"
    named = machine_proposal(capture("Sitemap: http://a.cn/s.xml", url, "text/plain"), 10**6, ZONE)
    assert named is not None
    assert (named.spider, named.url) == ("sitemap", url)
    with pytest.raises(LookError, match="names no sitemap"):
        machine_proposal(capture("User-agent: *", url, "text/plain"), 10**6, ZONE)


@pytest.mark.parametrize(
    "body", [listing(), "<?xml version='1.0'?><!DOCTYPE html><html><body>x</body></html>", "text"]
)
def test_pages_for_people_are_not_taken_for_feeds(body):
    assert machine_proposal(capture(body), 10**6, ZONE) is None


def test_a_feed_with_a_document_type_is_refused():
    body = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><rss><channel/></rss>'
    with pytest.raises(LookError, match="document type"):
        machine_proposal(capture(body), 10**6, ZONE)


def test_an_official_accounts_article_and_its_status_pages_are_told_by_address_and_layout():
    url = "https://mp.weixin.qq.com/s?__biz=a&mid=1&signature=x"
    body = (
        '<html><body><h1 id="activity-name">养老项目</h1><a id="js_name">清浦观察</a>'
        f'<div id="js_content"><p>{LONG}</p></div><script>var ct = "1763600000";</script></body></html>'
    )
    found = wechat_proposal(capture(body, url), ZONE)
    assert found is not None
    assert (found.spider, found.medium, found.title) == ("wechat", "wechat", "清浦观察 养老项目")
    assert any("signature" in doubt for doubt in found.doubts)
    gone = "<div class='weui-msg'><h2 class='weui-msg__title'>该内容已被发布者删除</h2></div>"
    with pytest.raises(LookError, match="deleted: 该内容已被发布者删除"):
        wechat_proposal(capture(gone, url), ZONE)
    assert wechat_proposal(capture(listing()), ZONE) is None


def test_an_official_accounts_history_is_a_list_of_articles():
    messages = [
        {
            "comm_msg_info": {"datetime": 1500872686},
            "app_msg_ext_info": {"title": f"第{n}篇", "content_url": f"/s?timestamp={n}&amp;src=3"},
        }
        for n in range(4)
    ]
    listed = json.dumps({"list": messages})
    body = f"<html><body><script>var msgList = {listed};</script></body></html>"
    found = wechat_proposal(capture(body), ZONE)
    assert found is not None
    assert (found.count, found.samples[0].text) == (4, "第0篇")


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [(1, "link", "1 link"), (2, "entry", "2 entries"), (0, "address", "0 addresses")],
)
def test_numbers_are_said_with_their_noun(count, noun, said):
    assert many(count, noun) == said


def test_a_short_text_with_a_few_links_beside_it_is_an_article():
    found = proposal_of(article(paragraphs=2, related=3))
    assert found.spider == "article"


def test_the_demo_towns_lists_are_listings_and_its_articles_articles():
    bases = {name: f"http://{name}.example.cn" for name in SITES}
    answers = render_day(Day(load_town(), 1, date(2026, 11, 30), bases))
    pages = load_town().pages
    wrong = []
    for site in ("news", "market", "life", "old"):
        lists = {path for path in answers[site] if "/index" in path and "house" not in path}
        items = {page.path for page in pages if page.site == site} & set(answers[site])
        for path in lists | items:
            url = bases[site] + path
            got = Capture(
                url, url, 200, (), datetime(2026, 11, 30, tzinfo=UTC), answers[site][path].body
            )
            text = decode(got.body, None).text
            found = page_proposal(got, measure_page(text, url), ZONE).spider
            if found != ("listing" if path in lists else "article"):
                wrong.append(f"{url}: {found}")
    assert wrong == []
