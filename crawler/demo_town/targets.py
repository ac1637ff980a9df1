"""The targets that watch the town, as an operator would write them."""

from collections.abc import Mapping
from typing import Any

from crawler.demo_town.content import load_town
from crawler.demo_town.render import BROKEN_LIST

_LIMITS = {"pages": 100, "depth": 2, "delay_s": 0.0, "concurrency": 4, "timeout_s": 20.0}
_REGION = "云汀县"


def town_targets(bases: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """One definition a target, in the form of core/target.Target."""
    pages = load_town().pages
    articles = [bases["mp"] + page.path for page in pages if page.site == "mp"]
    screens = [bases["app"] + page.path for page in pages if page.site == "app"]
    return (
        _target("demo_news", "云汀新闻网", "listing", [f"{bases['news']}/news/index.html"],
                expect={"min_pages": 5, "fill": {"title": 0.9, "text": 0.9}}),
        _target("demo_market", "云汀便民信息（招商合作）", "listing",
                [f"{bases['market']}/info/index.html"],
                links={"css": "a.post-title"}, next={"css": "a.next", "pages": 5},
                expect={"min_pages": 5}),
        _target("demo_wechat", "云汀公众号文章", "wechat", articles, medium="wechat",
                expect={"min_pages": 5}),
        _target("demo_feed", "清浦观察（订阅源）", "feed",
                [f"{bases['column']}/rss.xml", f"{bases['column']}/atom.xml"]),
        _target("demo_sitemap", "云汀生活服务（网站地图）", "sitemap",
                [f"{bases['service']}/sitemap.xml"]),
        _target("demo_gbk", "清浦老友网（GBK）", "listing", [f"{bases['old']}/old/index.htm"]),
        _target("demo_app", "云汀掌上通（浏览器渲染）", "article", screens, browser=True),
        _target("demo_ads", "云汀慢生活（文章旁广告位）", "listing",
                [f"{bases['life']}/life/index.html"]),
        _target("demo_empty", "云汀便民信息（房屋租售）", "listing",
                [bases["market"] + BROKEN_LIST], links={"css": "a.post-title"}),
    )  # fmt: skip


def _target(
    target_id: str, title: str, spider: str, start_urls: list[str], *,
    medium: str = "web", **more: Any,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": target_id,
        "title": title,
        "spider": spider,
        "start_urls": start_urls,
        **more,
        "every": "6h",
        "limits": dict(_LIMITS),
        "labels": {"region": _REGION, "medium": medium},
    }
