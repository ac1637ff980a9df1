"""What of an answer becomes evidence."""

from scrapy.http import HtmlResponse

from spiders.observe import LEFT_OUT, MAX_HEADER_CHARS, capture_of


def test_a_flood_of_header_lines_is_cut_and_says_so():
    cookies = [f"c{at}={'x' * 1_000}" for at in range(100)]
    headers = {"Set-Cookie": cookies, "Content-Type": "text/html; charset=gbk"}
    kept = capture_of(HtmlResponse("http://a.example/", headers=headers)).headers
    assert sum(len(name) + len(value) for name, value in kept) < MAX_HEADER_CHARS + 100
    assert ("Content-Type", "text/html; charset=gbk") in kept
    cookies_kept = sum(name == "Set-Cookie" for name, _ in kept)
    assert kept[-1] == (LEFT_OUT, str(len(cookies) - cookies_kept))


def test_ordinary_header_lines_are_all_kept_each_by_itself():
    headers = {"Set-Cookie": ["a=1", "b=2"], "Server": "nginx"}
    kept = capture_of(HtmlResponse("http://a.example/", headers=headers)).headers
    assert sorted(kept) == [("Server", "nginx"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
