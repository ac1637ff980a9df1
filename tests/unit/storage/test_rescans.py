"""What is stored judged by newer rules: new, raised and lifted findings, and rescans cut short."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import LockedError
from core.ledger import FindingState, Turn
from core.records import Level
from storage.database import open_database
from storage.findings import (
    add_verdict,
    count_backlog,
    findings_between,
    get_finding,
    iter_findings,
    list_findings,
)
from storage.rejudged import rejudge
from storage.rescans import (
    Scope,
    begin_rescan,
    end_rescan,
    iter_stored,
    judged_so_far,
    key_ranges,
    rescan_part,
    save_portion,
)
from storage.runs import start_run
from storage.tables import assessment, band, finding, place, variant
from storage.tables import rescan as rescan_table

RESCANNER = Path(__file__).with_name("rescanner.py")
MONTH = timedelta(days=30)
GRAIN = "粮油店本周到货东北大米，十斤装优惠供应，老街坊持会员卡另享折扣，欢迎选购，送货上门，售后无忧放心购买。"
TEA = "茶山认养计划开放报名，认养一亩每年分得春茶二十斤，余下的由合作社代为销售，收入年底结清，名额有限请从速。"


@pytest.fixture
def now(samples):
    return samples.START + MONTH


def judging(samples, name, levels):
    """Rules that call a block what `levels` says of the first of its words in it, else harmless."""

    def level_of(text):
        return next((level for word, level in levels.items() if word in text), Level.NONE)

    def judge(page):
        blocks = [
            samples.Block(one.text, level, 25.0 * level, one.origin)
            for one in page.segments[1:]
            for level in [level_of(one.text)]
        ]
        return replace(
            samples._assess(tuple(blocks), len(page.segments[0].text) + 1), rulebook=name
        )

    return judge


def run(db, judge, name, now, scope=None, stop_after=None):  # noqa: PLR0917 (a rescan's parts)
    """A rescan in portions of one; `stop_after` cuts it short."""
    task = begin_rescan(db, name, scope or Scope(), now)
    last = task.last_id
    done = 0
    for portion in iter_stored(db, task):
        for one in portion:
            if done == stop_after:
                return None
            save_portion(db, task, last, [one], [rejudge(one, judge)], now)
            last, done = one.observation_id, done + 1
    return end_rescan(db, task, now)


def only(db):
    (found,) = iter_findings(db)
    return found


def count(db, table):
    with db.reading() as connection:
        return len(connection.execute(select(table)).all())


def test_what_only_newer_rules_suspect_is_a_new_finding_of_the_next_digest(db, store, samples, now):
    seen = samples.observe("http://a.example/1", samples.Block(TEA, Level.NONE, 0.0))
    samples.keep(db, store, seen)
    samples.keep(db, store, samples.later(seen, samples.DAY))
    report = run(db, judging(samples, "rules-2", {"茶山": Level.HIGH}), "rules-2", now)
    found = only(db)
    assert (report.judged, report.turned[Turn.NEW]) == (1, (found.id,))
    assert (found.state, found.level, found.rulebook) == (FindingState.NEW, Level.HIGH, "rules-2")
    assert (found.first_seen, found.times) == (samples.START, 2)
    assert found.last_seen == found.places[0].last_seen == samples.START + samples.DAY
    assert found.text == TEA
    assert [f.id for f in findings_between(db, now, now + samples.DAY)] == [found.id]
    assert [f.id for f in list_findings(db, since=now)] == [found.id]


def test_what_newer_rules_clear_is_lifted_and_kept(db, store, samples, now):
    samples.keep(db, store, samples.observe("http://a.example/1", samples.AD))
    assert count_backlog(db) == 1
    report = run(db, judging(samples, "rules-2", {}), "rules-2", now)
    found = only(db)
    assert report.turned[Turn.LIFTED] == (found.id,)
    assert (found.state, found.level, found.score) == (FindingState.LIFTED, Level.NONE, 0)
    assert (found.text, found.rulebook) == (samples.AD, "rules-2")
    assert count_backlog(db) == 0
    assert list_findings(db, state=FindingState.LIFTED) == (found,)
    day = samples.START - samples.DAY
    assert findings_between(db, day, now + samples.DAY) == ()


def test_old_assessments_stay_beside_the_new_ones(db, store, samples, now):
    samples.keep(db, store, samples.observe("http://a.example/1", samples.AD))
    run(db, judging(samples, "rules-2", {}), "rules-2", now)
    with db.reading() as connection:
        rows = connection.execute(select(assessment).order_by(assessment.c.id)).all()
    assert [(row.rulebook, row.level) for row in rows] == [("rules-1", 3), ("rules-2", 0)]
    assert rows[1].assessed_at == now


def test_a_second_rescan_by_the_same_rules_has_nothing_to_do(db, store, samples, now):
    samples.keep(db, store, samples.observe("http://a.example/1", samples.AD, TEA))
    judge = judging(samples, "rules-2", {"茶山": Level.HIGH})
    run(db, judge, "rules-2", now)
    before = list(iter_findings(db))
    task = begin_rescan(db, "rules-2", Scope(), now)
    assert (task.left, task.resumed) == (0, False)
    assert list(iter_stored(db, task)) == []
    report = end_rescan(db, task, now)
    assert (report.judged, set(report.turned.values())) == (0, {()})
    assert list(iter_findings(db)) == before


@pytest.mark.parametrize(
    "case",
    list(product([FindingState.CONFIRMED, FindingState.DISMISSED], [Level.NONE, Level.HIGH])),
)
def test_a_decided_finding_stays_as_it_was_decided(db, store, samples, now, case):
    decision, level = case
    block = samples.Block(TEA, Level.MEDIUM, 50.0)
    samples.keep(db, store, samples.observe("http://a.example/1", block))
    decided = only(db)
    add_verdict(db, decided.id, decision, "看过", "王", samples.START + samples.DAY)
    before = get_finding(db, decided.id)
    report = run(db, judging(samples, "rules-2", {"茶山": level}), "rules-2", now)
    assert only(db) == before
    assert before.state is decision
    assert set(report.turned.values()) == {()}
    assert findings_between(db, now, now + samples.DAY) == ()


def test_a_finding_raised_to_high_stands_in_the_next_digest(db, store, samples, now):
    block = samples.Block(TEA, Level.MEDIUM, 50.0)
    samples.keep(db, store, samples.observe("http://a.example/1", block))
    report = run(db, judging(samples, "rules-2", {"茶山": Level.HIGH}), "rules-2", now)
    assert report.turned == {Turn.NEW: (), Turn.RAISED: (1,), Turn.LIFTED: ()}
    (found,) = findings_between(db, now, now + samples.DAY)
    assert (found.level, found.state, found.times) == (Level.HIGH, FindingState.NEW, 1)


def test_a_creative_on_many_pages_is_lifted_only_when_it_is_clear_on_all(db, store, samples, now):
    for number in range(3):
        page = samples.observe(f"http://a.example/{number}", samples.AD, at=samples.START)
        samples.keep(db, store, page)
    judge = judging(samples, "rules-2", {})
    run(db, judge, "rules-2", now, stop_after=2)
    assert only(db).state is FindingState.NEW
    report = run(db, judge, "rules-2", now)
    assert report.turned[Turn.LIFTED] == (1,)
    assert only(db).times == only(db).place_count == 3


@pytest.mark.parametrize("suspect_first", [True, False])
def test_a_finding_shows_the_text_that_is_still_suspect(db, store, samples, now, suspect_first):
    """Two near-duplicates make one finding; today's rules clear the one that was shown."""
    shown = samples.Block(samples.AD + "甲", score=90.0)
    other = samples.Block(samples.AD + "乙", score=60.0)
    pages = [other, shown] if suspect_first else [shown, other]
    for number, block in enumerate(pages):
        samples.keep(db, store, samples.observe(f"http://a.example/{number}", block))
    assert only(db).text.endswith("甲")
    report = run(db, judging(samples, "rules-2", {"乙": Level.HIGH}), "rules-2", now)
    found = only(db)
    assert found.text.endswith("乙")
    assert (found.state, found.rulebook) == (FindingState.NEW, "rules-2")
    assert set(report.turned.values()) == {()}


