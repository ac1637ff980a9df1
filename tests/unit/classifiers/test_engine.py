import json

import pytest

from classifiers.engine import assess_segments, assess_text, assessment_json
from classifiers.rulebook import load_rulebook
from core.records import Level, Origin, Segment, Stance, join_segments

BOOK = load_rulebook()
ADVERT = (
    "认养一头牛一万二千元,一年返一万五千六百元,牛死了公司赔。名额有限,想参加的加微信 niu_8812。"
)
INNOCENT = "县图书馆周末举办读书会,欢迎市民携带证件参加。"


def _sum(assessment) -> float:
    return round(min(sum(hit.points for hit in assessment.hits), 100))


def test_an_advert_is_flagged_with_its_patterns():
    assessment = assess_text(ADVERT, BOOK)
    assert assessment.level >= Level.MEDIUM
    assert assessment.stance is Stance.PROMOTION
    assert assessment.patterns


def test_an_innocent_text_ends_at_none():
    assessment = assess_text(INNOCENT, BOOK)
    assert assessment.level is Level.NONE
    assert assessment.score == 0


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b", "\ud800", "\x00", "💰" * 3, "a"])
def test_any_text_is_judged(text):
    assert assess_text(text, BOOK).level is Level.NONE


@pytest.mark.parametrize("text", [ADVERT, "谨防骗局。" + ADVERT, ADVERT * 5, INNOCENT])
def test_the_score_is_the_sum_of_the_listed_hits(text):
    assessment = assess_text(text, BOOK)
    assert assessment.score == _sum(assessment)
    assert 0 <= assessment.score <= 100


def test_every_quote_stands_where_it_says():
    text = "保\u200b本\u200b保\u200b息 " + ADVERT + "月息２分,年化壹拾伍个点"
    assessment = assess_text(text, BOOK)
    assert assessment.hits
    for part in (*assessment.hits, *assessment.rates, *assessment.entities):
        assert text[part.start : part.end] == part.quote


def test_a_bad_side_box_does_not_convict_the_article():
    segments = (
        Segment(Origin.TITLE, "县图书馆读书会"),
        Segment(Origin.BODY, INNOCENT),
        Segment(Origin.AD, ADVERT, block=1),
    )
    assessment = assess_segments(segments, BOOK)
    article, advert = assessment.blocks
    assert article.level is Level.NONE
    assert advert.level >= Level.MEDIUM
    assert assessment.level is advert.level
    text = join_segments(segments)
    assert text[advert.start : advert.end] == ADVERT
    assert all(hit.source is Origin.AD for hit in assessment.hits if hit.points)


def test_a_warning_article_does_not_acquit_the_advert_beside_it():
    warning = "谨防非法集资,远离高息诱惑,如有疑问请拨打96110。警方提醒:天上不会掉馅饼。"
    segments = (Segment(Origin.BODY, warning), Segment(Origin.AD, ADVERT, block=1))
    assert assess_segments(segments, BOOK).level >= Level.MEDIUM


def test_hits_of_other_blocks_are_listed_without_points():
    other = Segment(Origin.AD, ADVERT.replace("牛", "羊"), block=2)
    segments = (Segment(Origin.BODY, INNOCENT), Segment(Origin.AD, ADVERT, block=1), other)
    assessment = assess_segments(segments, BOOK)
    assert assessment.score == _sum(assessment)
    aside = [hit for hit in assessment.hits if hit.apart]
    assert aside
    assert all(hit.points == 0 for hit in aside)


def test_segments_of_one_block_count_together():
    parts = ("认养一头牛一万二千元,", "一年返一万五千六百元,牛死了公司赔。", "加微信 niu_8812")
    segments = tuple(Segment(Origin.BODY, part) for part in parts)
    assert assess_segments(segments, BOOK).level >= Level.MEDIUM


def test_offsets_hold_where_blocks_are_interleaved():
    segments = (
        Segment(Origin.TITLE, "牧场招募"),
        Segment(Origin.SIDE, "相关阅读", block=1),
        Segment(Origin.BODY, ADVERT),
    )
    text = join_segments(segments)
    for hit in assess_segments(segments, BOOK).hits:
        assert text[hit.start : hit.end] == hit.quote


def test_no_segments_give_an_empty_assessment():
    assert assess_segments((), BOOK).level is Level.NONE


@pytest.mark.parametrize("medium", ["chat_group", "message", "meeting"])
def test_what_is_no_advertisement_is_not_judged_by_the_advertising_law(medium):
    cited = [law for hit in assess_text(ADVERT, BOOK, medium).hits for law in hit.law]
    assert cited
    assert not any("《广告法》" in law for law in cited)
    assert any("R737" in law for law in cited)


def test_a_web_page_is_judged_by_the_advertising_law():
    cited = [law for hit in assess_text(ADVERT, BOOK, "web").hits for law in hit.law]
    assert any("《广告法》" in law for law in cited)


def test_the_json_has_the_promised_shape():
    text = "谨防骗局:" + ADVERT
    document = assessment_json(assess_text(text, BOOK), text)
    assert json.loads(json.dumps(document, ensure_ascii=False)) == document
    assert set(document) == {
        "level", "score", "stance", "patterns", "hits", "rates", "entities", "evasion", "rulebook",
    }  # fmt: skip
    keys = {"rule", "pattern", "title", "quote", "start", "end", "source", "points", "law", "why"}
    assert all(keys <= set(hit) <= keys | {"silenced_by"} for hit in document["hits"])
    assert document["rulebook"] == BOOK.digest


def test_a_missing_risk_notice_is_told_only_beside_a_promised_return():
    with_rate = assess_text("投资五万元,年化收益18%,本金到期退还,想参加的加微信 abc_991。", BOOK)
    assert any(hit.pattern == "missing_risk_notice" for hit in with_rate.hits)
    assert not any(hit.pattern == "missing_risk_notice" for hit in assess_text(INNOCENT, BOOK).hits)


def test_disguised_spelling_counts_only_in_a_suspect_text():
    odd = "喜♥欢♥读♥书♥的♥朋♥友♥请♥来♥图♥书♥馆"
    assert assess_text(odd, BOOK).score == 0


def test_a_rate_of_a_licensed_deposit_is_no_finding():
    text = "本行三年期定期存款年利率1.95%,受存款保险保障,具体以网点公示为准。"
    assessment = assess_text(text, BOOK)
    assert assessment.level is Level.NONE
    assert assessment.hits == () or all(hit.points == 0 for hit in assessment.hits)
