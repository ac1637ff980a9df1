import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.dictionary import segmenter
from classifiers.facts import close_gaps, gather_facts
from classifiers.match import Bounds, Occurrences
from classifiers.normalize import normalize
from classifiers.offers import find_offers
from classifiers.rulebook import load_rulebook
from classifiers.shape import Shape
from classifiers.words import WINDOW, stands_as_words

BOOK = load_rulebook()


def test_a_word_inside_another_has_no_boundaries():
    text = "只做中保本地车源"
    start = text.index("保本")
    assert not stands_as_words(text, start, start + 2)


def test_a_word_that_stands_alone_has_boundaries():
    text = "这个产品保本吗"
    start = text.index("保本")
    assert stands_as_words(text, start, start + 2)


def test_a_boundary_is_found_deep_inside_a_long_text():
    text = "今天天气很好。" * 40 + "这个产品保本吗" + "明天也是晴天。" * 40
    start = text.index("保本")
    assert stands_as_words(text, start, start + 2)


def _bounded_by_jieba(text: str, start: int, end: int) -> bool:
    """What `stands_as_words` promises, asked of jieba itself."""
    low = max(0, start - WINDOW)
    ends = {low}
    for word in segmenter().cut(text[low : end + WINDOW], HMM=False):
        ends.add(max(ends) + len(word))
    return {start, end} <= ends


@given(
    st.text(alphabet="保本息稳赚中国地产理财投资收益a1b.% ，\n-", max_size=60).filter(bool),
    st.data(),
)
def test_boundaries_are_those_of_jieba(text: str, draw: st.DataObject):
    start = draw.draw(st.integers(0, len(text) - 1))
    end = draw.draw(st.integers(start + 1, len(text)))
    assert stands_as_words(text, start, end) == _bounded_by_jieba(text, start, end)


def test_boundaries_in_the_rules_own_texts_are_those_of_jieba():
    compared = 0
    for rule in BOOK.rules:
        for text in (*rule.examples, *rule.counterexamples):
            for start in range(0, len(text) - 2, 7):
                found = stands_as_words(text, start, start + 2)
                assert found == _bounded_by_jieba(text, start, start + 2), text[start:]
                compared += 1
    assert compared > 1000


def test_the_first_occurrence_inside_a_stretch_is_found():
    words = Occurrences(BOOK.lexicon, {}, {7: [(2, 4), (5, 9), (12, 14)]}, {7})
    assert words.within(7, 5, 13) == (5, 9)
    assert words.within(7, 9, 12) is None
    assert words.within(8, 0, 99) is None


def test_bounds_give_the_unit_around_a_span():
    bounds = Bounds.of([(0, 5), (5, 9)], 12)
    assert bounds.around(1, 3) == (0, 5)
    assert bounds.around(4, 7) == (0, 9)
    assert bounds.around(10, 12) == (9, 12)


def test_blanks_between_chinese_characters_close_and_lead_back():
    spoken = normalize("网站 没了 就 这样")
    closed = close_gaps(spoken)
    assert closed.text == "网站没了就这样"
    start, end = closed.span(2, 4)
    assert closed.original[start:end] == "没了"


@pytest.mark.parametrize(
    ("text", "paid_in", "paid_out"),
    [
        ("交五万块钱,以后每个月给你贴四百块钱", "五万块钱", "四百块钱"),
        ("一台设备3980元,每天分你13块", "3980元", "13块"),
        ("放一万元,到年底拿回一万二", "一万元", "一万二"),
        ("5万 月收650", "5万", "650"),
        ("五千一张,半年变五千六", "五千", "五千六"),
    ],
)
def test_an_offer_is_read_as_money_in_and_money_out(text, paid_in, paid_out):
    offers = find_offers(Shape(text))
    assert paid_in in [text[start:end].strip() for start, end in offers.paid_in]
    assert paid_out in [text[start:end].strip() for start, end in offers.paid_out]


@pytest.mark.parametrize(
    "text",
    [
        "满300返30元券,满1000返120元券",
        "月薪8000元,另有提成",
        "两室一厅月租1100,押一付三",
        "公司拟投资5亿元建设年产10万吨项目",
        "2024年6月18日上午9:30开会",
        "请拨打13900001234咨询",
    ],
)
def test_ordinary_sums_promise_nothing(text):
    assert find_offers(Shape(text)).paid_out == []


def test_an_official_hotline_is_no_contact():
    assert gather_facts("发现线索请拨打96110举报。", BOOK).contacts == ()


def test_a_private_number_is_a_contact():
    assert len(gather_facts("详情加微信 abc_8812 咨询。", BOOK).contacts) == 1


def test_reading_numbers_takes_time_linear_in_the_text():
    assert find_offers(Shape("9" * 200_000)).paid_out == []
    assert find_offers(Shape("每月" * 50_000)).paid_out == []
