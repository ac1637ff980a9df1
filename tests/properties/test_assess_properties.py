"""What holds of every assessment, whatever the text."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.engine import assess_segments, assess_text
from classifiers.normalize import clause_spans, normalize, sentence_spans
from classifiers.rulebook import load_rulebook
from core.records import Assessment, Level, Origin, Segment

PIECES = st.sampled_from(
    ["保本", "年化", "18%", "稳赚不赔", "返利", "加微信", "abc_1234", "理cai", "保·本", "\u200b", "月息两分",
     "投3万90天拿回3万6", "警方提示", "谨防", "，", "。", "\n", " ", "❤", "1️⃣", "13800001234", "有限公司",
     "返莉", "亻言", "投資", "①⑧", "\ud800", "é", "e\u0301", "👨‍👩‍👧", "\u202e", "\x00", "5万", "每天", "\u3000",
     "翻倍", "高shouyi", "“", "”", "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "0.", "万万万", "%%", "一一一"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=120),
    st.lists(PIECES, max_size=40).map("".join),
    st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=30).map("".join),
)
MANY = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
PROMOTIONS = (
    "年化18%，保本保息，稳赚不赔，加微信abc_12345立即认购。",
    "投3万90天拿回3万6，名额有限，扫码入群，老会员都在领钱。",
    "消费返利，购物全额返还，拉人头奖励两成，加V信咨询 13900001234。",
)
INNOCENT = st.lists(
    st.sampled_from(
        ["今天天气晴朗，公园里游人很多。", "图书馆周一闭馆整理书架。", "菜市场的白菜两块钱一斤。",
         "学校下周举行运动会，请家长准时接送。", "这条路正在施工，请绕行。", "奶奶在院子里种了三棵石榴树。",
         "医院门诊时间为上午八点到十一点半。", "快递已放在门口的柜子里。"]
    ),
    min_size=4, max_size=12,
).map("".join)  # fmt: skip


def _assess(text: str) -> Assessment:
    return assess_text(text, load_rulebook())


@MANY
@given(TEXTS)
def test_every_quote_stands_at_its_place(text: str) -> None:
    found = _assess(text)
    for item in (*found.hits, *found.rates, *found.entities):
        assert text[item.start : item.end] == item.quote
        assert 0 <= item.start <= item.end <= len(text)


@MANY
@given(TEXTS)
def test_the_score_is_the_sum_of_the_hits_and_within_bounds(text: str) -> None:
    found = _assess(text)
    assert 0 <= found.score <= 100
    assert abs(found.score - sum(hit.points for hit in found.hits)) <= 0.5
    assert all(hit.points >= 0 for hit in found.hits)


@MANY
@given(TEXTS)
def test_the_plain_form_leads_back(text: str) -> None:
    normal = normalize(text, load_rulebook().lexicon.folder)
    assert len(normal.text) == len(normal.starts) == len(normal.ends)
    assert list(normal.starts) == sorted(normal.starts)
    assert all(low < high for low, high in zip(normal.starts, normal.ends, strict=True))
    assert not normal.ends or max(normal.ends) <= len(text)
    for spans in (clause_spans(normal), sentence_spans(normal)):
        assert "".join(normal.text[low:high] for low, high in spans) == normal.text


@pytest.mark.parametrize("promotion", PROMOTIONS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(before=INNOCENT, after=INNOCENT)
def test_innocent_sentences_far_away_never_raise_a_level(
    promotion: str, before: str, after: str
) -> None:
    alone = _assess(promotion).level
    assert _assess(f"{before}\n\n{promotion}\n\n{after}").level <= alone
    assert _assess(before + after).level == Level.NONE


@MANY
@given(st.lists(TEXTS, max_size=5))
def test_pages_of_any_segments_are_judged(texts: list[str]) -> None:
    found = assess_segments(tuple(Segment(Origin.BODY, text) for text in texts), load_rulebook())
    assert 0 <= found.score <= 100


@MANY
@given(TEXTS)
def test_a_text_is_judged_the_same_twice(text: str) -> None:
    assert _assess(text) == _assess(text)
