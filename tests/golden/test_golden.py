"""Each saved page is read as its golden record says, one test a field."""

import importlib.util
from functools import cache
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location(
    "saved_pages", Path(__file__).with_name("saved_pages.py")
)
saved_pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(saved_pages)


@cache
def found(name: str) -> dict:
    return saved_pages.as_record(saved_pages.read_saved(name))


@pytest.mark.parametrize("field", saved_pages.FIELDS)
@pytest.mark.parametrize("name", saved_pages.names())
def test_a_saved_page_is_read_as_its_record_says(name, field):
    assert found(name)[field] == saved_pages.expected(name)[field]


def test_every_golden_record_has_its_page_and_all_fields():
    records = {path.stem for path in saved_pages.PAGES.glob("*.json")}
    assert records == set(saved_pages.names())
    for name in records:
        assert set(saved_pages.expected(name)) == set(saved_pages.FIELDS)
