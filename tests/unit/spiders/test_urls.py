import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.urls import canonical_url, host_of, site_of


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("HTTP://WWW.Example.CN:80", "http://www.example.cn/"),
        ("https://example.cn:443/a?", "https://example.cn/a"),
        ("https://example.cn:8443/a", "https://example.cn:8443/a"),
        ("http://example.cn/a/./b/../c#part", "http://example.cn/a/c"),
        ("http://example.cn/../../a", "http://example.cn/a"),
        ("http://example.cn/%7euser/%e4%b8%ad", "http://example.cn/~user/%E4%B8%AD"),
        ("http://example.cn/%2e%2e/a", "http://example.cn/a"),
        ("http://example.cn/中 ".strip(), "http://example.cn/%E4%B8%AD"),
        ("http://中国.example/", "http://xn--fiqs8s.example/"),
        ("http://example.cn./a", "http://example.cn/a"),
        ("http://example.cn/#!/thread/3", "http://example.cn/#!/thread/3"),
        ("  \nhttp://example.cn/a\t", "http://example.cn/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://example.cn/a b.html", "http://example.cn/a%20b.html"),
        ("http://example.cn/100%", "http://example.cn/100%25"),
        ("http://example.cn/a;jsessionid=0A1B?x=1", "http://example.cn/a?x=1"),
    ],
)
def test_an_address_has_one_spelling(raw, wanted):
    assert canonical_url(raw) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("id=7&utm_source=x&spm=a.b.c", "?id=7"),
        ("from=timeline&isappinstalled=0", ""),
        ("from=list3&id=1", "?from=list3&id=1"),
        ("share_token=9&page=2", "?page=2"),
        ("PHPSESSID=abc&tid=4", "?tid=4"),
        ("b=2&a=1", "?b=2&a=1"),
        ("__biz=Mz==&mid=2&idx=1&sn=f&chksm=z&scene=21", "?__biz=Mz==&mid=2&idx=1&sn=f"),
    ],
)
def test_only_parameters_that_name_the_page_are_kept(query, wanted):
    assert canonical_url(f"http://example.cn/s?{query}") == f"http://example.cn/s{wanted}"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://example.cn/a",
        "data:text/html,x",
        "//example.cn/a",
        "/relative",
        "http://",
        "http:///a",
        "http://user:secret@example.cn/",
        "http://example.cn\\@evil.example/",
        "http://exa\nmple.cn/",
        "http://example.cn/a\x00b",
        "http://exa mple.cn/",
        "http://example.cn:99999/",
        "http://example.cn:port/",
        "http://[::1/",
        "http://a..b/",
        "http://example.cn/" + "a" * 2_000,
        "http://example.cn/" + "中" * 500,
    ],
)
def test_what_must_not_be_fetched_has_no_address(raw):
    assert canonical_url(raw) is None


def test_a_relative_address_is_resolved():
    base = "https://example.cn/news/list.html?p=2"
    assert canonical_url("../a.html", base) == "https://example.cn/a.html"
    assert canonical_url("//other.example/b", base) == "https://other.example/b"
    assert canonical_url("?p=3", base) == "https://example.cn/news/list.html?p=3"


def test_hosts_and_sites_are_told_apart():
    assert host_of("https://News.Example.com.cn:8080/a") == "news.example.com.cn"
    assert host_of("http://[::1") == ""
    assert site_of("news.example.com.cn") == "example.com.cn"
    assert site_of("127.0.0.1") == "127.0.0.1"
    assert site_of("town.localhost") == "town.localhost"


_TAIL = st.text(alphabet=string.printable + "中％\u202e%/..;=&#!?@\\", max_size=60)


@given(_TAIL)
def test_a_canonical_address_is_its_own_canonical_address(tail):
    once = canonical_url("http://Example.CN" + tail)
    assert once is None or canonical_url(once) == once


@given(st.text(max_size=80))
def test_any_text_is_answered(text):
    found = canonical_url(text, "http://example.cn/a/b")
    assert found is None or found.startswith(("http://", "https://"))
