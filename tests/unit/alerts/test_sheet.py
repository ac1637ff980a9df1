"""The spreadsheet as a spreadsheet program reads it."""

import io

import openpyxl
import pytest

from alerts.sheet import cell_text, digest_sheet, write_findings_sheet
from core.ledger import Health
from core.records import Level


def rows(data, sheet):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [list(row) for row in book[sheet].iter_rows()]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "=cmd|'/C calc'!A0", "{=1+1}"])
def test_no_text_becomes_a_formula(of, start):
    text = f"{start}HYPERLINK 月息两分保本"
    made = of.finding(text=text, quotes=("月息两分",), title=text, account=text)
    for row in rows(digest_sheet(of.digest([made])), "线索"):
        for cell in row:
            assert cell.data_type in {"s", "n", "inlineStr"}
            assert not cell.hyperlink


def test_control_characters_are_written_out_and_the_rest_survives(of):
    text = "前\x00中\x07月息两分\x1b后\ud83d尾\ufffe"
    made = of.finding(text=text, quotes=("月息两分",))
    said = [cell.value for cell in rows(digest_sheet(of.digest([made])), "线索")[1]]
    assert any(
        isinstance(value, str) and value.startswith("前") and "尾" in value and "\\u0007" in value
        for value in said
    )


def test_a_text_longer_than_a_cell_is_cut_and_says_so():
    cut = cell_text("长" * 40_000)
    assert len(cut) < 32_767
    assert cut.endswith("（略）")


def test_every_finding_and_place_has_a_row_also_those_the_mail_leaves_out(of):
    made = [
        of.finding(
            n, f"{chr(0x4E00 + n * 50) * 20}月息两分", quotes=("月息两分",), level=Level.MEDIUM
        )
        for n in range(1, 61)
    ]
    data = digest_sheet(of.digest(made))
    assert len(rows(data, "线索")) == 61
    assert len(rows(data, "出现位置")) == 61


def test_times_are_local_numbers_are_numbers_and_states_are_words(of):
    made = of.finding(rates=(of.rate(of.text, "月息两分", 24.0),))
    health = (of.health("forum", Health.SHRUNKEN, "2 pages"),)
    data = digest_sheet(of.digest([made], health=health))
    values = [cell.value for cell in rows(data, "线索")[1]]
    assert "2026-11-22 02:30" in values
    assert 24 in values
    assert [cell.value for cell in rows(data, "站点巡检")[1]][2] == "内容明显减少"


def test_the_mailed_sheet_stars_personal_numbers_and_an_export_does_not(of, tmp_path):
    mailed = digest_sheet(of.digest([of.finding()]))
    assert not any("19900001234" in str(c.value) for row in rows(mailed, "线索") for c in row)
    path = tmp_path / "all.xlsx"
    write_findings_sheet([of.finding()], path)
    assert any(
        "19900001234" in str(c.value) for row in rows(path.read_bytes(), "线索") for c in row
    )
