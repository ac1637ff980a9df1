import pytest

from spiders.paging import next_page

_BASE = "http://town.example/list?p=2"
_NEXT = "http://town.example/list?p=3"


@pytest.mark.parametrize(
    "html",
    [
        '<head><link rel="next" href="?p=3"></head>',
        '<a href="?p=1">上一页</a><a rel="nofollow next" href="?p=3">x</a>',
        '<a href="?p=1">上一页</a> <a href="?p=3">下一页</a> <a href="?p=9">末页</a>',
        '<a href="?p=3">下一页 &gt;</a>',
        '<a href="?p=3">[下页]</a>',
        '<a href="?p=3">后一页»</a>',
        '<a href="?p=3">下一頁</a>',
        '<a href="?p=3">Next ›</a>',
        '<div class="page"><a href="?p=1">&lt;</a><b>2</b><a href="?p=3">&gt;</a></div>',
        '<a class="nxt" href="?p=3"><i></i></a>',
        '<a title="下一页" href="?p=3"><img src="r.gif"></a>',
        '<p><a href="?p=1">1</a> <strong>2</strong> <a href="?p=3">3</a> <a href="?p=4">4</a></p>',
        '<ul><li class="on"><a href="?p=2">2</a></li><li><a href="?p=3">3</a></li></ul>',
        '<div><a href="?p=1">1</a><a class="cur" href="#">2</a><a href="?p=3">3</a></div>',
        '<div class="pg"><a href="?p=1">1</a><span>2</span><a href="?p=3">[3]</a></div>',
    ],
)
def test_the_next_page_is_found(html):
    assert next_page(html, _BASE) == _NEXT


@pytest.mark.parametrize(
    "html",
    [
        "",
        '<a href="?p=1">上一页</a><span>下一页</span>',
        '<a class="next disabled" href="?p=3">下一页</a>',
        '<a href="javascript:go(3)">下一页</a>',
        '<a href="?p=2">下一页</a>',
        '<a href="http://other.example/?p=3">下一页</a>',
        '<div class="slider"><a class="next" href="/photo/7">›</a></div>',
        '<a href="/n/1.html">下一页面改版公告说明</a>',
        '<p><a href="?p=1">1</a> <b>2</b></p>',
    ],
)
def test_a_list_that_ends_has_no_next_page(html):
    assert next_page(html, _BASE) is None


def test_a_word_outweighs_a_sign():
    html = '<a href="/top">›</a><a href="?p=3">下一页</a>'
    assert next_page(html, _BASE) == _NEXT


def test_the_first_page_has_no_number_of_its_own():
    html = '<div><a href="list_2.html">2</a><a href="list_3.html">3</a></div>'
    assert next_page(html, "http://town.example/list.html") == "http://town.example/list_2.html"
    html = "<div><em>1</em><a href='list_2.html'>2</a><a href='list_3.html'>3</a></div>"
    assert next_page(html, "http://town.example/list.html") == "http://town.example/list_2.html"


def test_a_pager_that_a_script_draws_is_read():
    html = '<script>createPageHTML(5, 0, "index", "html");</script>'
    assert next_page(html, "http://gov.example/a/index.html") == "http://gov.example/a/index_1.html"
    html = '<script>createPageHTML(5, 4, "index", "html");</script>'
    assert next_page(html, "http://gov.example/a/index_4.html") is None


def test_a_selector_decides_alone():
    html = '<a href="?p=9">下一页</a><div class="more"><a href="?p=3">加载</a></div>'
    assert next_page(html, _BASE, ".more") == _NEXT
    assert next_page(html, _BASE, ".more a") == _NEXT
    assert next_page(html, _BASE, ".none") is None
