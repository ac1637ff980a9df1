"""A site's own search, asked for a list of words."""

from urllib.parse import quote


def results(site, word, numbers, encoding="utf-8", more=""):
    rows = "".join(
        f"<li><a href='/item/{n}.html'>关于{word}的第{n}条本地信息</a> 2026-11-02</li>"
        for n in numbers
    )
    path = f"/so?q={quote(word.encode(encoding), safe='')}"
    page = f"<ul class=result>{rows}</ul>{more}" if rows else "<p>没有找到相关内容</p>"
    for n in numbers:
        site.page(f"/item/{n}.html", f"<h1>内容{n}</h1>")
    return site.page(path, page)


def yields(result):
    start = "adwatch/yield/"
    return {k[len(start) :]: v for k, v in result.stats.items() if k.startswith(start)}


def test_each_word_is_asked_in_the_sites_encoding_and_its_yield_counted(site, crawl):
    results(site, "保本 高息", range(100, 106), "gbk")
    results(site, "原始股", range(104, 109), "gbk")
    results(site, "无此词", (), "gbk")

    result = crawl("search", f"{site.url}/so?q={{word}}",
                   search={"words": ["保本 高息", "原始股", "无此词"], "encoding": "gbk"})  # fmt: skip

    assert result.paths == [f"item/{n}.html" for n in range(100, 109)]
    assert yields(result) == {"保本 高息": 6, "原始股": 5, "无此词": 0}
    assert result.drops == {"list_without_items": 1}
    assert "/so?q=%B1%A3%B1%BE%20%B8%DF%CF%A2" in site.asked


def test_one_budget_is_shared_by_turns(site, crawl):
    for at, word in enumerate(("甲词", "乙词", "丙词")):
        results(site, word, range(100 * (at + 1), 100 * (at + 1) + 30))

    result = crawl("search", f"{site.url}/so?q={{word}}", limits={"pages": 12, "concurrency": 1},
                   search={"words": ["甲词", "乙词", "丙词"]})  # fmt: skip

    first_digits = [path.removeprefix("item/")[0] for path in result.paths]
    assert {digit: first_digits.count(digit) for digit in "123"} == {"1": 3, "2": 3, "3": 3}
    assert result.drops == {"page_limit": 81}


def test_results_go_on_and_selectors_choose(site, crawl):
    more = "<div><a class=next href='/so?q=%E7%94%B2&p=2'>下一页</a></div>"
    results(site, "甲", range(100, 105), more=more + "<p><a href='/x'>推荐</a></p>")
    second = "<ul class=result><li><a href='/item/200.html'>第二页的结果信息</a></li></ul>"
    site.page("/so?q=%E7%94%B2&p=2", second)
    site.page("/item/200.html", "<h1>二</h1>")

    result = crawl("search", f"{site.url}/so?q={{word}}", search={"words": ["甲"]},
                   links={"css": ".result a"})  # fmt: skip

    assert yields(result) == {"甲": 6}
    assert len(result.items) == 6


def test_a_site_that_does_not_read_the_word_is_told(site, crawl):
    for word in ("甲", "乙"):
        results(site, word, range(100, 106))
    result = crawl("search", f"{site.url}/so?q={{word}}", search={"words": ["甲", "乙"]})
    assert result.drops == {"search_same_results": 1}
    assert "the same results for" in result.stats["adwatch/said/search_same_results"]


def test_a_word_that_meets_a_captcha_harms_no_other(site, crawl):
    site.page("/so?q=%E7%94%B2", "<div><a href=/a>首页</a><a href=/b>关于</a><a href=/c>联系</a></div>"
              "<p>操作过于频繁，请拖动滑块完成验证</p>")  # fmt: skip
    site.page("/so?q=%E4%B8%99", status=503)
    results(site, "乙", range(100, 106))

    result = crawl("search", f"{site.url}/so?q={{word}}", search={"words": ["甲", "乙", "丙"]})

    assert (len(result.items), result.drops) == (6, {"captcha": 1, "http_503": 1})
    assert yields(result) == {"甲": 0, "乙": 6, "丙": 0}
