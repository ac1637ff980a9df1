"""The traps of context, each from both sides: the words that promise, and who says them to whom."""

import pytest

from classifiers.engine import assess_segments, assess_text
from classifiers.rulebook import load_rulebook
from classifiers.score import level_of
from core.records import Level, Origin, Segment, Stance

BOOK = load_rulebook()
SLOGAN = "投三万元,每月返九百,一年后三万元一分不少退还"


def _level(text: str, medium: str = "web") -> Level:
    return assess_text(text, BOOK, medium).level


def test_a_lesson_that_ends_in_the_teachers_own_contact_and_offer_is_promotion():
    text = (
        "三步识破稳赚骗局,别再被人坑了!真正正规的只有我们青禾农场,投一头羊两千元,"
        "半年返两千四百元,评论区领避坑资料,加微信 qinghe_0001 上车。"
    )
    assessment = assess_text(text, BOOK)
    assert assessment.level >= Level.MEDIUM
    assert assessment.stance is Stance.PROMOTION


def test_the_same_lesson_without_an_own_offer_is_none():
    text = f"三步识破骗局:凡是对您说“{SLOGAN}”的,都是骗子,千万别信,请拨打96110。"
    assert _level(text) is Level.NONE


def test_a_court_report_is_let_off_and_the_advert_beside_it_is_not():
    report = "被告人周某以高息为诱饵吸收公众存款,法院判处有期徒刑五年,并处罚金。"
    advert = f"{SLOGAN}。名额有限,想参加的加微信 abc_8812。"
    segments = (Segment(Origin.BODY, report), Segment(Origin.AD, advert, block=1))
    article, beside = assess_segments(segments, BOOK).blocks
    assert article.level is Level.NONE
    assert beside.level >= Level.MEDIUM


def test_a_script_quoted_by_the_police_scores_nothing():
    text = f"警方通报:“{SLOGAN}”是典型话术,该团伙已被立案侦查,请受害群众报案。"
    assert assess_text(text, BOOK).score == 0


def test_a_bank_deposit_with_its_insurance_is_none():
    text = (
        "某某农商银行三年期定期存款,年利率1.55%,五十元起存,本外币存款依照存款保险条例"
        "在五十万元以内全额偿付,请到各营业网点办理。"
    )
    assert _level(text) < Level.MEDIUM


def test_an_insurance_leaflet_is_none_and_a_dividend_sold_as_sure_gain_is_not():
    leaflet = (
        "本产品为分红型保险产品,红利水平不确定,保证利益以保险条款和现金价值表为准,"
        "犹豫期十五日,犹豫期后退保会有损失。"
    )
    sold = (
        "旧保单帮您全额退保,退出的钱转入我司增值计划,稳赚不赔,年息11%,名额不多,加微信 baodan_01。"
    )
    assert _level(leaflet) is Level.NONE
    assert _level(sold) >= Level.MEDIUM


def test_a_job_advert_is_none():
    text = "招聘门店导购三名,底薪8000元加提成,上不封顶,五险一金,包吃住,请投简历。"
    assert _level(text) is Level.NONE


def test_a_game_refund_that_cannot_be_withdrawn_is_none():
    text = "新服开启,充100元返100钻石,钻石仅限游戏内使用,不可提现,不可转让。"
    assert _level(text) is Level.NONE


def test_a_donation_without_return_is_none_and_one_with_a_return_is_not():
    honest = "市慈善总会公开募捐,备案编号可查,捐赠不产生任何回报,收支每季度公示。"
    scheme = "捐善款1200元,二十天后领福报金1560元,带一位善友再奖120元,加微信 fubao_01。"
    assert _level(honest) is Level.NONE
    assert _level(scheme) >= Level.MEDIUM


def test_an_advert_out_of_an_old_archive_is_still_found():
    text = f"发布时间:2016年3月8日。{SLOGAN}。欢迎社会各界人士认购,详情咨询客服热线。"
    assert _level(text) >= Level.MEDIUM


def test_a_denial_does_not_acquit_who_then_offers():
    text = "本平台不做资金盘,不承诺收益!投一千元每天返一百元,返满十五天,加微信 qq_5566 上车。"
    assert _level(text) >= Level.MEDIUM


def test_an_official_slogan_inside_an_advert_does_not_acquit_it():
    text = (
        "守住钱袋子,护好幸福家!颐乐养老会员:交五万元,每月补贴四百元,三年期满五万元全额退还。"
        "名额有限,报名找李经理,加微信 yile_0001。"
    )
    assert _level(text) >= Level.MEDIUM


def test_bad_talk_of_others_does_not_acquit_who_solicits():
    text = (
        "某平台已经跑路了,别再被坑!快来我们这里,存一万元每月给三百,本金随时退还,"
        "想来的加我微信 dahai_77。"
    )
    assert _level(text) >= Level.MEDIUM


@pytest.mark.parametrize(
    "text",
    [
        "如果有人让您交三万元、每月返九百、到期还本,请立刻挂断电话,那是非法集资。",
        "有人说投三万每月返九百,这靠谱吗?我总觉得哪里不对,大家评评理。",
        "本店只卖茶,不代存、不承诺回购、不返利,喜欢您再买。",
        "课堂练习:请判断“投三万,每月返九百,到期还本”是否涉嫌违法,并说明理由。",
        "《第七章》他拍着桌子喊:“投三万,每月返九百,到期还本!”众人哄笑,散了。",
    ],
)
def test_hearsay_questions_denials_lessons_and_tales_are_not_flagged(text):
    assert _level(text) < Level.MEDIUM


def test_a_charter_is_no_statute():
    charter = (
        "本社入股章程 第三条 社员股金一千元起。第四条 一年期年息7%,三年期年息8.4%,"
        "到期连本带息一次结清。第五条 社员介绍社员入社,每人奖五十元。"
    )
    statute = "第十九条 对本行政区域内的下列行为,应当依法调查:(一)以投资入股等名义吸收资金。"
    assert _level(charter) >= Level.MEDIUM
    assert _level(statute) is Level.NONE


@pytest.mark.parametrize("medium", ["chat_group", "message", "meeting"])
def test_a_private_medium_is_judged_by_the_law_on_fund_raising(medium):
    laws = {law for hit in assess_text(SLOGAN, BOOK, medium).hits for law in hit.law}
    assert not any("广告法" in law for law in laws)
    assert any("防范和处置非法集资条例" in law for law in laws)


def test_law_of_unverified_wording_is_never_cited():
    assert all(law.grade in {"A", "B", "C"} for law in BOOK.laws.values())


def test_themes_without_an_offer_do_not_convict_by_themselves():
    text = "养老床位、旅居会员、康养基地,共享按摩椅到期退还押金,加微信 abc_8812。"
    hits = assess_text(text, BOOK).hits
    by_rules = sum(hit.points for hit in hits if hit.rule != "computed-model")
    assert level_of(by_rules) < Level.MEDIUM
