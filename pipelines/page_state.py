"""Pages that are not content: deleted, blocked, expired, captchas, login walls."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from core.records import PageState
from pipelines.layout import LINK, META, TEXT, Layout, Line

# The first that matches speaks; each is a whole notice, not a word that an article may contain.
_NOTICES = tuple(
    (state, re.compile(pattern, re.IGNORECASE))
    for state, pattern in (
        (
            PageState.DELETED,
            (
                r"(?:内容|文章|帖子|主题|信息|页面|视频|资讯|新闻)[^。]{0,6}已(?:经)?(?:被[^。]{0,8})?(?:删除|下架|撤稿|移除)"
                r"|has been (?:deleted|removed) by (?:the )?(?:author|publisher|user)"
            ),
        ),
        (
            PageState.VIOLATION,
            (
                r"因违规(?:无法|不能|已|被)|(?:内容|帐号|账号|公众号|文章|页面)[^。]{0,12}(?:涉嫌违[反规法]|违规|违反)[^。]{0,30}(?:无法|不可|停止|屏蔽|封|查看|访问)"
                r"|(?:帐号|账号|公众号|用户)[^。]{0,6}已?被(?:屏蔽|封禁|封停|冻结|禁言|责令)|violat\w+ .{0,60}(?:unavailable|cannot be viewed|can't be viewed|blocked)"
            ),
        ),
        (
            PageState.EXPIRED,
            r"(?:链接|页面|网址|活动|信息)已(?:经)?(?:过期|失效)|link (?:has )?expired",
        ),
        (
            PageState.MODERATED,
            r"(?:内容|文章|帖子|主题|信息)?(?:正在)?审核中|(?:内容|文章|帖子|主题|信息)[^。]{0,6}(?:等待|待|需要)审核|under review",
        ),
        (
            PageState.CAPTCHA,
            (
                r"环境异常|完成验证后(?:即可|可)?继续|去验证|访问(?:过于|太)频繁|请求(?:过于|太)频繁|操作(?:过于|太)频繁|人机(?:身份)?验证|安全(?:验证|检查)"
                r"|输入[^。，；]{0,8}验证码|验证码[^。]{0,4}(?:校验|验证|错误)|滑块(?:验证|拼图)|(?:拖动|按住|滑动)[^。]{0,8}(?:滑块|拼图|验证)|点击[^。]{0,6}(?:完成|进行)验证"
                r"|(?:请求|访问|行为)[^。]{0,14}(?:被|已)[^。]{0,10}(?:拦截|阻断|防火墙|WAF)|网站防火墙|云防护|verify (?:that )?you are (?:a )?human"
                r"|checking your browser|just a moment|unusual traffic|access denied|enable javascript and cookies"
            ),
        ),
        (
            PageState.LOGIN,
            (
                r"(?:请|需要|需|须)(?:您|你)?(?:先)?(?:登[录陆]|登入)|登[录陆]后(?:才能|才可以?|即?可|方可)?(?:查看|访问|浏览|阅读|继续)|尚未登[录陆]|(?:还|您|你)没有登[录陆]"
                r"|扫码登[录陆]|帐?账?号密码登[录陆]|(?:please )?(?:log|sign) in to"
            ),
        ),
        (
            PageState.PRIVATE,
            (
                r"(?:仅|只对|只有)(?:作者|自己|好友|粉丝|关注者|会员|本人)[^。]{0,6}(?:可见|可以?查看|开放)|私密(?:内容|文章|帖子|日志)|(?:没有|无)(?:权限|权)(?:访问|查看|浏览|阅读)"
                r"|(?:设为|设置为|转为)(?:了)?私密"
            ),
        ),
        (
            PageState.UNAVAILABLE,
            (
                r"(?:内容|页面|文章|网页|服务|网站|帖子)[^。]{0,8}(?:暂时|暂|目前)?(?:无法|不能|不可)(?:查看|访问|显示|使用|打开)|(?:页面|网页|文章|内容|帖子|主题|信息)[^。]{0,10}不存在"
                r"|(?:找不到|没有找到|未找到|无法找到)[^。]{0,8}(?:页面|网页|文件|内容|文章)|404 not found|page not found|系统(?:繁忙|错误|维护)|网站(?:维护|升级|建设)中|参数错误"
                r"|(?:content|page) is (?:currently )?unavailable|bad gateway|service (?:temporarily )?unavailable"
            ),
        ),
    )
)
_TITLE_CALLS = re.compile(
    r"^\W*(?:安全验证|验证码|人机验证|访问验证|滑动验证(?:页面)?|系统提示|提示信息|访问(?:受限|被拒绝|异常)|验证(?:中心|页面)?|403|404|502|503|error|出错了?|just a moment\W*)\W*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[，。；！？]")
_NOTICE_CHARS = 90
_OTHER_CHARS = 120
_OWN_CHARS = 500


@dataclass(frozen=True, slots=True)
class Status:
    """A state other than OK, and the page's own words for it."""

    state: PageState
    message: str


def page_status(tree: LexborHTMLParser, layout: Layout, title: str) -> Status | None:
    """What the page is instead of content; None for content.

    A page is only called a status page where a notice stands on it and next to no other running
    text: an article about captchas is content, and nobody hides an advertisement behind a notice.
    """
    lines = [line for line in layout.lines if line.kind is not META]
    own = sum([len(line.text) - line.link_chars for line in lines if line.kind is TEXT])
    if own > _OWN_CHARS:
        return None
    notices = [(line, status) for line in lines if (status := _notice(line))]
    if not notices:
        return _by_form(tree, lines, title)
    said = {id(line) for line, _ in notices}
    rest = sum(len(line.text) for line in lines if id(line) not in said and _is_running(line))
    if rest > _OTHER_CHARS:
        return None
    states = [state for state, _ in _NOTICES]
    return min((status for _, status in notices), key=lambda status: states.index(status.state))


def notice_status(text: str) -> Status | None:
    """The state that a notice's text declares."""
    for state, pattern in _NOTICES:
        if pattern.search(text):
            return Status(state, " ".join(text.split())[:200])
    return None


def _notice(line: Line) -> Status | None:
    if len(line.text) > _NOTICE_CHARS or line.kind is LINK:
        return None
    return notice_status(line.text)


def _is_running(line: Line) -> bool:
    own = len(line.text) - line.link_chars
    return line.kind is TEXT and own >= 12 and (own > 30 or bool(_SENTENCE.search(line.text)))  # noqa: PLR2004


def _by_form(tree: LexborHTMLParser, lines: list[Line], title: str) -> Status | None:
    """A page that is nothing but a login or captcha form, told by its fields and its title."""
    if sum(len(line.text) for line in lines if _is_running(line)) > _OTHER_CHARS:
        return None
    if tree.css_first("input[type=password]") is not None and len(lines) < 40:  # noqa: PLR2004
        return Status(PageState.LOGIN, title[:200])
    if _TITLE_CALLS.match(title) and len(lines) < 40:  # noqa: PLR2004
        return notice_status(title) or Status(PageState.UNAVAILABLE, title[:200])
    return None
