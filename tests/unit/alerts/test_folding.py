"""What is shown under another finding."""

from alerts.folding import fold_alike, is_pointer
from core.records import Origin

ADVERT = "本公司面向社会招募粮油合伙人，一万元起投，月息两分，到期还本付息，名额有限先到先得。"


def folded(findings):
    return {finding.id: ids for finding, ids in fold_alike(findings)}


def test_a_text_that_differs_in_its_contacts_only_is_folded(of):
    one = of.finding(1, f"{ADVERT}加微信 abc_001", quotes=("月息两分",))
    two = of.finding(2, f"{ADVERT}加微信 xyz_999，电话 19900002222", quotes=("月息两分",))
    assert folded([one, two]) == {1: (2,)}


def test_an_advert_that_stands_inside_an_article_is_folded(of):
    article = "今日要闻。市图书馆新馆开放，读者可凭证借阅。" + ADVERT + "天气转凉请注意添衣。"
    found = folded([of.finding(1, article, quotes=("月息两分",)),
                    of.finding(2, ADVERT, quotes=("月息两分",))])  # fmt: skip
    assert found == {1: (2,)}


def test_different_texts_stay_apart_and_in_order(of):
    other = "云矿机租一台每天产币折合人民币六十六元，合约一百天，收益归您，提币随时到账。"
    found = fold_alike([of.finding(5, ADVERT, quotes=("月息两分",)),
                        of.finding(3, other, quotes=("每天产币",))])  # fmt: skip
    assert [(finding.id, ids) for finding, ids in found] == [(5, ()), (3, ())]


def test_short_texts_are_never_folded(of):
    found = folded([of.finding(1, "保本理财", quotes=("保本理财",)),
                    of.finding(2, "保本理财", quotes=("保本理财",))])  # fmt: skip
    assert found == {1: (), 2: ()}


def test_links_to_what_is_shown_anyway_are_folded_even_where_they_rank_higher(of):
    links = "相关阅读\n旧城改造完工\n诚招粮油合伙人月息两分到期还本\n雨天出行提示"
    page = "诚招粮油合伙人月息两分到期还本\n" + ADVERT
    pointer = of.finding(1, links, quotes=("月息两分",), source=Origin.LINK, score=100.0)
    assert is_pointer(pointer)
    assert folded([pointer, of.finding(2, page, quotes=("月息两分",))]) == {2: (1,)}


def test_a_link_to_what_nobody_has_seen_stays(of):
    links = "友情推荐\n稳赚不赔的原始股认购通道开启"
    pointer = of.finding(1, links, quotes=("稳赚不赔",), source=Origin.LINK)
    assert folded([pointer, of.finding(2, ADVERT, quotes=("月息两分",))]) == {1: (), 2: ()}
