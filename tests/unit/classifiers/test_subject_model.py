"""The subject model: what it names, where it keeps silent, and what a broken file does."""

from dataclasses import replace

import numpy as np
import pytest

from classifiers.engine import assess_text
from classifiers.opinion import GENERAL_PATTERN
from classifiers.rulebook import load_rulebook
from classifiers.score import FULL, MEDIUM_FROM
from classifiers.stance_model import as_signs
from classifiers.subject import POINTS, RULE
from classifiers.subject_model import CELLS, SubjectModel, cells_of, load_subjects
from core.patterns import pattern_ids
from core.records import Level

PROMOTION = "老姐妹都交了床位预订金，十万一间，不住的每月给八百，到期原数退还，加微信 yangzhe_66。"
HERD = "这头小牛两万八由您认，我们替您喂，出栏那天按三万五收回去，少一分找我，今天只剩六头。"


def subject_model(**weights: str) -> SubjectModel:
    """A model that knows one n-gram of each pattern."""
    patterns = tuple(sorted(weights))
    table = np.zeros((CELLS, len(patterns)), np.float32)
    rarity = np.zeros(CELLS, np.float32)
    for column, pattern in enumerate(patterns):
        cells = cells_of(as_signs(weights[pattern]))
        table[cells, column] = 9.0
        rarity[cells] = 1.0
    return SubjectModel(patterns, table, rarity, np.zeros(len(patterns), np.float32), {})


def with_subjects(model):
    book = load_rulebook()
    other = replace(book, subjects=model)
    other.__dict__["lexicon"] = book.lexicon
    return other


def test_the_built_in_model_knows_the_patterns_and_names_a_subject():
    model = load_subjects()
    assert model is not None
    assert set(model.patterns) <= set(pattern_ids())
    assert "livestock_custody" in assess_text(HERD, load_rulebook()).patterns


def test_the_likeliest_subject_comes_first():
    model = subject_model(elderly_care="床位", livestock_custody="小牛")
    first, second = model.likely(as_signs("床位"))
    assert (first.pattern, second.pattern) == ("elderly_care", "livestock_custody")
    assert first.probability > 0.9
    assert first.probability + second.probability == pytest.approx(1.0)


def test_a_subject_is_a_listed_hit_with_its_law_and_hardly_any_points():
    book = with_subjects(subject_model(tourism_culture="床位", livestock_custody="小牛"))
    assessment = assess_text(PROMOTION, book)
    (hit,) = [hit for hit in assessment.hits if hit.rule == RULE]
    assert (hit.pattern, hit.points) == ("tourism_culture", POINTS)
    assert hit.law
    assert PROMOTION[hit.start : hit.end] == hit.quote
    assert "tourism_culture" in assessment.patterns
    bare = assess_text(PROMOTION, with_subjects(None))
    assert assessment.score == pytest.approx(min(bare.score + POINTS, FULL))
    assert sum(hit.points for hit in assessment.hits) == pytest.approx(assessment.score)
    assert bare.score >= MEDIUM_FROM


def test_what_is_not_suspect_has_no_subject():
    book = with_subjects(subject_model(elderly_care="床位", livestock_custody="小牛"))
    assessment = assess_text("养老院有床位，小牛很可爱，欢迎参观。", book)
    assert assessment.level is Level.NONE
    assert not [hit for hit in assessment.hits if hit.rule == RULE]


def test_an_unsure_model_names_nothing():
    many = {f"pattern_{number}": f"词{number}" for number in range(40)}
    assessment = assess_text(PROMOTION, with_subjects(subject_model(**many)))
    assert not [hit for hit in assessment.hits if hit.rule == RULE]


def test_what_only_the_stance_model_found_takes_the_subject_for_its_pattern():
    text = "五千块放进小灯里，灯亮着它替你干活，想用了灯一灭，连它挣的一起还给你。"
    sure = replace(
        load_rulebook().model,
        weights=np.zeros_like(load_rulebook().model.weights),
        bias=9.0,
    )

    def lift_by(subjects):
        book = replace(with_subjects(subjects), model=sure)
        book.__dict__["lexicon"] = load_rulebook().lexicon
        (hit,) = [hit for hit in assess_text(text, book).hits if hit.rule == "computed-model"]
        return hit

    bare = lift_by(None)
    assert (bare.pattern, bare.law) == (GENERAL_PATTERN, ())
    named = lift_by(subject_model(fintech_banner="灯亮", livestock_custody="小牛"))
    assert named.pattern == "fintech_banner"
    assert named.law
