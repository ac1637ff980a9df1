"""Saved files in GB18030, Big5 and UTF-8, decoded from their bytes alone."""

import json

import pytest

from benchmarks.real_decoding import decoding_figures
from benchmarks.real_input import FLOORS, SHARED
from benchmarks.run import beyond

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not (SHARED / "manifest.jsonl").exists(),
        reason="the saved real pages are not beside the project",
    ),
]


def test_saved_files_are_decoded_right_whatever_they_declare():
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    decoding = {name: floor for name, floor in floors.items() if name.startswith("decoded")}
    assert beyond(decoding_figures(SHARED), decoding) == []
