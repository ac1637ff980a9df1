"""Sums of money and spans of time in a normalised text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifiers.match import Span
    from classifiers.shape import Shape

_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_HANZI = r"[一二两三四五六七八九十百千万半壹贰叁肆伍陆柒捌玖拾佰仟〇零几]{1,8}"
_UNIT = r"(?:万|w|k|千|百|亿)?\s?(?:元|块|圆|刀|美金|美元|港币|港元|usdt|u\b|rmb|人民币|米)"
AMOUNT = re.compile(
    rf"(?:(?:{_DIGITS}|{_HANZI})\s?{_UNIT}|{_DIGITS}\s?(?:万|w\b|k\b|千)|"
    rf"[¥￥$]\s?{_DIGITS}|[一二两三四五六七八九十]{{1,3}}[万千百][一二三四五六七八九千百]{{0,4}})"
)
_RUNS = re.compile(rb"y|[dnN]+")
TERM = re.compile(
    rf"(?:(?:{_DIGITS}|{_HANZI})\s?(?:个)?(?:天|日|周|星期|礼拜|个月|月|季|年|期)(?!轻|代|龄|前|级))"
)


def find_amounts(shape: Shape) -> Iterator[Span]:
    """Where sums of money stand in the narrow text."""
    return (found.span() for found in shape.at_numerals(AMOUNT, _RUNS))
