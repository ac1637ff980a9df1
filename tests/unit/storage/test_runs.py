"""Runs: won once a slot, kept alive by beats, lost when they stop."""

from datetime import timedelta

import pytest

from core.errors import BusyHostError
from core.ledger import RunReport, RunState
from storage.holds import running_runs
from storage.runs import (
    broken_runs,
    finish_run,
    has_run,
    last_runs,
    latest_run_by_target,
    lose_runs,
    lose_runs_of_target,
    recent_slots,
    runs_between,
    start_run,
)

HOUR = timedelta(hours=1)


def test_a_slot_is_won_once(db, samples):
    assert start_run(db, "town", "2026-11-20T06:00", samples.START) is not None
    assert start_run(db, "town", "2026-11-20T06:00", samples.START) is None
    assert has_run(db, "town", "2026-11-20T06:00")
    assert not has_run(db, "town", "2026-11-20T12:00")


def test_two_targets_do_not_share_a_slot(db, samples):
    assert start_run(db, "a", "s", samples.START) != start_run(db, "b", "s", samples.START)


def test_a_finished_run_reads_back_with_its_report(db, samples):
    run_id = start_run(db, "forum", "s", samples.START)
    report = RunReport(pages=3, new=2, drops={"too_big": 1}, states={"ok": 2}, reason="finished")
    finish_run(db, run_id, RunState.FINISHED, report, samples.START + HOUR)
    (run,) = last_runs(db, "forum", 5)
    assert run.report == report
    assert run.state is RunState.FINISHED
    assert (run.started_at, run.ended_at) == (samples.START, samples.START + HOUR)


def test_a_target_loses_only_what_still_runs(db, samples):
    done = start_run(db, "forum", "1", samples.START)
    finish_run(db, done, RunState.FINISHED, RunReport(), samples.START)
    running = start_run(db, "forum", "2", samples.START)
    lost = lose_runs_of_target(db, "forum", "here", samples.START)
    assert [run.id for run in lost] == [running]
    assert lost[0].state is RunState.LOST


def test_runs_of_a_window_exclude_its_end(db, samples):
    first = start_run(db, "forum", "1", samples.START + HOUR)
    start_run(db, "forum", "2", samples.START + 2 * HOUR)
    found = runs_between(db, samples.START + HOUR, samples.START + 2 * HOUR)
    assert [run.id for run in found] == [first]


def test_the_latest_run_of_each_target_is_found(db, samples):
    start_run(db, "forum", "1", samples.START)
    newest = start_run(db, "forum", "2", samples.START)
    latest = latest_run_by_target(db)
    assert latest["forum"].id == newest
    assert set(latest) == {"forum", "town"}


def test_a_host_is_held_by_one_run_until_it_ends(db, samples):
    first = start_run(db, "forum", "1", samples.START, ("a.cn", "b.cn"), "here")
    with pytest.raises(BusyHostError, match=r"b\.cn"):
        start_run(db, "news", "1", samples.START, ("b.cn", "c.cn"), "there")
    assert not has_run(db, "news", "1")
    finish_run(db, first, RunState.FINISHED, RunReport(), samples.START)
    assert start_run(db, "news", "1", samples.START, ("b.cn", "c.cn"), "there") is not None


def test_a_lost_run_lets_go_of_its_host_and_only_a_running_one_is_lost(db, samples):
    run_id = start_run(db, "forum", "1", samples.START, ("a.cn",), "here")
    assert [run.id for run in lose_runs(db, (run_id,), samples.START)] == [run_id]
    assert lose_runs(db, (run_id,), samples.START) == ()
    assert [run.id for run in broken_runs(db, samples.START)] == [run_id]
    assert start_run(db, "forum", "2", samples.START, ("a.cn",), "here") is not None


def test_what_runs_elsewhere_is_not_lost_by_the_lock_here(db, samples):
    elsewhere = start_run(db, "forum", "1", samples.START, ("a.cn",), "there")
    assert lose_runs_of_target(db, "forum", "here", samples.START) == ()
    running = {run.id: run for run in running_runs(db)}
    assert running[elsewhere].place == "there"


def test_scheduled_slots_are_read_past_those_that_people_asked_for(db, samples):
    for slot in ("every-60s-20261120T060000Z", "manual-1", "manual-2"):
        start_run(db, "forum", slot, samples.START)
    assert recent_slots(db, "forum", 1) == ("every-60s-20261120T060000Z",)
