"""The traps of context: the same words promise in an advert and mean nothing in a warning."""

import pytest

from classifiers.engine import assess_text
from classifiers.rulebook import load_rulebook
from core.records import Level, Stance

BOOK = load_rulebook()
OFFER = "交三万元入会,每月补贴三百六十元,满两年三万元如数退还"


def _flagged(text: str) -> bool:
    return assess_text(text, BOOK).level >= Level.MEDIUM


def test_an_asserted_offer_is_flagged():
    assert _flagged(OFFER + "。想参加的加微信 abc_8812。")


@pytest.mark.parametrize(
    "text",
    [
        f"谨防“{OFFER}”之类的骗局,请勿转账,如遇可疑情况请拨打96110。",
        f"凡是对您说“{OFFER}”的,都是骗子,千万别信。",
        f"警方提示:所谓“{OFFER}”是典型的非法集资话术。",
    ],
)
def test_a_warned_offer_scores_nothing_and_says_why(text):
    assessment = assess_text(text, BOOK)
    assert assessment.score == 0
    assert assessment.hits
    assert all(hit.silenced_by for hit in assessment.hits if hit.pattern != "signal")


@pytest.mark.parametrize(
    "text",
    [
        "警方通报:被告人宋某以“交五万占床位,每月补贴四百,三年全额退还”为名吸收公众存款,被判处有期徒刑四年,并处罚金。",
        "本报讯 记者调查发现,该公司承诺“投一万元,一年返一万三”,目前已人去楼空,多名老人报案。",
        "求助:我妈被人拉去听课,说存五万每月领八百,五年本金全退,已经交了两万,怎么要回来?",
        "小说《河埠头》第三章:掌柜的喊道:“投一百块大洋,年底拿回一百五!”满院子的人都笑了。",
        "第二十五条 招商等有投资回报预期的广告,不得明示或者暗示保本、无风险或者保收益。",
        f"管理人答复说，当初“{OFFER}”的合同只能作为普通债权，请各位在月底前申报债权，带上付款凭证。",
        f"{OFFER}，当时说得好好的。如今合作社到期不予兑付，理事长人不见了，恳请领导派人查清资金去向。",
        "普法课堂:什么是非法集资?如果有人说“存三万,每月返三百,到期还本”,请识别其常见套路。",
    ],
)
def test_reports_courts_laws_lessons_victims_and_novels_are_not_flagged(text):
    assert not _flagged(text)


@pytest.mark.parametrize(
    "text",
    [
        "某某银行三年期大额存单,年利率1.9%,二十万元起存,受存款保险保障,五十万元以内全额偿付。",
        "本理财产品为R2中低风险,业绩比较基准2.3%-2.8%,业绩比较基准不代表未来收益,理财非存款,产品有风险,投资须谨慎。",
        "分红型寿险:保证利益以合同载明的现金价值为准,红利分配是不确定的。",
        "招聘门店销售,底薪8000元,提成无上限,五险一金,入职不收任何费用。",
        "新赛季福利:充100元返100钻石,钻石不可提现不可转让。",
        "慈善会公开募捐,备案编号可查,捐赠不产生任何回报,收支每季度公示。",
        "店庆充值,充500元送80元,余额可退,仅限本店使用。",
        "临街商铺出租,月租6500元,押二付三,房东直租。",
        "颐养院月费3200元起,押金5000元,离院退还,欢迎参观。",
        "本基金业绩比较基准不构成收益承诺,基金有风险,投资需谨慎。",
    ],
)
def test_ordinary_commerce_and_licensed_products_are_not_flagged(text):
    assert not _flagged(text)


@pytest.mark.parametrize(
    "text",
    [
        "【防骗提醒】市面上假冒的养殖平台太多,大家别上当!真正正规的只有我们云岭牧场,一头牛一万二,一年返一万五千六,牛死了公司赔。认准官方微信 yunling_001。",
        "本平台不做资金盘,不承诺收益!但是投一千元每天返一百二十元,返满十五天,推荐好友再奖10%,加微信 qq_5566 上车。",
        "某某平台已经跑路了,别再被坑!快来我们这里,存一万元每月给三百,本金随时退还,想来的加我微信 dahai_77。",
    ],
)
def test_a_warning_that_ends_in_an_own_offer_is_promotion(text):
    assessment = assess_text(text, BOOK)
    assert assessment.level >= Level.MEDIUM
    assert assessment.stance is Stance.PROMOTION


def test_a_warning_governs_its_own_sentence_only():
    text = "出门请小心路滑。" + OFFER + "。名额有限,想参加的私聊。"
    assert _flagged(text)


def test_a_disclaimer_far_away_does_not_acquit():
    text = (
        OFFER + "。想参加的加微信 abc_8812,名额有限,先到先得。\n本页图片均来自网络。\n投资有风险。"
    )
    assert _flagged(text)
