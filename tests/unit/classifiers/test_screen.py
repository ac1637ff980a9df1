"""The screen never lets go a text that the judge would give points."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.evasion import DISGUISES, HERE
from benchmarks.labelled import SHARED, read_rows
from classifiers.bare import JOINT, BareText, bare
from classifiers.char_classes import DIGIT_LIKE
from classifiers.engine import assess_segments
from classifiers.judgement import judge
from classifiers.literals import bare_form, required_literals
from classifiers.normalize import normalize
from classifiers.number_marks import possible_facts
from classifiers.rates import find_rates
from classifiers.rulebook import load_rulebook
from classifiers.score import total
from classifiers.screen import Screen
from core.records import Level, Origin, Segment

HERE_TABLE = Path(__file__).parent / "rate_table.yml"
BOOK = load_rulebook()
SCREEN = Screen.of(BOOK)
ADVERT = "投三万元,每月返九百,一年后三万元一分不少退还。名额有限,想参加的加微信 abc_8812。"
INNOCENT = "社区志愿活动圆满结束，居民纷纷表示满意。"
SEED = 20_260_102
MOST_SHARED = 150


def _own_texts() -> Iterator[str]:
    for rule in BOOK.rules:
        yield from (*rule.examples, *rule.counterexamples)
    for path in sorted((HERE / "texts").glob("*.jsonl")):
        yield from (row["text"] for row in read_rows(path))


def _let_go_wrongly(texts: Iterator[str]) -> list[str]:
    return [
        text
        for text in texts
        for is_prose in (True, False)
        if not SCREEN.may_score((text,), is_prose=is_prose)
        and total(judge(text, BOOK, is_prose=is_prose).hits) > 0
    ]


def test_no_text_of_our_own_that_scores_is_let_go() -> None:
    assert not _let_go_wrongly(_own_texts())


@pytest.mark.parametrize("kind", DISGUISES)
def test_no_disguised_text_that_scores_is_let_go(kind: str) -> None:
    rng = random.Random(SEED)
    examples = [text for rule in BOOK.rules for text in rule.examples]
    assert not _let_go_wrongly(DISGUISES[kind](text, rng) for text in rng.sample(examples, 40))


def test_where_a_rate_or_a_contact_stands_the_screen_knows_of_it() -> None:
    """Rules ask for these facts, and few of the texts above have each of their forms."""
    table = YAML(typ="safe").load(HERE_TABLE.read_text(encoding="utf-8"))
    missed = [
        row[0] for row in table if find_rates(normalize(row[0])) and not _may_hold(row[0], "rate")
    ]
    assert not missed
    assert not [text for text in CONTACTS if not _may_hold(text, "contact")]


def _may_hold(text: str, fact: str) -> bool:
    bare_text = BareText.of((text,))
    marks: dict[str, list[int]] = {}
    for word, starts in SCREEN._found(bare_text.text).items():
        for mark in SCREEN.marks[word]:
            marks.setdefault(mark, []).extend(starts)
    hidden = bare_text.odd or bool(bare_text.holds & DIGIT_LIKE)
    return hidden or fact in possible_facts(bare_text, marks)


CONTACTS = (
    "裙号 87654321", "加裙87654321", "(0371)65871234", "0371-6587 1234", "0371 6587 1234",
    "薇信同号 幺三八五五五五六六六六", "电报 lucky888", "扣扣 123456789",
)  # fmt: skip


def test_no_shared_text_that_scores_is_let_go() -> None:
    rows = [row["text"] for path in sorted(SHARED.glob("*.jsonl")) for row in read_rows(path)]
    if not rows:
        pytest.skip("the shared texts are not here")
    chosen = random.Random(SEED).sample(rows, min(MOST_SHARED, len(rows)))
    assert not _let_go_wrongly(text[:2_000] for text in chosen)


def test_an_innocent_text_is_let_go() -> None:
    assert not SCREEN.may_score((INNOCENT, "首页\n新闻\n关于我们", "2026-11-04 10:12 来源：某网"))


def test_one_text_among_many_is_enough() -> None:
    assert SCREEN.may_score((INNOCENT, ADVERT, INNOCENT))


def test_words_of_two_texts_do_not_make_one() -> None:
    text = BareText.of(("保", "本"))
    assert text.text == f"保{JOINT}本"
    assert not text.odd


def test_a_bare_text_has_neither_marks_nor_gaps() -> None:
    assert bare("理-财 ５％，Ａpp！") == "理财5app"


def test_a_text_with_the_joint_in_it_is_read_in_full() -> None:
    assert SCREEN.may_score((f"保{JOINT}本",))


def test_an_innocent_page_gets_what_the_judge_gives_it() -> None:
    segments = (Segment(Origin.BODY, INNOCENT), Segment(Origin.BODY, "首页", block=1))
    screened = assess_segments(segments, BOOK, screen=SCREEN)
    assert screened == assess_segments(segments, BOOK)


def test_a_page_with_a_suspect_block_is_read_in_full() -> None:
    segments = (Segment(Origin.BODY, INNOCENT), Segment(Origin.AD, ADVERT, block=1))
    screened = assess_segments(segments, BOOK, screen=SCREEN)
    assert screened.level >= Level.MEDIUM
    assert screened == assess_segments(segments, BOOK)


@pytest.mark.parametrize(
    ("expression", "literals"),
    [
        ("保(?:本|息)[^。]{0,6}(?:返还|退还)", {"保本", "保息"}),
        (r"\d+(?:天|个月)回本", {"天回本", "个月回本"}),
        ('"[^"]+"', {""}),
    ],
)
def test_an_expression_tells_what_a_text_must_hold(expression: str, literals: set[str]) -> None:
    assert required_literals(expression, bare) == literals


def test_the_bare_form_of_an_expression_has_no_marks() -> None:
    assert bare_form("说“(?:稳|高)[。!]赚", bare, JOINT) == "说[稳高]赚"


def test_what_only_supports_is_asked_about_in_prose_alone() -> None:
    call = "想了解的加微信详聊，名额只剩三个。"
    assert SCREEN.may_score((call,))
    assert not SCREEN.may_score((call,), is_prose=False)
    assert total(judge(call, BOOK, is_prose=False).hits) == 0
    assert SCREEN.may_score((ADVERT,), is_prose=False)
