"""A slot that was cut short is gone over again, under a name of its own, until it has an end."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ledger import RunReport, RunState
from crawler.goes import open_go
from crawler.plan import REPEATS
from storage.database import open_database
from storage.runs import finish_run, last_runs, start_run

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path}/adwatch.db", create=True)
    yield opened
    opened.close()


def test_a_lost_go_is_followed_by_the_next_one_and_a_finished_one_by_none(database):
    assert open_go(database, "board", "s") == "s"
    start_run(database, "board", "s", NOW)
    assert open_go(database, "board", "s") == open_go(database, "board", "s+1") == "s+1"
    assert last_runs(database, "board", 1)[0].state is RunState.LOST
    second = start_run(database, "board", "s+1", NOW)
    finish_run(database, second, RunState.FINISHED, RunReport(reason="finished"), NOW)
    assert open_go(database, "board", "s") is None
    assert open_go(database, "board", "other") == "other"


@pytest.mark.parametrize(
    ("reason", "following"), [("interrupted", "s+1"), ("shutdown", "s+1"), ("run_timeout", None)]
)
def test_a_failed_go_is_followed_only_where_it_was_told_to_stop(database, reason, following):
    run = start_run(database, "board", "s", NOW)
    finish_run(database, run, RunState.FAILED, RunReport(reason=reason), NOW)
    assert open_go(database, "board", "s") == following


def test_a_slot_that_is_lost_for_ever_is_given_up(database):
    for number in range(REPEATS + 1):
        go = open_go(database, "board", "s")
        start_run(database, "board", go, NOW + timedelta(minutes=number))
    assert open_go(database, "board", "s") is None
