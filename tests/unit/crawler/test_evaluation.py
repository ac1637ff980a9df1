"""Labelled texts against levels: what the figures of `adwatch eval` mean."""

import json
import re

import pytest

from core.records import Level
from crawler.evaluation import (
    Judged,
    LabelFaultError,
    figures,
    interval,
    judge_rows,
    read_rows,
    worst_errors,
)


def _judged(number, label, score, *, cluster="", patterns=(), found=()):
    level = Level.MEDIUM if score >= 40 else Level.NONE
    return Judged(
        str(number), label, "own", "", cluster or str(number), patterns, "", level, score, "other",
        found, (),
    )  # fmt: skip


ROWS = [
    _judged(1, "positive", 90, patterns=("coop_deposits",), found=("coop_deposits",)),
    _judged(2, "positive", 60, patterns=("gold_leasing",), found=("forex_futures",)),
    _judged(3, "positive", 10),
    _judged(4, "negative", 45),
    _judged(5, "negative", 0),
    _judged(6, "borderline", 50),
]


def test_recall_precision_and_false_alarms_leave_borderline_rows_out():
    found = figures(ROWS)
    assert found.share("positive") == pytest.approx(2 / 3)
    assert found.precision == pytest.approx(2 / 3)
    assert found.share("negative") == pytest.approx(1 / 2)
    assert found.share("borderline") == 1.0
    assert found.naming == pytest.approx(1 / 2)


def test_the_worst_errors_are_the_loudest_alarm_and_the_quietest_miss():
    assert [one.id for one in worst_errors(ROWS, 5)] == ["4", "3"]


def test_an_interval_is_wider_where_rows_hang_together():
    apart = [_judged(n, "positive", 90 if n % 2 else 0) for n in range(60)]
    together = [
        _judged(n, "positive", 90 if n % 2 else 0, cluster=f"c{n % 2}{n // 20}") for n in range(60)
    ]
    low, high = interval(apart, "positive")
    wide_low, wide_high = interval(together, "positive")
    assert low < 0.5 < high
    assert wide_high - wide_low > high - low
    assert interval(apart, "negative") is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not JSON", "rows.jsonl:1: not JSON"),
        ('{"label": "positive"}', 'want an object with a "text"'),
        ('{"text": "x", "label": "maybe"}', '"label" must be one of positive, negative'),
    ],
)
def test_a_row_that_cannot_be_used_names_its_line(tmp_path, line, said):
    path = tmp_path / "rows.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(LabelFaultError, match=re.escape(said)):
        list(read_rows(path))


def test_rows_are_judged_alike_by_one_process_and_by_two(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = [
        {"text": "一万元起投，月息两分，保本保息，加微信 qingpu_8866", "label": "positive"},
        {"text": "图书馆周末举办读书会。", "label": "negative", "form": "chat_group"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    alone = list(judge_rows(read_rows(path), 1))
    assert alone == list(judge_rows(read_rows(path), 2))
    assert [one.is_flagged for one in alone] == [True, False]
