"""Streams of lines: order, bounded reading ahead, and lines that kill their reader."""

import io
import json
import os

import pytest

from crawler.assess_lines import Answered, Manner
from crawler.assess_stream import (
    MAX_LINE_BYTES,
    Numbered,
    answer_stream,
    blame_line,
    chunks,
    numbered_lines,
)
from crawler.crew import Crew

DEADLY = b"deadly"


def _rows(count: int) -> bytes:
    texts = ["清浦县今天多云转晴。", "一万元起投，月息两分，保本保息，加微信 qingpu_8866"]
    rows = [{"id": number, "text": texts[number % 2]} for number in range(count)]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _echo_or_die(chunk):
    if any(numbered.line == DEADLY for numbered in chunk):
        os._exit(9)
    return [Answered(str(numbered.number)) for numbered in chunk]


def test_two_processes_answer_as_one_does_and_in_its_order():
    lines = _rows(1200) + b"not JSON\n\n" + _rows(3)
    alone = [one.line for one in answer_stream(io.BytesIO(lines), Manner(), 1)]
    together = [one.line for one in answer_stream(io.BytesIO(lines), Manner(), 2)]
    assert together == alone
    assert len(alone) == 1204
    assert json.loads(alone[1200])["error"].startswith("line 1201: not JSON")


def test_a_line_that_kills_its_process_costs_that_line_alone():
    lines = [Numbered(n, DEADLY if n in {7, 1400} else b"x") for n in range(1, 1801)]
    crew = Crew(_echo_or_die, blame_line, 2)
    answers = [one for _, part in crew.answer_all(chunks(iter(lines))) for one in part]
    assert len(answers) == 1800
    assert [n for n, one in enumerate(answers, 1) if one.failed] == [7, 1400]
    assert "line 1400: the process that read it died" in answers[1399].line
    assert [one.line for one in answers[:6]] == ["1", "2", "3", "4", "5", "6"]


def test_no_more_is_read_ahead_than_the_processes_can_use():
    taken = 0

    def lines():
        nonlocal taken
        for number in range(1, 500 * 40 + 1):
            taken = number
            yield Numbered(number, b"x")

    answering = Crew(_echo_or_die, blame_line, 2).answer_all(chunks(lines()))
    next(answering)
    assert taken <= 500 * 8
    answering.close()


@pytest.mark.slow
def test_a_line_over_the_limit_is_named_and_passed_over():
    stream = io.BytesIO(b"a\n" + b"x" * (MAX_LINE_BYTES + 5) + b"\nb\n")
    assert [(n.number, n.line and n.line.strip()) for n in numbered_lines(stream)] == [
        (1, b"a"), (2, None), (3, b"b"),
    ]  # fmt: skip
