"""The glance: stretches of a bare text that read as if they might promote."""

import math
from itertools import pairwise

import numpy as np
import pytest

from classifiers.bare import BareText
from classifiers.char_classes import codes_of
from classifiers.glance import (
    BUCKET_BITS,
    BUCKETS,
    CHANCE,
    SHORT,
    STEP,
    WIDTH,
    Glance,
    load_glance,
    stretches_of,
)
from classifiers.grams import gram_buckets


def glance_for(bias: float, **weights: float) -> Glance:
    """A glance that knows a few n-grams of up to three characters."""
    table = np.zeros(BUCKETS, np.float32)
    for gram, weight in weights.items():
        table[gram_buckets(codes_of(gram), BUCKET_BITS)[len(gram) - 1][0]] = weight
    return Glance(table, bias, {})


def test_a_short_text_is_one_stretch_and_a_long_one_overlapping_ones():
    assert stretches_of(range(0)) == []
    assert stretches_of(range(5, 9)) == [(5, 9)]
    assert stretches_of(range(WIDTH)) == [(0, WIDTH)]
    long = stretches_of(range(3 * WIDTH))
    assert long[0] == (0, WIDTH)
    assert long[1] == (STEP, STEP + WIDTH)
    assert long[-1][1] == 3 * WIDTH
    assert all(after[0] < before[1] for before, after in pairwise(long))


def test_a_stretch_scores_by_all_its_ngrams_over_the_root_of_its_length():
    (stretch,) = glance_for(-1.0, 返利=3.0, 名=1.0).read(BareText.of(("返利，返利，名额",)))
    assert stretch.logit == pytest.approx(-1.0 + 7.0 / SHORT**0.5, abs=1e-5)


def test_no_stretch_reaches_from_one_text_into_the_next():
    glance = glance_for(0.0, 返利=5.0)
    together = glance.read(BareText.of(("今天返", "利息说明返利", "")))
    apart = [glance.read(BareText.of((text,)))[0] for text in ("今天返", "利息说明返利")]
    assert [stretch.logit for stretch in together] == pytest.approx([one.logit for one in apart])
    assert together[0].logit == 0.0


def test_stretches_of_long_texts_score_as_they_do_alone():
    glance = glance_for(-0.5, 返利=5.0, 每=-0.3, 高收益=2.0)
    text = "每天高收益返利" * 90
    bare = BareText.of((text,))
    stretches = glance.read(bare)
    for stretch in stretches:
        (alone,) = glance.read(BareText.of((bare.text[stretch.start : stretch.end],)))
        assert stretch.logit == pytest.approx(alone.logit - CHANCE * math.log(len(stretches)))


def test_the_likeliest_stretch_comes_first():
    text = "平常的话" * 100 + "返利" * 40 + "平常的话" * 100
    found = glance_for(-2.0, 返利=2.0).promising(BareText.of((text,)))
    assert found
    assert 400 <= (found[0].start + found[0].end) // 2 <= 480
    assert [stretch.logit for stretch in found] == sorted(
        (stretch.logit for stretch in found), reverse=True
    )


@pytest.mark.parametrize("text", ["", "。", "返", "\ud800", "😀😀"])
def test_texts_of_nothing_or_little_are_read(text):
    assert len(glance_for(1.0).read(BareText.of((text,)))) <= 1


def test_the_shipped_one_keeps_what_it_was_trained_to_keep():
    glance = load_glance()
    assert glance is not None
    assert glance.may_promote(
        BareText.of(("老会员都换了第二辆车，名额不多，今晚一起来听项目说明会",))
    )
    assert not glance.may_promote(BareText.of(("今天下午学校组织学生到公园参观，傍晚返回",)))
