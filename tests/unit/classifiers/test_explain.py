from classifiers.engine import assess_segments, assess_text
from classifiers.explain import explain
from classifiers.keywords import keywords
from classifiers.rulebook import load_rulebook
from core.records import Origin, Segment, join_segments

BOOK = load_rulebook()
ADVERT = "认养一头牛一万二千元,一年返一万五千六百元,牛死了公司赔。想参加的加微信 niu_8812。"


def test_the_explanation_marks_quotes_and_adds_up():
    told = explain(assess_text(ADVERT, BOOK), ADVERT)
    assert "【" in told
    assert "计分理由" in told
    assert "依据：" in told
    assert "合计：" in told
    assert "\033[" not in told


def test_colour_is_used_only_when_asked_for():
    assert "\033[" in explain(assess_text(ADVERT, BOOK), ADVERT, colour=True)


def test_what_was_let_off_is_told_with_the_reason():
    text = "谨防“交三万元,每月返三百,到期三万元退还”的骗局。"
    told = explain(assess_text(text, BOOK), text)
    assert "不计分的命中" in told
    assert "谨防" in told


def test_an_innocent_text_is_explained_too():
    told = explain(assess_text("今天天气很好。", BOOK), "今天天气很好。")
    assert "风险等级：无" in told
    assert told.endswith("合计：0 = 0 分\n")


def test_blocks_are_told_apart():
    segments = (Segment(Origin.BODY, "今天天气很好。"), Segment(Origin.AD, ADVERT, block=1))
    told = explain(assess_segments(segments, BOOK), join_segments(segments))
    assert "分块研判" in told


def test_a_long_text_is_cut_around_its_quotes():
    text = "今天天气很好。" * 3000 + ADVERT
    assert len(explain(assess_text(text, BOOK), text)) < len(text)


def test_keywords_are_telling_words_and_no_numbers():
    found = keywords("云岭牧场招募肉牛认养人,肉牛认养一年回报丰厚,牧场包回收,电话13900001234。")
    assert "认养" in found or "肉牛" in found
    assert not any(any(char.isdigit() for char in word) for word in found)


def test_a_text_without_words_has_no_keywords():
    assert keywords("123 !!! 。。。") == ()
