"""Plain text in columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.plain import field, width, wrap


@given(st.text(alphabet="清浦年化收益abc123 ，。（）%“”", max_size=200), st.integers(8, 40))
def test_no_line_is_too_wide_and_nothing_is_lost(text, columns):
    lines = wrap(text, columns).split("\n")
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_words_and_closing_marks_are_not_torn_apart():
    lines = wrap("约为一年期 LPR（3%，2026-07-20）的 8.0 倍。", 20).split("\n")
    assert any("LPR" in line for line in lines)
    assert any("2026-07-20）" in line for line in lines)
    assert all(line[:1] not in "，。）" for line in lines if line)


@pytest.mark.parametrize("label", ["为什么", "Why", "涉嫌违反"])
def test_values_stand_below_one_another_beside_their_label(label):
    lines = field(label, ["第一条理由", "第二条理由"]).split("\n")
    first, second = (width(line.partition("第")[0]) for line in lines)
    assert first == second


def test_a_run_of_closing_marks_that_fits_no_line_begins_a_new_one():
    assert wrap("11111。化%）））", 8).split("\n") == ["11111。", "化%））", "）"]
