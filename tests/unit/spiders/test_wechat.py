import html
import json
from pathlib import Path

import pytest

from spiders.decode import decode
from spiders.wechat_lists import account_articles

_PAGES = Path(__file__).parents[3] / "../shared/data/pages"
_BASE = "http://account.example/profile?src=3"
_ARTICLE = (
    "<html><body><div id='js_article'><h1 id='activity-name'>题</h1><a id='js_name'>某号</a>"
    "<div id='js_content' style='visibility: hidden'>正文</div></div></body></html>"
)


def _message(number, *further):
    def record(index):
        return {
            "title": f"文章{index} A&amp;B",
            "author": "小编",
            "content_url": f"/s?__biz=Mz&amp;mid={index}&amp;idx=1&amp;sn=ab",
        }

    return {
        "comm_msg_info": {"id": number, "datetime": 1_700_000_000 + number},
        "app_msg_ext_info": {
            **record(number),
            "multi_app_msg_item_list": [record(index) for index in further],
        },
    }


def _history(*messages):
    data = json.dumps({"list": messages}, ensure_ascii=False)
    return (
        f"<html><body><script>\n  var msgList = {data};\n  seajs.use('x');</script></body></html>"
    )


def test_all_articles_of_a_history_are_listed_in_order():
    found = account_articles(_history(_message(1, 11, 12), _message(2)), _BASE)

    assert [article.title for article in found] == [f"文章{n} A&B" for n in (1, 11, 12, 2)]
    assert found[0].url == "http://account.example/s?__biz=Mz&mid=1&idx=1&sn=ab"
    assert (found[1].epoch_s, found[1].author) == (1_700_000_001, "小编")


def test_a_history_whose_quotes_are_escaped_is_read():
    page = _history(_message(1))
    data = page[page.index("{") : page.rindex("}") + 1]
    escaped = page.replace(data, f"'{html.escape(data)}'")
    assert [article.title for article in account_articles(escaped, _BASE)] == ["文章1 A&B"]


def test_an_album_is_read():
    item = (
        "<li class='album__list-item' data-link='http://account.example/s/{n}' data-title='集{n}'>"
    )
    page = "<ul>" + "".join(item.replace("{n}", str(n)) for n in range(3)) + "</ul>"
    script = (
        "<script>window.cgiData = { articleList: [ { title: '第 \\x26 四',"
        " create_time: '1700000000', url: 'http://account.example/s/9' }, ], };</script>"
    )

    found = account_articles(page + script, _BASE)

    assert [article.title for article in found] == ["集0", "集1", "集2", "第 & 四"]


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<script>var msgList = {app_msg_ext_info</script>",
        '<script>var msgList = {"list": [1, null, {"app_msg_ext_info": []}]};</script>',
        '<script>var m = {"list": [{"app_msg_ext_info": {"content_url": "data:x"}}]};</script>',
        "<script>var a = " + '[{"app_msg_ext_info":' * 50_000 + "</script>",
    ],
)
def test_a_broken_history_lists_nothing(page):
    assert account_articles(page, _BASE) == ()


def test_a_start_address_is_an_article_or_a_list_of_articles(site, crawl):
    history = site.page("/profile", _history(_message(1, 11), _message(2)))
    article = site.page("/s/abc", _ARTICLE)
    deleted = site.page("/s/gone", "<div class='weui-msg'><p>该内容已被发布者删除</p></div>")
    for number in (1, 11, 2):
        site.page(f"/s?__biz=Mz&mid={number}&idx=1&sn=ab", _ARTICLE)

    result = crawl("wechat", history, article, deleted)

    assert len(result.items) == result.stats["adwatch/items"] == 5
    assert {item["kind"] for item in result.items} == {"wechat"}
    by_url = {item["url"]: item for item in result.items}
    listed = by_url[f"{site.url}/s?__biz=Mz&mid=11&idx=1&sn=ab"]
    assert (listed["title"], listed["author"], listed["parent"]) == ("文章11 A&B", "小编", history)
    assert listed["published_at"] == "2023-11-14T22:13:21+00:00"
    assert by_url[deleted]["parent"] == ""
    assert result.drops == {}


def test_a_start_page_that_is_no_page_is_a_counted_drop(site, crawl):
    urls = [site.page("/empty", ""), site.url + "/gone"]
    assert crawl("wechat", *urls).drops == {"empty": 1, "http_404": 1}


@pytest.mark.shared
@pytest.mark.skipif(not _PAGES.is_dir(), reason="the folder of real pages is absent")
def test_a_real_history_is_listed():
    rows = map(json.loads, (_PAGES / "list_gold.jsonl").read_text("utf-8").splitlines())
    gold = next(row for row in rows if "msgList" in (row.get("where") or ""))
    text = decode((_PAGES / gold["file"]).read_bytes(), None).text
    found = account_articles(text, "http://mp.weixin.qq.com/profile")
    assert [article.title for article in found] == [item["title"] for item in gold["items"]]
