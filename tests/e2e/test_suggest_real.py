"""Proposals for saved real pages, held to their floors."""

import json

import pytest

from benchmarks.run import beyond
from benchmarks.suggest import FLOORS, SHARED, measure

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (SHARED / "score.py").exists(), reason="the saved real pages are not beside the project"
    ),
]


@pytest.mark.soak
def test_no_figure_is_below_its_floor():
    assert beyond(measure(), json.loads(FLOORS.read_text(encoding="utf-8"))) == []
