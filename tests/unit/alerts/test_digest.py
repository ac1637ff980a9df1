"""What a digest shows, in which order, and what its first line says."""

import pytest

from alerts.digest import heading
from core.ledger import FindingState, Health
from core.records import Level, Origin


def test_the_subject_says_new_high_backlog_and_failing_targets(of):
    digest = of.digest(
        [of.finding(1), of.finding(2, text="另一则：投十万每月返八千，保证回本。", quotes=("保证回本",),
                                   level=Level.MEDIUM)],
        backlog=9,
        health=(of.health(), of.health("forum", Health.FAILED), of.health("old", Health.BLOCKED)),
    )  # fmt: skip
    assert digest.subject == "【监测日报】11-22 新增疑似 2（高危 1）待办 9 · 站点异常 2"
    assert digest.ok_targets == 1
    assert [row.target_id for row in digest.troubles] == ["forum", "old"]


def test_the_worst_stand_first_and_of_equals_the_one_in_more_places(of):
    texts = [
        "存一万年底返一万五名额有限",
        "充值一千返两千会员专享活动",
        "认购原始股上市翻十倍机会",
        "云矿机每天产币躺着赚钱项目",
    ]
    made = [
        of.finding(1, texts[0], quotes=(texts[0][:4],), level=Level.MEDIUM, score=60.0),
        of.finding(2, texts[1], quotes=(texts[1][:4],), score=90.0),
        of.finding(3, texts[2], quotes=(texts[2][:4],), score=100.0),
        of.finding(4, texts[3], quotes=(texts[3][:4],), score=100.0, place_count=5),
    ]
    assert [item.finding.id for item in of.digest(made).items] == [4, 3, 2, 1]


def test_an_item_shows_rate_as_stated_annualised_and_against_the_reference(of):
    made = of.finding(rates=(of.rate(of.text, "月息两分", 24.0, assumption="按单利×12折算"),))
    line = of.digest([made]).items[0].rates[0]
    assert "“月息两分” → 折算年化 24%" in line
    assert "按单利×12折算" in line
    assert "8.0 倍" in line


def test_a_rate_that_cannot_be_annualised_is_said_without_a_number(of):
    made = of.finding(rates=(of.rate(of.text, "月息两分", None, assumption="周期未说明"),))
    assert of.digest([made]).items[0].rates == ("宣传口径“月息两分”（周期未说明）",)


def test_laws_are_named_once_without_the_codes_of_the_rule_files(of):
    assert of.digest([of.finding()]).items[0].laws == ("《广告法》第二十五条",)


def test_the_articles_of_one_law_stand_together(of):
    said = (
        "《条例》第二条 [R-2 · A]", "《广告法》第二十五条 [AD-25 · A]", "《条例》第十一条 [R-11 · A]",
        "《通知》 [N · B]",
    )  # fmt: skip
    made = of.finding(hits=(of.hit(of.text, "月息两分", law=said),))
    laws = of.digest([made]).items[0].laws
    assert laws == ("《条例》第二条、第十一条", "《广告法》第二十五条", "《通知》")


def test_phone_numbers_are_starred_in_sentence_heading_and_contacts(of):
    made = of.finding(
        quotes=("联系电话 19900001234",), title="加19900001234入股",
        entities=(of.entity(of.text, "phone", "19900001234"),),
    )  # fmt: skip
    item = of.digest([made]).items[0]
    assert item.contacts == ("199****1234",)
    for said in (item.sentence_text, item.heading):
        assert "19900001234" not in said
        assert "199****1234" in said


def test_a_reopened_finding_is_marked_only_in_the_window_it_was_reopened_in(of):
    state = FindingState.REOPENED
    now = of.finding(1, state=state, reopened_at=of.seen)
    assert of.digest([now]).items[0].reopened
    before = of.finding(1, state=state, reopened_at=of.window.start.replace(day=1))
    assert not of.digest([before]).items[0].reopened


def test_an_advert_goes_by_its_own_words_not_by_the_article_around_it(of):
    text = "广告\n稳盈小金库今日开放\n年化13.5%保本，名额有限"
    made = of.finding(
        text=text, quotes=("年化13.5%保本",), title="社区运动会举行", source=Origin.AD
    )
    assert heading(made) == "稳盈小金库今日开放"
    assert of.digest([made]).items[0].found_beside == "社区运动会举行"


def test_a_list_of_links_goes_by_the_link_that_gave_the_reasons(of):
    text = "相关阅读\n春耕备耕正当时\n老酒认购三年后公司加价回购"
    made = of.finding(text=text, quotes=("公司加价回购",), title="菜场搬迁", source=Origin.LINK)
    assert heading(made) == "老酒认购三年后公司加价回购"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_day_without_findings_still_makes_a_digest(of, language):
    digest = of.digest([], language=language)
    assert digest.items == ()
    assert digest.finding_ids == ()
    assert "0" in digest.subject


def test_the_most_frequent_kinds_are_counted(of):
    texts = [
        "甲项目存钱返利名额有限快来",
        "乙平台充值赠送会员专享活动",
        "丙公司内部认购限时开放登记",
    ]
    made = [of.finding(n, text, quotes=(text[:4],)) for n, text in enumerate(texts, 1)]
    made[2] = of.replace(made[2], patterns=("unregistered_equity",))
    assert [count for _, count in of.digest(made).kinds] == [2, 1]
