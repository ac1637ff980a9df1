"""Long texts are cut at line ends, to the byte, and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.split import json_bytes, numbered_parts, split_lines, utf8_bytes

TEXTS = st.text(alphabet=st.sampled_from('月a\n\n字😀é"\\ \t'), max_size=400)


@given(TEXTS, st.integers(8, 60), st.sampled_from([utf8_bytes, json_bytes]))
def test_no_part_is_too_long_and_nothing_is_lost(text, limit, size):
    parts = split_lines(text, limit, size)
    assert all(size(part) <= limit for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


@given(TEXTS)
def test_lines_that_fit_are_never_cut(text):
    limit = max(len(line.encode()) for line in text.split("\n")) + 1
    assert "\n".join(split_lines(text, limit)) == text


@pytest.mark.parametrize(("count", "parts"), [(4096, 1), (4097, 2)])
def test_the_limit_itself_still_fits(count, parts):
    assert len(numbered_parts("a" * count, 4096)) == parts


def test_han_characters_count_three_bytes_and_are_never_torn():
    parts = numbered_parts("息" * 2000, 2048)
    assert all(len(part.encode()) <= 2048 for part in parts)
    assert sum(part.count("息") for part in parts) == 2000
    assert parts[0].startswith("（1/3）\n")


def test_a_broken_character_is_cut_like_any_other():
    assert split_lines("\ud83d" * 30, 10)
