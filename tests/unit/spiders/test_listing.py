def _items(*numbers):
    return "".join(
        f"<li><a href='/item/{n}.html'>本地生活信息发布第{n}条内容</a> 2026-11-0{n % 9 + 1}</li>"
        for n in numbers
    )


def _list(site, path, numbers, following=""):
    pager = f"<a href='{following}'>下一页</a>" if following else ""
    nav = "<div class=nav><a href='/about'>关于</a><a href='/login'>登录</a></div>"
    return site.page(path, f"{nav}<ul class=list>{_items(*numbers)}</ul><div>{pager}</div>")


def _serve_items(site, *numbers):
    for number in numbers:
        site.page(f"/item/{number}.html", f"<h1>内容{number}</h1>")


def test_items_of_all_list_pages_are_observed_with_where_they_were_named(site, crawl):
    first = _list(site, "/list", range(1, 6), "/list?p=2")
    second = _list(site, "/list?p=2", range(5, 10), "/list")
    _serve_items(site, *range(1, 10))

    result = crawl("listing", first)

    assert result.paths == [f"item/{n}.html" for n in range(1, 10)]
    assert result.stats["adwatch/list_pages"] == 2
    assert sorted(site.asked) == sorted(set(site.asked))
    last = next(item for item in result.items if item["url"].endswith("/9.html"))
    assert (last["parent"], last["title"]) == (second, "本地生活信息发布第9条内容")
    assert result.drops == {}


def test_a_pager_is_followed_as_far_as_allowed(site, crawl):
    for number in range(1, 7):
        path = "/list" if number == 1 else f"/list?p={number}"
        _list(site, path, range(number * 10, number * 10 + 4), f"/list?p={number + 1}")
        _serve_items(site, *range(number * 10, number * 10 + 4))

    result = crawl("listing", site.url + "/list", next={"pages": 3})

    assert result.stats["adwatch/list_pages"] == 3
    assert len(result.items) == 12


def test_selectors_and_patterns_choose_the_links(site, crawl):
    start = site.page(
        "/list",
        "<div class=box><a href='/a/1'>一</a><a href='/b/2'>二</a><a href='/a/3?x'>三</a></div>"
        "<a href='/a/4'>四</a><div class=more><a href='/list2'>更多</a></div>",
    )
    site.page("/list2", "<div class=box><a href='/a/5'>五</a></div>")
    for path in ("/a/1", "/b/2", "/a/3?x", "/a/4", "/a/5"):
        site.page(path, "<p>内容</p>")

    by_both = crawl(
        "listing",
        start,
        links={"css": ".box", "allow": "/a/", "deny": r"\?"},
        next={"css": ".more"},
    )
    by_pattern = crawl("listing", start, links={"allow": r"/a/\d"}, next={"pages": 1})

    assert by_both.paths == ["a/1", "a/5"]
    assert by_pattern.paths == ["a/1", "a/3?x", "a/4"]


def test_links_to_other_sites_are_counted_not_followed(site, crawl):
    other = site.url.replace("127.0.0.1", "localhost")
    start = site.page("/list", f"<p><a href='{other}/x'>外</a><a href='/in'>内</a></p>")
    site.page("/in", "<p>内</p>")
    site.page("/x", "<p>外</p>")

    stayed = crawl("listing", start, links={"css": "p a"})
    allowed = crawl("listing", start, links={"css": "p a", "allow": f"{other}/|/in"})

    assert (stayed.paths, stayed.drops) == (["in"], {"offsite": 1})
    assert allowed.paths == ["in", "x"]


def test_a_start_address_that_moved_takes_its_site_along(site, crawl):
    _list(site, "/list", range(1, 4))
    _serve_items(site, 1, 2, 3)
    site.page("/old", status=301, headers={"Location": site.url + "/list"})
    moved = site.url.replace("127.0.0.1", "localhost") + "/old"

    result = crawl("listing", moved)

    assert result.paths == ["item/1.html", "item/2.html", "item/3.html"]


def test_depth_zero_follows_nothing(site, crawl):
    start = _list(site, "/list", range(1, 6))
    result = crawl("listing", start, limits={"depth": 0})
    assert result.items == []
    assert result.drops == {"depth": 5}


def test_lists_that_yield_nothing_are_counted(site, crawl):
    urls = [
        site.page("/bare", "<p>维护中</p>"),
        site.page("/empty", ""),
        site.page("/image", b"\x89PNG\r\n", content_type="image/png"),
        site.page("/gone", status=410),
        site.page("/wall", "<p>您的访问过于频繁，请输入验证码</p>"),
        site.page("/door", "<p>请先登录</p>"),
    ]

    result = crawl("listing", *urls)

    assert result.drops == {
        "list_without_items": 1,
        "list_empty": 1,
        "list_not_html": 1,
        "http_410": 1,
        "captcha": 1,
        "login": 1,
    }


def test_the_page_limit_counts_what_is_left_out(site, crawl):
    start = _list(site, "/list", range(1, 9))
    _serve_items(site, *range(1, 9))

    result = crawl("listing", start, limits={"pages": 4, "concurrency": 1})

    assert len(result.items) == 3
    assert result.drops == {"page_limit": 5}


def test_a_gbk_list_gives_readable_titles(site, crawl):
    html = f"<meta charset=gb2312><ul>{_items(1, 2, 3, 4)}</ul>"
    start = site.page("/list", html.encode("gbk"), content_type="text/html")
    _serve_items(site, 1, 2, 3, 4)

    result = crawl("listing", start)

    assert {item["title"] for item in result.items} == {
        f"本地生活信息发布第{n}条内容" for n in (1, 2, 3, 4)
    }


def test_a_huge_hostile_list_ends(site, crawl):
    links = "".join(f"<a href='/{n}.html'>很长的标题文字内容{n}</a>" for n in range(150_000))
    start = site.page("/list", "<div>" * 100_000 + links)

    result = crawl("listing", start, limits={"pages": 3})

    assert result.stats["finish_reason"] == "finished"
    assert result.stats["adwatch/drop/page_limit"] > 1_000


def test_many_items_wait_as_records_not_as_requests(site, crawl):
    start = site.page(
        "/list", "".join(f"<p><a href='/i/{n}'>条目名称{n}</a></p>" for n in range(300))
    )
    for number in range(300):
        site.page(f"/i/{number}", "<p>x</p>")

    result = crawl("listing", start, links={"css": "p"}, next={"pages": 1})

    assert len(result.items) == 300
    assert result.stats["scheduler/enqueued"] == 301
