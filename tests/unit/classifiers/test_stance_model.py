"""The stance model: what it reads, how it scores, and what its reading does to a judgement."""

import math
from dataclasses import replace

import numpy as np
import pytest

from classifiers import glance
from classifiers.char_classes import codes_of
from classifiers.engine import assess_segments, assess_text
from classifiers.facts import gather_facts
from classifiers.glance import Glance
from classifiers.grams import gram_buckets
from classifiers.judgement import judge
from classifiers.opinion import RULE, SURE_POINTS, ask_model, tempered
from classifiers.rulebook import RULES_FOLDER, _digest, load_rulebook
from classifiers.stance_model import (
    BUCKETS,
    VERSION,
    WINDOW,
    StanceModel,
    Vocabulary,
    _unit_bucket,
    as_signs,
    distinct_buckets,
    load_model,
    sign_buckets,
    window_around,
)
from core.records import Level, Origin, Segment, Stance

SOLICITATION = "咱们这边每份三千元，名额有限，想参加的加我微信 abc12345 报名。"


def constant_model(bias, **weights):
    table = np.zeros(BUCKETS, np.float32)
    for gram, weight in weights.items():
        table[sign_buckets(gram)[len(gram) - 1][0]] = weight
    return StanceModel(table, (table != 0).astype(np.float32), bias, {"version": VERSION})


def constant_glance(bias, **weights):
    table = np.zeros(glance.BUCKETS, np.float32)
    for text, weight in weights.items():
        for buckets in gram_buckets(codes_of(text), glance.BUCKET_BITS):
            table[buckets] = weight
    return Glance(table, bias, {})


def with_model(model):
    book = load_rulebook()
    other = replace(book, model=model, subjects=None)
    other.__dict__["lexicon"] = book.lexicon
    return other


def with_glance(book, glance):
    other = replace(book, glance=glance)
    other.__dict__["lexicon"] = book.lexicon
    return other


def test_sums_terms_numbers_and_addresses_are_one_sign_each():
    assert as_signs("交3万元,三个月返12%，见www.a-b.com") == "交Ⓐ Ⓣ返% 见Ⓤ"


def test_masked_numbers_read_like_any_other():
    assert as_signs("年化xx.x%") == as_signs("年化12.5%") == as_signs("年化%")


def test_a_lone_half_surrogate_is_read():
    assert distinct_buckets(as_signs("返\ud800利")).size > 0


@pytest.mark.parametrize("text", ["", "。", "返"])
def test_texts_too_short_for_ngrams_have_a_score(text):
    assert constant_model(0.5).score(as_signs(text)) == 0.5


def test_the_score_is_the_mean_over_the_root_of_known_ngrams():
    model = constant_model(-1.0, 返利=2.0, 名额=4.0)
    assert model.score("返利 名额") == pytest.approx(-1.0 + 6.0 / math.sqrt(2))


def test_the_longest_word_is_read_and_pairs_have_the_characters_between():
    read = Vocabulary(("返利", "返利平台", "名额"))
    assert set(read.buckets("返利平台有名额")) == {
        _unit_bucket(unit) for unit in ("返利平台", "名额", "返利平台|有", "有|名额")
    }
    assert Vocabulary().buckets("").size == 0


def test_a_repeated_ngram_counts_once():
    model = constant_model(0.0, 返利=2.0)
    assert model.score("返利" * 50) == model.score("返利")


def test_the_explanation_names_what_weighed_most_in_the_direction_of_the_reading():
    model = constant_model(0.0, 返利=3.0, 名额=1.0, 警惕=-2.0)
    assert model.explain(model.read("返利名额警惕")) == ("返利", "名额")
    assert model.explain(model.read("警惕")) == ("警惕",)


def test_the_window_lies_around_the_passage_and_inside_the_text():
    window = window_around(10_000, 5000)
    assert len(window) == WINDOW
    assert 5000 in window
    assert window_around(10_000, 9_999) == range(10_000 - WINDOW, 10_000)
    assert window_around(2, 1) == range(2)


def test_of_a_long_block_the_window_that_promotes_most_speaks():
    model = constant_model(-1.0, 返利=9.0)
    text = f"每份三千元。{'街道通知。' * 400}每份五千元，返利。{'天气晴。' * 400}"
    facts = gather_facts(text, load_rulebook())
    places = [(text.index(word), text.index(word) + 2) for word in ("三千", "五千")]
    opinion = ask_model(model, facts, places)
    assert opinion is not None
    assert opinion.reading.logit > 0
    assert opinion.at == places[1]


def test_the_shipped_model_is_small_and_says_where_it_comes_from():
    model = load_model()
    assert model is not None
    for table in (model.weights, model.rarity):
        assert table.shape == (BUCKETS,)
        assert np.isfinite(table).all()
    assert {"data", "files", "rows", "rules", "figures"} <= model.card.keys()