def test_a_lifted_finding_comes_back_with_the_rules(db, store, samples, now):
    samples.keep(db, store, samples.observe("http://a.example/1", samples.AD))
    run(db, judging(samples, "rules-2", {}), "rules-2", now)
    judge = judging(samples, "rules-3", {"康养": Level.HIGH})
    report = run(db, judge, "rules-3", now + samples.DAY)
    assert report.turned[Turn.NEW] == (1,)
    assert (only(db).state, only(db).times) == (FindingState.NEW, 1)


def test_a_crawl_that_meets_a_lifted_creative_again_reopens_it(db, store, samples, now):
    samples.keep(db, store, samples.observe("http://a.example/1", samples.AD))
    run(db, judging(samples, "rules-2", {}), "rules-2", now)
    saved = samples.keep(db, store, samples.observe("http://a.example/2", samples.AD, at=now))
    assert saved.reopened == (1,)
    assert (only(db).state, only(db).level) == (FindingState.REOPENED, Level.HIGH)


def test_what_a_page_said_before_it_changed_does_not_move_its_place_back(db, store, samples, now):
    url = "http://a.example/1"
    samples.keep(db, store, samples.observe(url, samples.AD))
    changed = samples.observe(
        url, samples.AD + "今日起年息百分之九", at=samples.START + samples.DAY
    )
    samples.keep(db, store, changed)
    before = only(db)
    report = run(db, judging(samples, "rules-2", {"康养": Level.HIGH}), "rules-2", now)
    found = only(db)
    assert report.judged == 2
    assert (found.text, found.times) == (before.text, before.times)
    assert found.places == before.places


