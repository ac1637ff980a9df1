"""The stance model: what it reads, how it scores, and what its reading does to a judgement."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from classifiers.engine import assess_text
from classifiers.facts import gather_facts
from classifiers.judgement import judge
from classifiers.opinion import RULE, SURE_POINTS, ask_model, tempered
from classifiers.rulebook import RULES_FOLDER, _digest, load_rulebook
from classifiers.stance_model import (
    BUCKETS,
    VERSION,
    WINDOW,
    StanceModel,
    as_signs,
    distinct_buckets,
    gram_buckets,
    load_model,
    mark_bucket,
    window_around,
)
from core.records import Level, Stance

SOLICITATION = "咱们这边每份三千元，名额有限，想参加的加我微信 abc12345 报名。"


def constant_model(bias, **weights):
    table = np.zeros(BUCKETS, np.float32)
    for gram, weight in weights.items():
        table[gram_buckets(gram)[len(gram) - 1][0]] = weight
    return StanceModel(table, (table != 0).astype(np.float32), bias, {"version": VERSION})


def with_model(model):
    book = load_rulebook()
    other = replace(book, model=model, subjects=None)
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


def test_the_score_is_the_mean_over_the_root_of_known_ngrams_and_the_evidence():
    model = constant_model(-1.0, 返利=2.0, 名额=4.0)
    assert model.score("返利 名额") == pytest.approx(-1.0 + 6.0 / math.sqrt(2))
    marked = replace(model, weights=model.weights.copy())
    marked.weights[mark_bucket("contact")] = 5.0
    assert marked.score("", ["contact"]) == pytest.approx(-1.0 + 0.2 * 5.0)


def test_a_repeated_ngram_counts_once():
    model = constant_model(0.0, 返利=2.0)
    assert model.score("返利" * 50) == model.score("返利")


def test_the_explanation_names_what_weighed_most_in_the_direction_of_the_reading():
    model = constant_model(0.0, 返利=3.0, 名额=1.0, 警惕=-2.0)
    assert model.explain(model.read("返利名额警惕")) == ("返利", "名额")
    assert model.explain(model.read("警惕")) == ("警惕",)


def test_the_window_lies_around_the_passage_and_inside_the_text():
    text = "x" * 5000 + "返利" + "y" * 5000
    window = window_around(text, 5000)
    assert len(window) == WINDOW
    assert "返利" in window
    assert window_around("短文", 1) == "短文"


def test_without_a_weight_file_there_is_no_model(tmp_path):
    assert load_model(tmp_path) is None


def test_a_broken_weight_file_is_no_absent_one(tmp_path):
    np.savez(tmp_path / f"{VERSION}.npz", weights=np.zeros(3, np.float16))
    (tmp_path / f"{VERSION}.json").write_text(json.dumps({"version": VERSION, "bias": 0.0}))
    with pytest.raises(ValueError, match="not a weight file"):
        load_model(tmp_path)


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


def test_a_sure_model_convicts_no_text_without_money_or_a_hit():
    text = "今天天气真好，我们去公园散步吧。"
    assert assess_text(text, with_model(constant_model(9.0))).level < Level.MEDIUM


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
    opinion = ask_model(constant_model(-9.0), facts, judgement.reading, (0, 2))
    assert opinion is not None
    low = replace(judgement.reading, share=0.0)
    assert tempered(low, opinion) is low
    assert tempered(judgement.reading, None) is judgement.reading


def test_doubt_leaves_a_warning_a_warning():
    facts = gather_facts(SOLICITATION, load_rulebook())
    reading = replace(judge(SOLICITATION, with_model(None)).reading, stance=Stance.WARNING)
    opinion = ask_model(constant_model(-9.0), facts, reading, (0, 2))
    assert tempered(reading, opinion) is reading


def test_the_rulebooks_digest_names_the_weights():
    book = load_rulebook()
    assert book.digest == _digest(RULES_FOLDER, book.model, book.subjects)
    assert book.digest != _digest(RULES_FOLDER, None, book.subjects)
    assert book.digest != _digest(RULES_FOLDER, book.model, None)
