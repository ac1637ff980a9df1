"""Numbers in every writing."""

import re

import pytest

from classifiers.numerals import COUNT, NUMBER, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", 12.5), ("1,000", 1000), ("3万6", 36_000), ("3 万 6", 36_000), ("三万六", 36_000),
        ("一万二千八", 12_800), ("一千零七十", 1_070), ("一百零五", 105), ("二十", 20),
        ("十八", 18), ("两千五百五", 2_550), ("壹拾肆万", 140_000), ("叁仟元"[:2], 3_000),
        ("一点五", 1.5), ("十二点五", 12.5), ("1.2亿", 120_000_000), ("10个w", 100_000),
        ("5k", 5_000), ("1万1千5", 11_500), ("1伍", 15), ("贰陆00", 2_600), ("万", 10_000),
        ("一万零五百", 10_500), ("三百二", 320), ("捌.捌", 8.8), ("9800", 9_800),
    ],
)  # fmt: skip
def test_a_number_has_its_value(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value)
    assert re.fullmatch(NUMBER, text)


@pytest.mark.parametrize("text", ["", "元", "abc", "利息", "点"])
def test_what_is_no_number_has_no_value(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "first"),
    [("三万九十天", "三万"), ("3万90天", "3万"), ("三万六个月", "三万"), ("3万6个月", "3万"),
     ("十万一年", "十万"), ("一万一天", "一万")],
)  # fmt: skip
def test_a_number_ends_where_the_next_begins(text: str, first: str) -> None:
    found = re.match(NUMBER, text)
    assert found is not None
    assert found[0] == first


def test_a_count_is_small() -> None:
    assert re.match(COUNT, "3万") is None
    assert re.fullmatch(COUNT, "十二")


def test_a_million_numerals_take_no_time() -> None:
    assert len(re.findall(NUMBER, "一" * 100_000)) == 100_000