def test_one_page_of_a_creative_brings_the_sightings_that_were_not_known(db, store, samples, now):
    samples.keep(db, store, samples.observe("http://a.example/1", samples.AD))
    missed = samples.observe("http://a.example/2", samples.Block(samples.AD, Level.NONE, 0.0))
    samples.keep(db, store, missed)
    run(db, judging(samples, "rules-2", {"康养": Level.HIGH}), "rules-2", now)
    assert (only(db).times, only(db).place_count) == (2, 2)


def test_a_scope_leaves_all_else_alone(db, store, samples, now):
    early = samples.observe("http://a.example/1", samples.AD)
    late = samples.observe("http://a.example/2", TEA, at=samples.START + 2 * samples.DAY)
    far = samples.observe("http://b.example/3", GRAIN, target_id="village")
    for seen in (early, late, far):
        samples.keep(db, store, seen)
    judge = judging(samples, "rules-2", {})
    since = Scope(since=samples.START + samples.DAY)
    assert run(db, judge, "rules-2", now, since).judged == 1
    assert run(db, judge, "rules-2", now, Scope(targets=("village",))).judged == 1
    states = {item.text: item.state for item in iter_findings(db)}
    assert states == {
        samples.AD: FindingState.NEW, TEA: FindingState.LIFTED, GRAIN: FindingState.LIFTED,
    }  # fmt: skip


def test_what_could_not_be_judged_is_counted_and_tried_again(db, store, samples, now):
    samples.keep(db, store, samples.observe("http://a.example/1", samples.AD))
    task = begin_rescan(db, "rules-2", Scope(), now)
    (portion,) = iter_stored(db, task)
    save_portion(db, task, 0, portion, [], now)
    report = end_rescan(db, task, now)
    assert (report.judged, report.failed) == (0, 1)
    assert begin_rescan(db, "rules-2", Scope(), now).left == 1


def judge_part(db, part, judge, now, stop_after=None):
    """A key range in portions of one."""
    stored = [one for portion in iter_stored(db, part) for one in portion]
    for one in stored[:stop_after]:
        save_portion(db, part, 0, [one], [rejudge(one, judge)], now)


