"""Runs: won once a slot, kept alive by beats, lost when they stop."""

from datetime import timedelta

from core.ledger import RunReport, RunState
from storage.runs import (
    beat,
    finish_run,
    has_run,
    last_runs,
    latest_run_by_target,
    lose_runs_of_target,
    lose_stale_runs,
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


def test_only_runs_without_a_beat_are_lost(db, samples):
    quiet = start_run(db, "forum", "1", samples.START)
    alive = start_run(db, "forum", "2", samples.START)
    beat(db, alive, samples.START + HOUR)
    lost = lose_stale_runs(db, samples.START + HOUR / 2, samples.START + HOUR)
    assert quiet in {run.id for run in lost}
    assert alive not in {run.id for run in lost}
    assert last_runs(db, "forum", 1)[0].state is RunState.RUNNING


def test_a_target_loses_only_what_still_runs(db, samples):
    done = start_run(db, "forum", "1", samples.START)
    finish_run(db, done, RunState.FINISHED, RunReport(), samples.START)
    running = start_run(db, "forum", "2", samples.START)
    lost = lose_runs_of_target(db, "forum", samples.START)
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
