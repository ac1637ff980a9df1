import re

import pytest

from classifiers import rate_terms
from classifiers.late_expression import LateExpression

LATE = {name: made for name, made in vars(rate_terms).items() if isinstance(made, LateExpression)}
TEXTS = (
    "90天回本", "回本周期30天，回收期约2年，投资回收期仅3个月，返本周期20天",
    "一年翻两番，三个月翻倍，90天涨到2倍，半年内3倍收益", "每月返10%连返12期", "投1万每天返200元返完为止",
    "到手2000元7天还3000元", "手续费每月2%分12期", "充1000送500元",
    "前三年的租金24%抵扣，原价回购，前3年收益18%", "每年租金8%连续5年110%价格回购",
)  # fmt: skip


def found(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text, 0, len(text))]


@pytest.mark.parametrize("name", LATE)
def test_a_late_expression_finds_all_that_it_finds_without_its_words(name):
    spans = [
        ([match.span() for match in LATE[name].finditer(text, 0, len(text))], text)
        for text in TEXTS
    ]
    assert all(got == found(LATE[name].compiled, text) for got, text in spans)
    assert any(got for got, _ in spans)


def test_a_late_expression_is_compiled_by_the_first_text_that_holds_a_word_of_it():
    late = LateExpression("回本[0-9]", "回本")
    assert not list(late.finditer("今日天晴，回本", 0, 6))
    assert "compiled" not in vars(late)
    assert [match[0] for match in late.finditer("回本3", 0, 3)] == ["回本3"]
    assert "compiled" in vars(late)