def test_without_a_model_the_rules_judge_alone():
    assessment = assess_text(SOLICITATION, with_model(None))
    assert all(hit.rule != RULE for hit in assessment.hits)
    assert assess_text("保本保息，年化18%，加微信 abc12345", with_model(None)).level >= Level.MEDIUM


def test_a_solicitation_that_names_money_is_lifted_by_a_sure_model():
    hits = assess_text(SOLICITATION, with_model(constant_model(9.0))).hits
    (lift,) = [hit for hit in hits if hit.rule == RULE]
    assert lift.points == SURE_POINTS
    assert assess_text(SOLICITATION, with_model(constant_model(0.9))).level < Level.MEDIUM
    assert SOLICITATION[lift.start : lift.end] == lift.quote
    assert "统计模型" in lift.why
    assert lift.law == ()


def test_a_sure_model_is_not_asked_about_what_does_not_promise_to_promote():
    text = "今天天气真好，我们去公园散步吧。"
    assert assess_text(text, with_model(constant_model(9.0))).level < Level.MEDIUM


def test_what_promises_to_promote_is_read_without_any_word_of_a_rule():
    text = "天气晴好。" * 80 + "隔壁老王又提了第二辆车，晚饭后他细说。" + "街道通知。" * 80
    book = with_glance(with_model(constant_model(9.0)), constant_glance(-9.0, 第二辆车=99.0))
    assessment = assess_text(text, book)
    assert assessment.level >= Level.MEDIUM
    quotes = [hit.quote for hit in assessment.hits if hit.rule == RULE]
    assert quotes == ["隔壁老王又提了第二辆车，晚饭后他细说。"]
    assert assess_text(text, with_glance(book, None)).level < Level.MEDIUM


def test_a_title_or_a_list_of_links_is_not_read_without_a_word_of_a_rule():
    text = "隔壁老王又提了第二辆车，晚饭后他细说，地方还是老茶馆二楼，来的人管一顿便饭，坐满为止。"
    book = with_glance(with_model(constant_model(9.0)), constant_glance(-9.0, 第二辆车=99.0))
    levels = {
        origin: assess_segments((Segment(origin, text),), book).level >= Level.MEDIUM
        for origin in (Origin.BODY, Origin.SIDE, Origin.AD, Origin.TITLE, Origin.META, Origin.LINK)
    }
    assert [origin for origin, flagged in levels.items() if flagged] == [
        Origin.BODY, Origin.SIDE, Origin.AD,
    ]  # fmt: skip
    heading = Segment(Origin.SIDE, text[:20])
    assert assess_segments((heading,), book).level < Level.MEDIUM
    links = (Segment(Origin.SIDE, text), Segment(Origin.LINK, text * 2))
    assert assess_segments(links, book).level < Level.MEDIUM


def test_the_shipped_model_reads_a_warning_that_quotes_an_offer_as_none():
    text = "警惕高息诱惑！凡是承诺保本保息、年化18%的都是骗局，切勿转账三万元，请向公安机关举报。"
    assert assess_text(text, load_rulebook()).level < Level.MEDIUM


def test_an_unsure_model_adds_nothing_and_takes_nothing():
    text = "保本保息，年化18%，加微信 abc12345"
    assert (
        assess_text(text, with_model(constant_model(0.0))).score
        == assess_text(text, with_model(None)).score
    )


def test_doubt_lowers_the_share_and_says_so_in_every_hit():
    text = "保本保息，年化18%，加微信 abc12345"
    book = with_model(constant_model(-9.0))
    doubted, plain = assess_text(text, book), assess_text(text, with_model(None))
    assert doubted.score < plain.score
    assert doubted.stance is Stance.OTHER
    rules = [hit for hit in doubted.hits if hit.points > 0 and not hit.rule.startswith("computed-")]
    assert rules
    assert all("统计模型" in hit.why for hit in rules)


def test_doubt_never_adds_to_a_share():
    judgement = judge(SOLICITATION, with_model(None))
    facts = gather_facts(SOLICITATION, load_rulebook())
    opinion = ask_model(constant_model(-9.0), facts, [(0, 2)])
    assert opinion is not None
    low = replace(judgement.reading, share=0.0)
    assert tempered(low, opinion) is low
    assert tempered(judgement.reading, None) is judgement.reading


def test_doubt_leaves_a_warning_a_warning():
    facts = gather_facts(SOLICITATION, load_rulebook())
    reading = replace(judge(SOLICITATION, with_model(None)).reading, stance=Stance.WARNING)
    opinion = ask_model(constant_model(-9.0), facts, [(0, 2)])
    assert tempered(reading, opinion) is reading


def test_the_rulebooks_digest_names_the_weights():
    book = load_rulebook()
    models = (book.model, book.glance, book.subjects)
    assert book.digest == _digest(RULES_FOLDER, *models)
    for one in models:
        others = [None if model is one else model for model in models]
        assert book.digest != _digest(RULES_FOLDER, *others)
