"""What makes two texts the same creative."""

import random
import time
from hashlib import sha256

import pytest

from core.records import Assessment, BlockVerdict, Entity, Hit, Level, Origin, Stance
from storage.creative import (
    SAME_CREATIVE,
    bands,
    comparable,
    names_other_company,
    sign,
    similarity,
    suspect_creatives,
)


def grams(text):
    return {text[i : i + 4] for i in range(len(text) - 3)}


def random_text(chance, length):
    return "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(length))


def edited(chance, text, edits):
    letters = list(text)
    for _ in range(edits):
        letters[chance.randrange(len(letters))] = random_text(chance, 1)
    return "".join(letters)


def test_the_similarity_estimates_the_share_of_common_grams():
    chance = random.Random(1)
    for _ in range(100):
        text = random_text(chance, chance.choice([40, 200, 2_000]))
        other = edited(chance, text, chance.randrange(len(text) // 20))
        exact = len(grams(text) & grams(other)) / len(grams(text) | grams(other))
        assert similarity(sign(text), sign(other)) == pytest.approx(exact, abs=0.15)


def test_alike_texts_share_a_band_and_unlike_ones_hardly_ever():
    chance = random.Random(2)
    found = strangers = 0
    for _ in range(200):
        text = random_text(chance, 300)
        near = edited(chance, text, 10)
        found += not set(bands(sign(text))).isdisjoint(bands(sign(near)))
        other = random_text(chance, 300)
        strangers += not set(bands(sign(text))).isdisjoint(bands(sign(other)))
    assert found == 200
    assert strangers == 0
    assert similarity(sign(text), sign(near)) >= SAME_CREATIVE


def test_signatures_are_the_ones_that_stand_in_databases():
    """When a new library signs differently, stored signatures need a migration."""
    signature = sign(comparable("本金零风险，收益看得见，按月返利，合同期满全额退还。"))
    assert (
        sha256(signature).hexdigest()
        == "654cfcf354b56d96b9791ecddb8ae2a0ab108f0b37b213bc719b599c7815578c"
    )


def test_width_case_spacing_and_punctuation_do_not_tell_texts_apart():
    assert comparable("ＶＸ：ＡＢＣ　保 本\u200b！①") == comparable("vx abc保本1")


def test_texts_without_a_letter_are_told_apart():
    def of(text):
        judged = Assessment(Level.HIGH, 80.0, Stance.PROMOTION)
        return suspect_creatives(judged, text)[0].fingerprint

    assert of("💰💰") != of("🔥🔥")


def test_a_suspect_text_without_a_suspect_block_is_one_creative():
    judged = Assessment(Level.MEDIUM, 45.0, Stance.PROMOTION, patterns=("p",))
    (creative,) = suspect_creatives(judged, "整页文字")
    assert (creative.text, creative.verdict.level) == ("整页文字", Level.MEDIUM)


def test_signing_a_huge_text_takes_no_longer_than_its_beginning():
    text = random_text(random.Random(3), 20_000)
    started = time.process_time()
    assert sign(text * 250) == sign(text)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("ours", "theirs", "differ"),
    [
        ("鑫源投资有限公司", "汇通农业合作社", True),
        ("鑫源投资有限公司", "来自鑫源投资有限公司", False),
        ("鑫源投资有限公司", "金源投资有限公司", False),
        ("鑫源投资有限公司", None, False),
    ],
)
def test_only_clearly_different_companies_part_two_copies(ours, theirs, differ):
    def named(name):
        return (Entity("company", name, name, 0, len(name)),) if name else ()

    assert names_other_company(named(ours), named(theirs)) is differ


def test_a_block_that_does_not_speak_for_the_page_keeps_its_own_reasons():
    """Its hits carry no points on the page, but they are why the block is a finding."""
    text = "\u4e00" * 40 + "\n" + "\u4e8c" * 40

    def hit(start, points, apart=0.0):
        return Hit(
            "g-1",
            "p",
            "t",
            text[start : start + 2],
            start,
            start + 2,
            Origin.AD,
            points,
            (),
            "w",
            apart=apart,
        )

    def verdict(number, start):
        return BlockVerdict(
            number, start, start + 40, Origin.AD, Level.HIGH, 70.0, Stance.PROMOTION, ("p",)
        )

    hits = (hit(0, 70.0), hit(45, 0.0, apart=70.0))
    page = Assessment(
        Level.HIGH, 70.0, Stance.PROMOTION, ("p",), hits, blocks=(verdict(0, 0), verdict(1, 41))
    )
    for creative in suspect_creatives(page, text):
        assert [(h.points, h.apart) for h in creative.hits] == [(70.0, 0.0)]
        assert (
            creative.hits[0].quote == creative.text[creative.hits[0].start : creative.hits[0].end]
        )
