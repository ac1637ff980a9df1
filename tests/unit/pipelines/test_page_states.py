"""Pages in the place of content are recorded as a state; content with such words stays content."""

import pytest

from core.records import PageState

NOTICES = {
    "您访问的页面不存在": PageState.UNAVAILABLE,
    "该主题已被管理员删除": PageState.DELETED,
    "请先登录后再查看本帖": PageState.LOGIN,
    "您的操作过于频繁，请输入验证码": PageState.CAPTCHA,
    "当前环境异常，完成验证后即可继续访问": PageState.CAPTCHA,
    "请按住滑块，拖动到最右边": PageState.CAPTCHA,
    "请输入图片中的验证码": PageState.CAPTCHA,
    "您的访问过于频繁，请稍后再试": PageState.CAPTCHA,
    "链接已过期": PageState.EXPIRED,
    "该内容正在审核中，请稍后再来": PageState.MODERATED,
    "此文章仅作者可见": PageState.PRIVATE,
    "该账号因违规已被封禁": PageState.VIOLATION,
    "Please sign in to continue": PageState.LOGIN,
    "Checking your browser before accessing the site": PageState.CAPTCHA,
}


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_is_a_state_and_leaves_no_content(pages, notice):
    page = pages.read(
        f"<html><head><title>清浦网</title></head><body><div><a href='/'>首页</a></div>"
        f"<div class='tip'><h2>提示</h2><p>{notice}</p></div><div>清浦网</div></body></html>"
    )
    assert page.state is NOTICES[notice]
    assert (page.title, page.text, page.segments, page.links) == ("", "", (), ())
    assert notice in page.state_message


@pytest.mark.parametrize("notice", NOTICES)
def test_an_article_that_has_a_notice_on_it_stays_an_article(pages, notice):
    page = pages.read(pages.article("清浦要闻", pages.calm, beside=f"<div>{notice}</div>"))
    assert page.state is PageState.OK
    assert page.text == "\n".join(pages.calm)


@pytest.mark.parametrize("notice", ["请登录官网 www.qingpu.example 咨询", "链接已失效请加微信"])
def test_an_offer_does_not_hide_behind_a_notice(pages, notice):
    page = pages.read(
        f"<html><head><title>合伙人</title></head><body><p>{pages.offer}，{notice}</p></body></html>"
    )
    assert page.state is PageState.OK
    assert pages.offer in page.text


WECHAT_NOTICES = {
    "该内容已被发布者删除": PageState.DELETED,
    "The content has been deleted by the author.": PageState.DELETED,
    "此内容因违规无法查看": PageState.VIOLATION,
    "该内容暂时无法查看": PageState.UNAVAILABLE,
    "链接已过期": PageState.EXPIRED,
    "环境异常": PageState.CAPTCHA,
    "此帐号已被屏蔽, 内容无法查看": PageState.VIOLATION,
    "内容审核中": PageState.MODERATED,
}


@pytest.mark.parametrize("notice", WECHAT_NOTICES)
@pytest.mark.parametrize(
    "markup",
    [
        '<div class="weui-msg"><h2 class="weui-msg__title">{}</h2></div><i>赞</i><i>在看</i><i>分享</i>',
        "<p>{}</p>",
    ],
)
def test_a_wechat_notice_is_a_state(pages, notice, markup):
    html = f"<html><head><title></title></head><body>{markup.format(notice)}</body></html>"
    page = pages.read(html, kind="wechat")
    assert page.state is WECHAT_NOTICES[notice]
    assert (page.text, page.segments) == ("", ())


def test_a_wechat_shell_without_an_article_is_private(pages):
    html = "<html><body><div id='app'></div><script>var appmsg = {}; var msg_title='';</script></body></html>"
    assert pages.read(html, kind="wechat").state is PageState.PRIVATE
