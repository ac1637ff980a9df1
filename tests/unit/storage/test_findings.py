"""One creative is one finding; a changed one comes back to the reviewer."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.errors import StorageError
from core.ledger import FindingState
from core.records import Level, Origin
from storage.findings import (
    MAX_PLACES,
    add_verdict,
    count_backlog,
    findings_between,
    get_finding,
    get_findings,
    iter_findings,
    list_findings,
)
from storage.intake import save_observation, see_again
from storage.tables import verdict

CONFIRMED, DISMISSED = FindingState.CONFIRMED, FindingState.DISMISSED
OTHER = "海外矿场代管，日日分红到账，邀请三位好友即可升级团队长，享受七层返佣，随时提现无上限。"


def url(number):
    return f"http://town.example/{number}"


def save(db, seen):
    return save_observation(db, seen)


def decide(db, finding_id, decision, samples):
    return add_verdict(db, finding_id, decision, "看过合同", "王", samples.START)


def test_a_finding_reads_back_with_its_reasons_and_its_place(db, samples):
    block = samples.Block(
        f"年化18%，{samples.AD}电话13800000000",
        rates=(("年化18%", 18.0),),
        entities=(("phone", "13800000000"),),
    )
    seen = samples.observe(url(1), samples.Block(samples.SHOP, Level.NONE, 0.0), block)
    saved = save(db, seen)
    (found,) = list_findings(db)
    assert saved.new_findings == (found.id,)
    assert found.text == block.text
    assert (found.level, found.score, found.state) == (Level.HIGH, 80.0, FindingState.NEW)
    assert (found.title, found.account) == ("街坊信息", "街坊")
    assert [found.text[hit.start : hit.end] for hit in found.hits] == [found.hits[0].quote]
    assert [found.text[rate.start : rate.end] for rate in found.rates] == ["年化18%"]
    assert [found.text[e.start : e.end] for e in found.entities] == ["13800000000"]
    (place,) = found.places
    assert (place.url, place.target_id, place.times) == (url(1), "town", 1)
    assert place.body_sha256 == seen.stored.body_sha256
    assert place.evidence_seq == 1


def test_an_innocent_page_is_no_finding(db, samples):
    saved = save(db, samples.observe(url(1), samples.Block(samples.SHOP, Level.LOW, 20.0)))
    assert saved.finding_ids == ()
    assert list_findings(db) == ()


def test_the_same_creative_on_many_pages_is_one_finding_with_all_its_places(db, samples):
    for number in range(5):
        save(db, samples.observe(url(number), samples.AD))
    (found,) = list_findings(db)
    assert {place.url for place in found.places} == {url(number) for number in range(5)}
    assert (found.times, found.place_count) == (5, 5)
    assert found.state is FindingState.NEW


@pytest.mark.parametrize(
    "spun",
    [
        lambda ad: ad.replace("，", " , ").replace("。", "！！"),
        lambda ad: ad.replace("本金", "本\u200b金"),
        lambda ad: "★" + "　".join(ad),
        lambda ad: ad.replace("东港", "西港"),
        lambda ad: ad + "联系13912345678",
        lambda ad: ad.replace("礼品相送", "红包相送"),
    ],
)
def test_a_spun_copy_folds_into_the_finding(db, samples, spun):
    (first,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    saved = save(db, samples.observe(url(2), spun(samples.AD)))
    assert saved.finding_ids == (first,)
    assert saved.new_findings == saved.reopened == ()


def test_the_same_spun_copy_always_leads_to_the_same_finding(db, samples):
    spun = samples.AD.replace("东港", "西港")
    (first,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    for number in (2, 3):
        assert save(db, samples.observe(url(number), spun)).finding_ids == (first,)


def test_another_creative_is_another_finding(db, samples):
    save(db, samples.observe(url(1), samples.AD))
    assert len(save(db, samples.observe(url(2), OTHER)).new_findings) == 1
    assert count_backlog(db) == 2


def test_short_texts_fold_only_when_equal(db, samples):
    save(db, samples.observe(url(1), "稳赚不赔加微信abc111"))
    assert save(db, samples.observe(url(2), "稳赚不赔 加微信：ABC111")).new_findings == ()
    assert len(save(db, samples.observe(url(3), "稳赚不赔加微信abc222")).new_findings) == 1


def test_the_same_template_of_another_company_is_another_finding(db, samples):
    def of(company):
        text = f"{company}承诺{samples.AD}"
        return samples.Block(text, entities=(("company", company),))

    save(db, samples.observe(url(1), of("鑫源投资有限公司")))
    assert len(save(db, samples.observe(url(2), of("汇通农业合作社"))).new_findings) == 1


def test_edits_do_not_chain_from_one_creative_to_any_other(db, samples):
    text, joined = samples.AD, 0
    for step in range(0, len(samples.AD) - 4, 4):
        text = text[:step] + OTHER[step % 30 : step % 30 + 4] + text[step + 4 :]
        joined += not save(db, samples.observe(url(step), text)).new_findings
    assert joined
    assert count_backlog(db) > 1


def test_two_copies_on_one_page_are_one_place(db, samples):
    spun = samples.AD.replace("东港", "西港")
    side = samples.Block(spun, source=Origin.SIDE, score=60.0)
    saved = save(db, samples.observe(url(1), samples.AD, side))
    (found,) = list_findings(db)
    assert saved.finding_ids == (found.id,)
    assert (found.times, found.place_count, found.score) == (1, 1, 80.0)


def test_the_worst_sighting_is_shown(db, samples):
    save(db, samples.observe(url(1), samples.Block(samples.AD, Level.MEDIUM, 45.0)))
    save(db, samples.observe(url(2), samples.AD + "红包"))
    save(db, samples.observe(url(3), samples.Block(samples.AD, Level.MEDIUM, 50.0)))
    (found,) = list_findings(db)
    assert (found.level, found.text) == (Level.HIGH, samples.AD + "红包")


@pytest.mark.parametrize("decision", [CONFIRMED, DISMISSED])
def test_a_changed_page_reopens_its_finding(db, samples, decision):
    (first,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    decide(db, first, decision, samples)
    changed = samples.observe(url(1), samples.AD + "返利提高一倍", at=samples.START + samples.DAY)
    saved = save(db, changed)
    found = get_finding(db, first)
    assert saved.reopened == (first,)
    assert found.state is FindingState.REOPENED
    assert found.reopened_at == samples.START + samples.DAY
    assert found.text.endswith("返利提高一倍")
    assert found.place_count == 1


def test_a_rewritten_article_stays_the_same_finding(db, samples):
    (first,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    saved = save(db, samples.observe(url(1), OTHER, at=samples.START + samples.DAY))
    assert saved.finding_ids == saved.reopened == (first,)
    later = save(db, samples.observe(url(2), OTHER, at=samples.START + 2 * samples.DAY))
    assert later.finding_ids == (first,)


def test_a_box_that_shows_another_ad_is_another_finding(db, samples):
    def page(text, at):
        body = samples.Block(samples.SHOP, Level.NONE, 0.0)
        return samples.observe(url(1), body, samples.Block(text, source=Origin.AD), at=at)

    (first,) = save(db, page(samples.AD, samples.START)).finding_ids
    saved = save(db, page(OTHER, samples.START + samples.DAY))
    assert saved.new_findings == saved.finding_ids
    assert get_finding(db, first).places[0].last_seen == samples.START


def test_a_box_that_keeps_its_contact_keeps_its_finding(db, samples):
    def page(text, at):
        entities = (("wechat", "dgky888"),)
        ad = samples.Block(f"{text}加微信dgky888", source=Origin.AD, entities=entities)
        return samples.observe(url(1), ad, at=at)

    (first,) = save(db, page(samples.AD, samples.START)).finding_ids
    assert save(db, page(OTHER, samples.START + samples.DAY)).reopened == (first,)


def test_a_raised_rate_reopens_and_a_moved_counter_does_not(db, samples):
    def page(rate, views, days):
        block = samples.Block(
            f"年化{rate}%，{samples.AD}阅读{views}", rates=((f"年化{rate}%", float(rate)),)
        )
        return samples.observe(url(1), block, at=samples.START + days * samples.DAY)

    save(db, page(12, 100, 0))
    assert save(db, page(12, 2345, 1)).reopened == ()
    assert len(save(db, page(18, 2345, 2)).reopened) == 1


def test_a_change_elsewhere_on_the_page_flags_nothing(db, samples):
    def page(news, days):
        quiet = samples.Block(news, Level.NONE, 0.0)
        ad = samples.Block(samples.AD, source=Origin.SIDE)
        return samples.observe(url(1), quiet, ad, at=samples.START + days * samples.DAY)

    (first,) = save(db, page(samples.SHOP, 0)).finding_ids
    decide(db, first, DISMISSED, samples)
    saved = save(db, page("今天多云，东北风三级。", 1))
    assert saved.finding_ids == (first,)
    assert saved.reopened == ()
    assert get_finding(db, first).state is DISMISSED
    see_again(db, samples.later(page("今天多云，东北风三级。", 1), samples.DAY))
    assert get_finding(db, first).places[0].times == 3


def test_a_copy_elsewhere_does_not_reopen_what_was_decided(db, samples):
    (first,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    decide(db, first, DISMISSED, samples)
    assert save(db, samples.observe(url(2), samples.AD)).reopened == ()
    assert get_finding(db, first).state is DISMISSED


def test_a_worse_copy_elsewhere_reopens_what_was_decided(db, samples):
    mild = samples.Block(samples.AD, Level.MEDIUM, 45.0)
    (first,) = save(db, samples.observe(url(1), mild)).finding_ids
    decide(db, first, DISMISSED, samples)
    assert save(db, samples.observe(url(2), samples.AD + "保本")).reopened == (first,)


def test_an_ad_that_is_taken_down_keeps_its_place_and_its_last_day(db, samples):
    (first,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    clean = samples.Block(samples.SHOP, Level.NONE, 0.0)
    save(db, samples.observe(url(1), clean, at=samples.START + samples.DAY))
    found = get_finding(db, first)
    assert found.places[0].last_seen == found.last_seen == samples.START
    assert found.state is FindingState.NEW


def test_verdicts_are_appended_and_the_last_one_is_in_force(db, samples):
    (first,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    decide(db, first, DISMISSED, samples)
    decide(db, first, CONFIRMED, samples)
    assert get_finding(db, first).state is CONFIRMED
    assert count_backlog(db) == 0
    with db.reading() as connection:
        assert connection.execute(select(func.count()).select_from(verdict)).scalar_one() == 2


def test_a_verdict_needs_a_finding_and_a_decision(db, samples):
    with pytest.raises(StorageError, match="no finding 77"):
        decide(db, 77, CONFIRMED, samples)
    (first,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    with pytest.raises(ValueError, match="not a verdict"):
        decide(db, first, FindingState.NEW, samples)


def test_a_window_holds_what_was_new_or_reopened_in_it_worst_first(db, samples):
    mild = samples.Block(OTHER, Level.MEDIUM, 45.0)
    (a,) = save(db, samples.observe(url(1), mild)).finding_ids
    (b,) = save(db, samples.observe(url(2), samples.AD, at=samples.START + samples.DAY)).finding_ids
    day = samples.DAY
    assert [f.id for f in findings_between(db, samples.START, samples.START + day)] == [a]
    changed = samples.Block(OTHER + "更新", Level.MEDIUM, 45.0)
    save(db, samples.observe(url(1), changed, at=samples.START + day + timedelta(hours=1)))
    found = findings_between(db, samples.START + day, samples.START + 2 * day)
    assert [f.id for f in found] == [b, a]
    assert findings_between(db, samples.START + 2 * day, samples.START + 3 * day) == ()


def test_lists_are_filtered_by_level_state_target_and_time(db, samples):
    (a,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    mild = samples.Block(OTHER, Level.MEDIUM, 45.0)
    later = samples.observe(url(2), mild, at=samples.START + samples.DAY, target_id="forum")
    (b,) = save(db, later).finding_ids
    decide(db, a, CONFIRMED, samples)

    def ids(**which):
        return [f.id for f in list_findings(db, **which)]

    assert ids() == [a, b]
    assert ids(level=Level.MEDIUM) == [b]
    assert ids(state=CONFIRMED) == [a]
    assert ids(state=FindingState.NEW) == [b]
    assert ids(target="forum") == [b]
    assert ids(since=samples.START + samples.DAY) == [b]
    assert ids(limit=1) == [a]
    assert ids(limit=1, offset=1) == [b]


def test_findings_come_in_the_order_asked_for(db, samples):
    (a,) = save(db, samples.observe(url(1), samples.AD)).finding_ids
    (b,) = save(db, samples.observe(url(2), OTHER)).finding_ids
    assert [f.id for f in get_findings(db, [b, a, 99])] == [b, a]
    assert [f.id for f in iter_findings(db)] == [a, b]
    assert get_finding(db, 99) is None


def test_a_site_wide_ad_is_read_with_its_newest_places_and_their_number(db, samples):
    for number in range(MAX_PLACES + 5):
        at = samples.START + timedelta(minutes=number)
        save(db, samples.observe(url(number), samples.AD, at=at))
    (found,) = list_findings(db)
    assert found.place_count == MAX_PLACES + 5
    assert len(found.places) == MAX_PLACES
    assert found.places[0].url == url(MAX_PLACES + 4)
