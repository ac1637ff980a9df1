"""Spreadsheets (.xlsx) and lists (.csv, .tsv): each row is a passage of its own."""

import csv
import warnings
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO, StringIO
from itertools import islice
from typing import Any

import openpyxl

from pipelines.documents.archive import open_archive
from pipelines.documents.passages import MAX_PASSAGES, Passages, unreadable
from spiders.decode import decode

MAX_COLUMNS = 256
_FIELD_CHARS = 1_000_000
_SNIFFED = 8_192


def read_spreadsheet(data: bytes) -> Passages:
    """The rows of all sheets, formulas as the values that were last computed."""
    return _as_passages(sheet_rows(data))


def read_list(data: bytes, *, tabs: bool = False) -> Passages:
    """The rows of a list in any encoding, divided by tabs, commas or semicolons."""
    return _as_passages(list_rows(data, tabs=tabs))


def sheet_rows(data: bytes) -> Iterator[list[str]]:
    """The cells of each row of a spreadsheet; ReadingError where it is broken or a bomb."""
    open_archive(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out, nothing is text
            book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what a sheet says of its size is a claim
                for row in sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
                    yield list(map(_written, row))
    except Exception as error:  # noqa: BLE001 (a broken workbook raises whatever it meets)
        raise unreadable("file_broken", f"{type(error).__name__}: {error}"[:200]) from None


def list_rows(data: bytes, *, tabs: bool = False) -> Iterator[list[str]]:
    """The cells of each row of a list; ReadingError where it is none."""
    text = decode(data, None).text.removeprefix("\ufeff")
    delimiter = "\t" if tabs else _delimiter(text[:_SNIFFED])
    csv.field_size_limit(_FIELD_CHARS)
    try:
        for row in csv.reader(StringIO(text.replace("\0", "")), delimiter=delimiter):
            yield list(map(_written, row[:MAX_COLUMNS]))
    except csv.Error as error:
        raise unreadable("file_broken", str(error)) from None


def _delimiter(head: str) -> str:
    return max(",\t;", key=head.count)


def _as_passages(rows: Iterable[list[str]]) -> Passages:
    found = Passages()
    for row in islice(rows, MAX_PASSAGES + 1):
        if not found.add(" ".join(filter(None, row))):
            break
    return found


def _written(value: Any) -> str:
    """A cell's value as it reads."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.isoformat(" ", "minutes")
        case _:
            return " ".join(str(value).split())
