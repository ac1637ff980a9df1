"""What a service starts: due slots first, then what broke off, and not for ever."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from core.ledger import RunReport, RunState
from crawler.plan import REPEATS, Plan
from crawler.target_locks import SILENCE_S, Silences, lose_ended_here, place_of, target_lock
from storage.database import open_database
from storage.runs import beat, broken_runs, finish_run, lose_runs, start_run

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
PAGE = "title: t\nspider: article\nstart_urls: ['http://x.cn/{0}']\ncron: '0 * * * *'\n"


@pytest.fixture
def database(tmp_path):
    with closing(open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)) as opened:
        yield opened


def due_names(plan, office, now=NOW):
    return [(due.target.id, due.slot) for due in plan.chores(office, now).due]


def break_off(database, target_id, slot):
    run_id = start_run(database, target_id, slot, NOW)
    lose_runs(database, (run_id,), NOW)


def test_a_slot_is_due_until_its_run_is_there(database, workspace):
    office = workspace(a=PAGE, b=PAGE)
    plan = Plan(database)
    slot = "cron-20261123T020000Z"
    assert due_names(plan, office) == [("a", slot), ("b", slot)]
    start_run(database, "a", slot, NOW)
    assert due_names(plan, office) == [("b", slot)]
    assert due_names(Plan(database), office, NOW - timedelta(hours=1)) == [
        ("b", "cron-20261123T010000Z")
    ]


def test_a_run_that_broke_off_is_repeated_three_times_and_then_given_up(database, workspace):
    office = workspace(a=PAGE)
    plan = Plan(database)
    slot = "cron-20261123T020000Z"
    break_off(database, "a", slot)
    for number in range(1, REPEATS + 1):
        assert due_names(plan, office) == [("a", f"{slot}+{number}")]
        assert plan.chores(office, NOW).given_up == ()
        break_off(database, "a", f"{slot}+{number}")
    chores = plan.chores(office, NOW)
    assert chores.due == ()
    assert [run.slot for run in chores.given_up] == [f"{slot}+{REPEATS}"]


@pytest.mark.parametrize(("reason", "repeated"), [("interrupted", 1), ("run_timeout", 0)])
def test_what_the_target_did_itself_is_not_repeated(database, workspace, reason, repeated):
    office = workspace(a=PAGE)
    run_id = start_run(database, "a", "cron-20261123T020000Z", NOW)
    finish_run(database, run_id, RunState.FAILED, RunReport(reason=reason), NOW)
    assert len(due_names(Plan(database), office)) == repeated


def test_a_newer_slot_overtakes_one_that_broke_off_but_not_with_all(database, workspace):
    office = workspace(a=PAGE, b=PAGE + "catchup: all\n")
    for target_id in ("a", "b"):
        break_off(database, target_id, "cron-20261123T010000Z")
        start_run(database, target_id, "cron-20261123T020000Z", NOW)
    assert due_names(Plan(database), office) == [("b", "cron-20261123T010000Z+1")]


def test_a_run_whose_lock_is_free_here_is_lost_and_one_elsewhere_is_not(database, tmp_path):
    start_run(database, "held", "1", NOW, ("a.cn",), place_of(tmp_path))
    start_run(database, "dead", "1", NOW, ("b.cn",), place_of(tmp_path))
    start_run(database, "away", "1", NOW, ("c.cn",), "another machine:/srv")
    with target_lock(tmp_path, "held"):
        assert [run.target_id for run in lose_ended_here(database, tmp_path)] == ["dead"]
    assert [run.target_id for run in broken_runs(database, NOW)] == ["dead"]


def test_a_run_is_lost_after_two_minutes_of_silence_by_a_clock_nobody_sets(database):
    alive = start_run(database, "alive", "1", NOW, ("a.cn",), "elsewhere")
    start_run(database, "silent", "1", NOW, ("b.cn",), "elsewhere")
    silences = Silences()
    far_off = NOW + timedelta(days=300)
    assert silences.lose_silent(database, far_off, 0.0) == ()
    beat(database, alive, NOW - timedelta(hours=1))
    assert silences.lose_silent(database, far_off, SILENCE_S / 2) == ()
    lost = silences.lose_silent(database, far_off, SILENCE_S + 1)
    assert [run.target_id for run in lost] == ["silent"]
