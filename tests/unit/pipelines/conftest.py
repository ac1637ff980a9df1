"""Pages of our own, read as the pipeline reads them."""

from datetime import UTC, datetime

import pytest

from core.records import Capture, Hints, Page
from pipelines.read_page import read_page

CAPTURED_AT = datetime(2026, 11, 24, 4, tzinfo=UTC)
CALM = (
    "清浦县城今年完成了三条街道的改造，路面平整，路灯也换成了新的，沿街商铺的招牌统一做了清洗。",
    "街道办的工作人员介绍，改造期间设置了临时通道，方便居民出行，施工单位每天傍晚清理现场。",
    "附近的居民说，下雨天再也不用绕路，孩子上学也安全多了，大家希望后面的小巷也能一起修好。",
)
COURT = (
    "清浦县人民法院日前公开宣判一起非法吸收公众存款案，被告人张某以投资公寓为名，承诺月息二分、保本付息，吸收资金三千余万元。",
    "法院审理后认为，被告人的行为已构成非法吸收公众存款罪，判处有期徒刑七年，并处罚金三十万元，责令退赔集资参与人的损失。",
    "法官提醒，凡是承诺高额回报的投资都要谨慎，发现线索请及时向公安机关举报。",
)
OFFER = "一万元起投，月息两分，保本保息，本金绝对安全，推荐亲友另奖百分之五，加微信 qingpu_8866"


def read(html: str | bytes, *, kind: str = "article", url: str = "http://www.example.cn/a") -> Page:
    body = html if isinstance(html, bytes) else html.encode()
    headers = (("Content-Type", "text/html"),)
    return read_page(Capture(url, url, 200, headers, CAPTURED_AT, body), kind, Hints())


def article(title: str, paragraphs: tuple[str, ...], *, inside: str = "", beside: str = "",
            head: str = "") -> str:  # fmt: skip
    """An article page with markup in its body, and beside it."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}_清浦网</title>{head}</head>"
        f'<body><div class="nav"><a href="/">首页</a> <a href="/about">关于</a></div>'
        f'<div class="main"><h1>{title}</h1><div class="info">2026-11-20 10:12</div>'
        f'<div class="content">{body}{inside}</div></div>{beside}'
        f'<div class="footer">清浦网 版权所有</div></body></html>'
    )


@pytest.fixture(scope="session")
def pages():
    """The builder, the reader, and texts: calm, court, offer."""

    class Pages:
        read = staticmethod(read)
        article = staticmethod(article)
        calm, court, offer = CALM, COURT, OFFER

    return Pages
