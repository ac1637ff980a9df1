"""Personal numbers are starred; everything else, and the length, stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.personal import mask_personal
from core.records import Entity


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话19900001234详询", "电话199****1234详询"),
        ("+86 199 0000 1234", "+86 1** **** 1234"),
        ("身份证 110101199003077758", "身份证 110101**********58"),
        ("卡号 6222 0200 1234 5678 901", None),
        ("编号 20261122 与 12345", "编号 20261122 与 12345"),
        ("投入10000000000元", "投入10000000000元"),
        ("订单1990000123456", "订单1990000123456"),
    ],
)
def test_plain_numbers_are_found_by_their_form(text, shown):
    masked = mask_personal(text)
    assert len(masked) == len(text)
    if shown is None:
        assert "*" in masked
    else:
        assert masked == shown


def test_an_unusual_spelling_is_found_through_its_entity():
    text = "加 1⃣99零零00一二34 咨询"
    entity = Entity("phone", "19900001234", text[2:-3], 2, len(text) - 3)
    masked = mask_personal(text, (entity,))
    assert "零零" not in masked
    assert masked.endswith("咨询")


@given(st.text(max_size=60))
def test_offsets_hold(text):
    assert len(mask_personal(text)) == len(text)
