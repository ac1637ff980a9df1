"""Saved real pages through the whole crawl into the database, held to their floors."""

import json

import pytest

from benchmarks.real_input import FLOORS, SHARED, crawled, figures, scored
from benchmarks.run import beyond

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.xdist_group("real_input"),
    pytest.mark.skipif(
        not (SHARED / "score.py").exists(), reason="the saved real pages are not beside the project"
    ),
]


@pytest.fixture(scope="module")
def found() -> dict[str, float]:
    return figures(scored(SHARED, crawled(SHARED), table=False))


def test_no_figure_is_below_its_floor(found):
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    crawl_floors = {name: floor for name, floor in floors.items() if "decoded" not in name}
    assert beyond(found, crawl_floors) == []


def test_news_is_read_better_than_by_any_general_extractor(found):
    assert found["news_body_f1"] > 0.964


def test_bodies_that_stand_in_scripts_alone_are_read(found):
    assert found["wechat_script_body_f1"] >= 0.95


def test_pages_in_an_articles_place_are_states_and_leave_no_content(found):
    assert found["status_status_empty"] == found["status_status_right"] == 1.0
    assert found["news_called_status"] == found["wechat_called_status"] == 0.0