def test_key_ranges_in_any_order_and_begun_anew_judge_everything_once(db, store, samples, now):
    for number in range(5):
        text = f"第{number}页。{TEA if number else GRAIN}"
        block = samples.Block(text, Level.NONE, 0.0)
        samples.keep(db, store, samples.observe(f"http://a.example/{number}", block))
    judge = judging(samples, "rules-2", {"茶山": Level.HIGH})
    task = begin_rescan(db, "rules-2", Scope(), now)
    ranges = list(key_ranges(db, task, 2))
    assert [until - after for after, until in ranges] == [2, 2, 1]
    parts = [rescan_part(db, task.id, *one) for one in ranges]
    judge_part(db, parts[2], judge, now)
    judge_part(db, parts[0], judge, now, stop_after=1)
    judge_part(db, parts[1], judge, now)
    assert judged_so_far(db, task) == 4
    again = begin_rescan(db, "rules-2", Scope(), now)
    assert (again.id, again.left) == (task.id, 1)
    assert list(key_ranges(db, again, 2)) == [(0, task.until_id)]
    judge_part(db, parts[0], judge, now)
    report = end_rescan(db, task, now)
    assert (report.judged, report.failed) == (5, 0)
    assert [len(found.places) for found in iter_findings(db)] == [4]
    assert rescan_part(db, task.id, *ranges[0]) is None


def test_two_rescans_of_the_same_do_not_run_together(db, store, samples, now):
    samples.keep(db, store, samples.observe("http://a.example/1", samples.AD))
    judge = judging(samples, "rules-2", {})
    one, other = (begin_rescan(db, "rules-2", Scope(), now) for _ in range(2))
    assert other.resumed
    (portion,) = iter_stored(db, one)
    judged = [rejudge(stored, judge) for stored in portion]
    save_portion(db, one, 0, portion, judged, now)
    with pytest.raises(LockedError):
        save_portion(db, other, 0, portion, judged, now)
    assert count(db, assessment) == 2


def state(db):
    """All that a rescan may touch, without the moments at which it did."""
    moments = {"assessed_at", "turned_at", "lifted_at", "started_at", "ended_at", "id"}
    rows = []
    with db.reading() as connection:
        for table in (assessment, finding, variant, band, place, rescan_table):
            found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
            rows += [
                tuple(
                    (key, (value is None) if key.endswith("_at") else value)
                    for key, value in row.items()
                    if key not in moments or key.endswith("_at")
                )
                for row in found
            ]
    return rows


def fill(db, store, samples):
    for number in range(24):
        samples.keep(db, store, samples.numbered("a", number))
        if number % 5 == 0:
            tea = samples.Block(f"{number}：{TEA}", Level.NONE, 0.0)
            samples.keep(db, store, samples.observe(f"http://t.example/{number}", tea))


NEWER = {"茶山": Level.HIGH, "项目": Level.MEDIUM}


@pytest.fixture
def calm(db, store, samples, tmp_path_factory):
    """Another database with the same pages as the first, for a rescan that nothing disturbs."""
    path = tmp_path_factory.mktemp("other") / "adwatch.db"
    other = open_database(f"sqlite:///{path}", create=True)
    start_run(other, "town", "first", samples.START)
    for one in (db, other):
        fill(one, store, samples)
    yield other
    other.close()


@pytest.mark.parametrize("cut", [0, 1, 7, 20, 28])
def test_a_rescan_cut_short_ends_like_an_undisturbed_one(db, calm, samples, now, cut):
    judge = judging(samples, "rules-2", NEWER)
    expected = run(calm, judge, "rules-2", now)
    assert run(db, judge, "rules-2", now, stop_after=cut) is None
    assert run(db, judge, "rules-2", now) == expected
    assert expected.turned[Turn.NEW]
    assert expected.turned[Turn.LIFTED]
    assert state(db) == state(calm)


def test_a_rescan_killed_in_the_middle_goes_on_to_the_same_end(url, db, calm, samples, now):
    expected = run(calm, judging(samples, "rules-2", NEWER), "rules-2", now)
    for lines in (3, 1, 6):
        killed = subprocess.Popen([sys.executable, RESCANNER, url], stdout=subprocess.PIPE)
        for _ in range(lines):
            assert killed.stdout.readline()
        killed.kill()
        killed.communicate()
    assert begin_rescan(db, "rules-2", Scope(), now).resumed
    assert run(db, judging(samples, "rules-2", NEWER), "rules-2", now) == expected
    assert state(db) == state(calm)
