"""Seven-run histories: which state a run shows, when it is raised, and when it ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.ledger import Health, Rhythm, RunRecord, RunReport, RunState
from crawler.health import RUNS, episode, judge_target
from crawler.quiet_signs import moved

MONDAY = datetime(2026, 11, 2, 2, tzinfo=UTC)
GOOD = RunReport(
    pages=40, new=4, unchanged=36, reason="finished", statuses={"200": 42},
    states={"ok": 40, "fill_title": 40, "fill_text": 40, "fill_published_at": 36},
)  # fmt: skip


def runs(*reports, every=timedelta(hours=6), begin=MONDAY, state=RunState.FINISHED):
    """Newest first, as storage gives them."""
    found = [
        RunRecord(n, "t", f"s{n}", state, begin + n * every, begin + n * every, report)
        for n, report in enumerate(reports)
    ]
    return tuple(reversed(found))


def quiet(days, longest_days=1.0, pauses=9):
    def rhythm(begin):
        return Rhythm(begin - timedelta(days=days), pauses, longest_days * 86_400)

    return rhythm


NOW = MONDAY + 8 * timedelta(hours=6)
BAD = {
    Health.EMPTY: RunReport(reason="finished", drops={"list_without_items": 1}),
    Health.SHRUNKEN: replace(GOOD, pages=8, new=0, states={"ok": 8, "fill_title": 8, "fill_text": 8,
                                                           "fill_published_at": 8}),
    Health.CAPTCHA: replace(GOOD, pages=40, states={"ok": 10, "captcha": 30}),
    Health.LOGIN: replace(GOOD, pages=0, states={}, drops={"login": 1}),
    Health.BLOCKED: replace(GOOD, pages=5, states={"ok": 5}, statuses={"200": 6, "403": 30}),
    Health.DRIFTED: replace(GOOD, states=GOOD.states | {"fill_published_at": 5}),
    Health.FROZEN: replace(GOOD, new=0, lists=quiet(9)(NOW)),
    Health.STALE: replace(GOOD, new=0, news=quiet(9)(NOW)),
    Health.FAILED: replace(GOOD, pages=3, drops={"http_500": 30}),
}  # fmt: skip


@pytest.mark.parametrize("state", BAD)
def test_each_state_is_shown_at_once_raised_by_two_runs_and_ended_by_a_good_one(target, state):
    well, bad = [GOOD] * 7, BAD[state]

    first = judge_target(target(), runs(*well, bad))
    second = judge_target(target(), runs(*well, bad, bad))
    after = judge_target(target(), runs(*well, bad, bad, GOOD))

    assert (first.health, first.raised) == (state, False)
    assert (second.health, second.raised, second.since) == (state, True, NOW - timedelta(hours=6))
    assert (after.health, after.raised, after.since) == (Health.OK, False, None)
    assert episode(target(), runs(*well, bad)) is None
    raised = episode(target(), runs(*well, bad, bad))
    assert (raised.health, raised.raised_by, raised.ended) == (state, 8, None)
    assert episode(target(), runs(*well, bad, bad, bad, bad)).raised_by == 8
    assert episode(target(), runs(*well, bad, bad, GOOD)).ended == 9


def test_a_run_cut_short_is_raised_too(target):
    well = runs(*[GOOD] * 7)
    cut = runs(replace(GOOD, reason="run_timeout"), replace(GOOD, reason="run_timeout"),
               begin=NOW, state=RunState.FAILED)  # fmt: skip
    found = judge_target(target(), (*cut, *well))
    assert (found.health, found.raised) == (Health.CUT_SHORT, True)
    assert "40 pages until then" in found.detail


def test_what_is_wrong_never_becomes_what_is_usual(target):
    shrunken = BAD[Health.SHRUNKEN]
    for count in (2, 20, 50):
        found = judge_target(target(), runs(*[GOOD] * 7, *[shrunken] * count))
        assert found.health is Health.SHRUNKEN, "weekends are among them"
        assert "8 pages, usually 40" in found.detail


def test_one_odd_run_among_seven_moves_nothing(target):
    odd = replace(GOOD, pages=400, states=dict.fromkeys(GOOD.states, 400))
    less = replace(GOOD, pages=30, states=dict.fromkeys(GOOD.states, 30))
    assert judge_target(target(), runs(*[GOOD] * 3, odd, *[GOOD] * 3, less)).health is Health.OK


@pytest.mark.parametrize("count", [0, 1, 4])
@pytest.mark.parametrize("state", [Health.SHRUNKEN, Health.DRIFTED])
def test_few_runs_are_no_statistics(target, state, count):
    assert judge_target(target(), runs(*[GOOD] * count, BAD[state])).health is Health.OK


def _week(*pages):
    return [replace(GOOD, pages=n, states=dict.fromkeys(GOOD.states, n)) for n in pages]


def test_a_weekend_is_compared_with_weekends(target):
    weeks = _week(40, 40, 42, 38, 40, 7, 6, 40, 41, 40, 39, 40)
    daily = timedelta(days=1)
    for last in ((5,), (5, 6)):
        found = judge_target(target(), runs(*weeks, *_week(*last), every=daily))
        assert found.health is Health.OK, found.detail
    first_weekend = runs(*_week(40, 40, 42, 38, 40, 7, 6), every=daily)
    assert judge_target(target(), first_weekend).health is Health.OK
    tuesday = runs(*weeks, *_week(6, 5, 6, 7), every=daily)
    assert judge_target(target(), tuesday).health is Health.SHRUNKEN


def test_a_weekend_without_news_is_neither_frozen_nor_stale(target):
    still = replace(GOOD, new=0, unchanged=40)
    for days, health in ((3.5, Health.OK), (4.5, Health.FROZEN)):
        report = replace(still, news=quiet(days)(NOW), lists=quiet(days)(NOW))
        assert judge_target(target(), runs(*[GOOD] * 8, report)).health is health


def test_pauses_are_learned_but_an_outage_deafens_nobody():
    rhythm = moved(None, MONDAY)
    assert rhythm == Rhythm(MONDAY, 0, 0.0)
    rhythm = moved(rhythm, MONDAY + timedelta(days=6))
    assert (rhythm.pauses, rhythm.longest_s) == (1, 6 * 86_400)
    assert moved(rhythm, MONDAY + timedelta(days=90)).longest_s == 12 * 86_400


@pytest.mark.parametrize(
    ("days", "pauses", "health"), [(11, 9, Health.OK), (13, 9, Health.STALE), (90, 2, Health.OK)]
)
def test_a_slow_column_is_given_its_time(target, days, pauses, health):
    report = replace(GOOD, new=0, news=quiet(days, 6.0, pauses)(NOW))
    assert judge_target(target(), runs(*[GOOD] * 8, report)).health is health


def test_the_newest_date_may_not_be_too_old(target):
    for days, health in ((6, Health.OK), (8, Health.STALE)):
        report = replace(GOOD, newest_at=MONDAY - timedelta(days=days))
        found = judge_target(target(max_age_days=7), runs(report))
        assert found.health is health
    assert judge_target(target(max_age_days=7), runs(GOOD)).health is Health.OK


def test_addresses_that_all_changed_are_a_drift_and_one_page_of_five_is_none(target):
    anew = replace(GOOD, new=40, unchanged=0)
    assert judge_target(target(), runs(*[GOOD] * 7, anew)).health is Health.DRIFTED
    few = replace(GOOD, pages=5, unchanged=35,
                  states={"ok": 5, "fill_title": 5, "fill_text": 5, "fill_published_at": 4})  # fmt: skip
    several = replace(few, pages=40)
    assert judge_target(target(), runs(*[GOOD] * 7, several)).health is Health.OK


def test_a_captcha_now_and_then_is_said_and_half_of_the_pages_is_a_wall(target):
    some = replace(GOOD, states=GOOD.states | {"ok": 38, "captcha": 2})
    many = replace(GOOD, states=GOOD.states | {"ok": 28, "captcha": 12})
    assert judge_target(target(), runs(*[GOOD] * 7, some)).health is Health.OK
    found = judge_target(target(), runs(*[GOOD] * 7, many))
    assert found.health is Health.CAPTCHA, "30 points more than usual"


def test_another_state_takes_over_when_it_stands_itself(target):
    captcha, empty = BAD[Health.CAPTCHA], BAD[Health.EMPTY]
    well = [GOOD] * 7
    assert episode(target(), runs(*well, captcha, empty)).health is Health.EMPTY
    one = episode(target(), runs(*well, captcha, captcha, empty))
    two = episode(target(), runs(*well, captcha, captcha, empty, empty))
    assert (one.health, one.raised_by) == (Health.CAPTCHA, 8)
    assert (two.health, two.raised_by, two.since) == (
        Health.EMPTY,
        10,
        runs(*[GOOD] * 8)[0].started_at,
    )


def test_a_trouble_older_than_one_looks_back_is_not_raised_anew(target):
    empty = [BAD[Health.EMPTY]] * RUNS
    assert episode(target(), runs(*empty)).raised_by is None


def test_a_run_under_way_says_nothing(target):
    under_way = runs(RunReport(), begin=NOW, state=RunState.RUNNING)
    found = judge_target(target(), (*under_way, *runs(*[GOOD] * 3)))
    assert (found.health, found.run.id) == (Health.OK, 2)


def test_a_search_of_which_no_word_yields_is_empty_whatever_is_asked(target):
    report = replace(GOOD, pages=0, states={}, yields={"保本": 0, "原始股": 0})
    found = judge_target(target(min_pages=0), runs(report))
    assert found.health is Health.EMPTY
    one = judge_target(target(), runs(replace(GOOD, yields={"保本": 0, "原始股": 3})))
    assert (one.health, "1 of 2 words yield nothing: 保本" in one.detail) == (Health.OK, True)
