"""A target's state is told to the operator once, and once when it has ended, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.channel_config import WebhookChannelConfig
from alerts.channels import build_channel
from alerts.finding_message import Surroundings
from alerts.outlets import Outlets
from alerts.packing import load_message
from alerts.route_config import Routes
from core.ledger import FindingState, Health, Rhythm, RunReport, RunState
from core.records import PageState
from core.target import Target
from crawler.operator_alerts import tell_health
from crawler.standing import health_of
from storage.findings import list_findings
from storage.intake import record_state, save_observation, see_again
from storage.runs import finish_run, last_runs, newest_date, start_run
from storage.tables import message

GOOD = RunReport(pages=10, unchanged=10, states={"ok": 10}, reason="finished")
CAPTCHA = RunReport(reason="finished", drops={"captcha": 1})
EMPTY = RunReport(reason="finished", drops={"list_without_items": 1})
TARGET = Target(id="board", title="论坛", spider="listing", start_urls=("http://x.cn/",))


@pytest.fixture
def outlets(tmp_path):
    config = WebhookChannelConfig(kind="webhook", url="http://127.0.0.1:9/hook")
    return Outlets(
        {"hook": build_channel("hook", config, tmp_path)}, Routes(operator=("hook",)), None, 10,
        timedelta(days=3), {}, Surroundings({}, "Asia/Shanghai", None),
    )  # fmt: skip


@pytest.fixture
def after(db, outlets, samples):
    """Ends a run of the target with a report, tells, and gives back all that was told."""
    numbers = iter(range(1_000))

    def run(*reports):
        for report in reports:
            number = next(numbers)
            now = samples.START + timedelta(hours=6 * number)
            run_id = start_run(db, TARGET.id, f"s{number}", now)
            finish_run(db, run_id, RunState.FINISHED, report, now)
            tell_health(db, outlets, TARGET)
        with db.reading() as connection:
            return list(connection.execute(select(message.c.key).order_by(message.c.id)).scalars())

    return run


def test_a_state_is_told_by_its_second_run_and_once_when_it_ends(after, db):
    assert after(*[GOOD] * 7, CAPTCHA) == []
    (raised,) = after(CAPTCHA)
    assert raised.startswith("health:board:")
    assert raised.endswith(":captcha")
    assert health_of(db, TARGET).raised
    assert after(CAPTCHA, CAPTCHA, CAPTCHA) == [raised]
    assert after(GOOD) == [raised, f"{raised}:ended"]
    assert after(GOOD, CAPTCHA, GOOD) == [raised, f"{raised}:ended"], "one bad run is none"
    again = after(CAPTCHA, CAPTCHA)
    assert len(again) == 3
    assert again[2] != raised


def test_a_state_that_lasts_longer_than_one_looks_back_is_told_once(after):
    assert len(after(*[CAPTCHA] * 140)) == 1
    assert len(after(GOOD)) == 2


def test_another_state_is_told_when_it_stands(after):
    assert [key.rsplit(":", 1)[1] for key in after(CAPTCHA, CAPTCHA, EMPTY)] == ["captcha"]
    assert [key.rsplit(":", 1)[1] for key in after(EMPTY)] == ["captcha", "empty"]
    assert after(GOOD)[-1].endswith(":empty:ended")


def test_the_message_says_what_is_wrong_to_every_operator_channel(after, db):
    after(CAPTCHA, CAPTCHA)
    with db.reading() as connection:
        row = connection.execute(select(message)).one()
    told = load_message(row.content)
    assert row.kind == "operator_alert"
    assert "a captcha stands in place of 1 of 1 pages; captcha 1" in told.text
    assert "出现验证码" in told.text


def test_without_an_operator_channel_nothing_waits_and_a_later_one_hears(db, after, outlets):
    deaf = replace(outlets, routes=Routes())
    for number in (500, 501):
        run_id = start_run(db, TARGET.id, f"s{number}", health_time(db))
        finish_run(db, run_id, RunState.FINISHED, CAPTCHA, health_time(db))
        tell_health(db, deaf, TARGET)
    assert len(after(CAPTCHA)) == 1


def health_time(db):
    return last_runs(db, "town", 1)[0].started_at


@pytest.mark.parametrize("state", [PageState.CAPTCHA, PageState.LOGIN, PageState.UNAVAILABLE])
def test_a_page_that_turned_into_a_wall_closes_no_finding(db, samples, state):
    url = "http://town.example/1"
    seen = samples.observe(url, samples.AD)
    save_observation(db, seen)
    (before,) = list_findings(db)
    record_state(db, samples.state_page(url, state, at=samples.START + samples.DAY))
    assert list_findings(db) == (before,)
    assert before.state is FindingState.NEW
    see_again(db, samples.later(seen, 2 * samples.DAY))
    (after,) = list_findings(db)
    assert (after.state, after.reopened_at) == (FindingState.NEW, None)
    assert after.times == before.times + 1


def test_the_newest_date_of_a_target_leaves_out_what_is_dated_ahead(db, samples):
    for number, days in enumerate((-30, -2, 400)):
        seen = samples.observe(f"http://town.example/{number}", f"第{number}条。{samples.SHOP}")
        page = replace(seen.page, published_at=samples.START + timedelta(days=days))
        save_observation(db, replace(seen, page=page))
    assert newest_date(db, "town", samples.START) == samples.START - timedelta(days=2)
    assert newest_date(db, "board", samples.START) is None


def test_what_is_carried_from_run_to_run_comes_back(db, samples):
    rhythm = Rhythm(samples.START, 3, 86_400.0)
    report = replace(
        GOOD, news=rhythm, lists=rhythm, face="ab", newest_at=samples.START,
        yields={"保本": 0, "原始股": 2}, said={"api_no_list": "data.list: null stands there"},
    )  # fmt: skip
    run_id = start_run(db, TARGET.id, "s", samples.START)
    finish_run(db, run_id, RunState.FINISHED, report, samples.START)
    assert last_runs(db, TARGET.id, 1)[0].report == report
    assert health_of(db, TARGET).health is Health.OK
