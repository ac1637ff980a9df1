"""Promised returns: the table of expressions, what is none, and how ambiguity is shown."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from classifiers.engine import assess_text
from classifiers.normalize import normalize
from classifiers.rates import find_rates
from classifiers.rulebook import load_rulebook
from core.records import Level, Rate

HERE = Path(__file__).parent
RIGHT_SHARE = 0.98


def _rows(name: str) -> list[Any]:
    return list(YAML(typ="safe").load((HERE / name).read_text(encoding="utf-8")))


def _rates(text: str) -> tuple[Rate, ...]:
    return find_rates(normalize(text))


def _near(value: float | None, wanted: float | None) -> bool:
    if value is None or wanted is None:
        return value is wanted
    return abs(value - wanted) <= max(0.02, 0.005 * wanted)


def _is_right(row: list[Any]) -> bool:
    text, wanted, bases = row[:3]
    wanted = wanted if isinstance(wanted, list) else [wanted]
    bases = bases if isinstance(bases, list) else [bases]
    found = _rates(text)
    return (
        [rate.basis for rate in found] == bases
        and all(_near(rate.annual_pct, value) for rate, value in zip(found, wanted, strict=True))
        and (len(row) == 3 or _near(found[0].annual_pct_min, row[3]))
        and all(text[rate.start : rate.end] == rate.quote for rate in found)
    )


def test_the_table_is_read_right() -> None:
    rows = _rows("rate_table.yml")
    wrong = [row for row in rows if not _is_right(row)]
    assert len(rows) >= 200
    assert len(wrong) <= (1 - RIGHT_SHARE) * len(rows), wrong


@pytest.mark.parametrize("text", _rows("not_rates.yml"))
def test_a_number_that_promises_nothing_is_no_rate(text: str) -> None:
    assert _rates(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "某农村商业银行三年期整存整取存款年利率1.25%，存款保险保障。",
        "本期储蓄国债（电子式）三年期票面年利率1.93%，到期一次还本付息。",
        "大额存单20万元起，三年期年利率1.9%，到期还本付息，以网点公示为准。",
    ],
)
def test_interest_of_a_licensed_deposit_is_no_finding(text: str) -> None:
    assert assess_text(text, load_rulebook()).level < Level.MEDIUM


def test_the_quote_is_verbatim_under_evasion() -> None:
    text = "月 返 3 ％，稳"
    (rate,) = _rates(text)
    assert text[rate.start : rate.end] == rate.quote
    assert rate.annual_pct == 36


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("收益15%", "未说明计息周期"),
        ("月返10%，连返12期", "若本金另还则为120%"),
        ("三分利", "未说明周期"),
        ("90天回本", "未扣本金"),
        ("日息一分", "两种口径"),
        ("年化18，名额不多", "未写百分号"),
    ],
)
def test_what_is_assumed_is_said(text: str, words: str) -> None:
    (rate,) = _rates(text)
    assert rate.assumption is not None
    assert words in rate.assumption


def test_a_sum_paid_in_again_is_no_return_of_the_first() -> None:
    text = "出一千回一千三，半个月轮一圈。我帮人人，今天打款一千元帮助他人，十五天后轮到自己。"
    assert [rate.annual_pct for rate in _rates(text)] == [730.0]


def test_two_returns_of_one_sum_are_both_read() -> None:
    rates = _rates("一万元起，放半年拿回一万一，放一年拿回一万二千五")
    assert [rate.annual_pct for rate in rates] == [20, 25]


def test_a_long_term_without_a_period_shows_both_readings() -> None:
    (rate,) = _rates("固收产品，24个月9.2%，20万起")
    assert (rate.annual_pct, rate.annual_pct_min) == (9.2, 4.6)


def test_capital_returned_apart_is_told_from_capital_within() -> None:
    within = _rates("投资10000元，每天返120元，返满120天")[0]
    apart = _rates("投资10000元，每天返120元，返满120天，期满退还本金")[0]
    assert (within.annual_pct, apart.annual_pct) == (133.83, 438)
