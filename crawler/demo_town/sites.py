"""The town's sites: who they are, where they live, how they declare their encoding."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """One web site of the town.

    `header` is the charset of the Content-Type header ("" leaves it out), `declared` that of the
    page's `<meta>`, `charset` what the bytes really are.
    """

    name: str
    title: str
    host: str
    layout: str
    list_path: str = ""
    per_list: int = 20
    charset: str = "utf-8"
    declared: str = "utf-8"
    header: str = "utf-8"
    menu: tuple[str, ...] = ("首页", "本地", "民生", "服务", "关于我们")


SITES: dict[str, Site] = {
    site.name: site
    for site in (
        Site("news", "云汀新闻网", "127.0.0.1", "news", "/news/index.html", 7,
             menu=("首页", "云汀要闻", "乡镇", "法治", "教育", "专题")),
        Site("market", "云汀便民信息", "127.0.0.2", "market", "/info/index.html", 6, header="",
             menu=("首页", "招商合作", "店铺转让", "求职招聘", "房屋租售", "二手")),
        Site("mp", "公众号文章", "127.0.0.3", "wechat"),
        # Many servers say ISO-8859-1 without having been asked.
        Site("column", "清浦观察", "127.0.0.4", "column", header="iso-8859-1",
             menu=("随笔", "读者来信", "街坊", "订阅")),
        Site("service", "云汀生活服务", "127.0.0.5", "service",
             menu=("首页", "金融服务", "楼盘", "乡村", "商户")),
        Site("old", "清浦老友网", "127.0.0.6", "old", "/old/index.htm", 20,
             charset="gb18030", declared="gb2312", header="",
             menu=("首页", "通知", "讲座", "养老", "信箱")),
        Site("app", "云汀掌上通", "127.0.0.7", "app"),
        Site("life", "云汀慢生活", "127.0.0.8", "life", "/life/index.html", 20,
             menu=("首页", "吃喝", "出游", "健身", "家居")),
    )
}  # fmt: skip
