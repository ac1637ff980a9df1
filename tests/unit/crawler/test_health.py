"""What a run says of its target."""

from datetime import UTC, datetime, timedelta

from core.ledger import Health, RunRecord, RunReport, RunState
from crawler.health import judge_target

BEGUN = datetime(2026, 11, 23, tzinfo=UTC)


def run(number: int = 1, state: RunState = RunState.FINISHED, **report) -> RunRecord:
    return RunRecord(
        number, "t", f"s{number}", state, BEGUN, BEGUN + timedelta(minutes=1), RunReport(**report)
    )


def test_a_target_that_was_never_crawled_says_so(target):
    assert judge_target(target(), ()).health is Health.NEVER_RUN


def test_a_run_that_yields_nothing_is_empty_and_says_what_was_dropped(target):
    found = judge_target(target(), (run(drops={"http_404": 3}),))
    assert found.health is Health.EMPTY
    assert "http_404 3" in found.detail


def test_a_failed_run_says_why(target):
    found = judge_target(target(), (run(state=RunState.FAILED, reason="no_chromium"),))
    assert found.health is Health.FAILED
    assert "no_chromium" in found.detail


def test_a_run_cut_short_says_so_and_is_no_fault_of_the_site(target):
    for record in (run(state=RunState.FAILED, reason="run_timeout"), run(state=RunState.LOST)):
        assert judge_target(target(), (record,)).health is Health.CUT_SHORT


def test_fewer_pages_than_expected_is_shrunken(target):
    found = judge_target(target(min_pages=5), (run(pages=3, states={"ok": 3}),))
    assert found.health is Health.SHRUNKEN


def test_far_fewer_pages_than_usual_is_shrunken(target):
    history = tuple(run(number, pages=100, states={"ok": 100}) for number in range(2, 9))
    assert judge_target(target(), (run(pages=20, states={"ok": 20}), *history)).health is (
        Health.SHRUNKEN
    )
    assert judge_target(target(), (run(pages=40, states={"ok": 40}), *history)).health is Health.OK


def test_a_site_that_answers_with_captchas_says_so(target):
    found = judge_target(target(), (run(pages=4, states={"captcha": 4}),))
    assert found.health is Health.CAPTCHA


def test_an_unchanged_site_is_healthy(target):
    found = judge_target(target(), (run(pages=9, unchanged=9, statuses={"304": 9}),))
    assert found.health is Health.OK


def test_a_field_that_is_seldom_filled_is_a_failure(target):
    report = {"pages": 10, "states": {"ok": 10, "fill_title": 4}}
    found = judge_target(target(fill={"title": 0.95}), (run(**report),))
    assert found.health is Health.DRIFTED
    assert "title filled on 4 of 10" in found.detail


def test_a_start_address_that_fails_fails_its_target_whatever_else_was_read(target):
    report = {"pages": 9, "states": {"ok": 9}, "drops": {"http_404": 1}, "failed_starts": 1}
    found = judge_target(target(), (run(**report),))
    assert found.health is Health.FAILED
    assert "1 of 1 start addresses failed; http_404 1" in found.detail


def test_a_few_dead_links_are_said_and_most_pages_failing_is_a_failure(target):
    few = run(pages=9, states={"ok": 9}, drops={"http_404": 2, "offsite": 50})
    assert judge_target(target(), (few,)).health is Health.OK
    most = run(pages=9, states={"ok": 9}, drops={"http_500": 8, "timeout": 2, "offsite": 50})
    found = judge_target(target(), (most,))
    assert found.health is Health.FAILED
    assert "10 pages failed, 9 were read" in found.detail


def test_a_page_lost_by_a_fault_of_ours_is_a_failure(target):
    found = judge_target(target(), (run(pages=9, states={"ok": 9}, errors=1),))
    assert found.health is Health.FAILED
