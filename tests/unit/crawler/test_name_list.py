"""Lists of names, and the findings that say them."""

import io
from dataclasses import dataclass, field

import openpyxl
import pytest

from core.records import Level
from crawler.name_list import ListError, find_names, read_names


@dataclass
class Finding:
    """What is looked at of a finding."""

    id: int
    title: str = ""
    account: str = ""
    text: str = ""
    entities: tuple = ()
    level: Level = Level.HIGH
    score: float = field(default=80.0)


def test_a_column_of_names_is_known_by_its_head(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        [1, "企业名称", "备注"],
        [2, "清浦鑫盛源投资有限公司", "重点"],
        [3, "云汀惠民 合作社", None],
        [4, "云汀惠民 合作社", ""],
    ):
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    (tmp_path / "a.xlsx").write_bytes(packed.getvalue())
    assert read_names(tmp_path / "a.xlsx") == ["清浦鑫盛源投资有限公司", "云汀惠民 合作社"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_without_a_head_all_but_numbers_and_addresses_are_names(tmp_path, encoding):
    text = "1,聚宝盆理财,2026-11-20\n2,http://a.example.cn/x,稳盈小金库\n"
    (tmp_path / "a.csv").write_text(text, encoding=encoding)
    assert read_names(tmp_path / "a.csv") == ["聚宝盆理财", "稳盈小金库"]


@pytest.mark.parametrize("data", [b"", b"1,2,3\n", b"PK\x03\x04 no sheet", b"\n\n"])
def test_a_list_without_names_says_so(tmp_path, data):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(ListError, match=r"a\.csv"):
        read_names(tmp_path / "a.csv")


def test_names_are_found_whatever_their_width_and_without_their_legal_form():
    findings = [
        Finding(1, text="选择鑫盛源投资，月息两分", level=Level.MEDIUM),
        Finding(2, title="ＫＫ云 商城招募"),
        Finding(3, text="别的公司"),
        Finding(4, account="鑫盛源投资有限公司"),
    ]
    found = find_names(["鑫盛源投资有限公司", "kk云商城", "查无此人", "一二三有限公司"], findings)
    assert [[one.id for one in named.findings] for named in found] == [[4, 1], [2], [], []]
    assert [named.level for named in found] == [Level.HIGH, Level.HIGH, Level.NONE, Level.NONE]
