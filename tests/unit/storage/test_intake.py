"""What is kept of a page, and that nothing is kept twice."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import func, select

from core.errors import StorageError
from core.records import Level, PageState, join_segments
from storage.codec import load_assessment, load_page
from storage.findings import get_finding, iter_findings, list_findings
from storage.intake import known_page, record_state, save_observation, see_again
from storage.tables import assessment, evidence, finding, observation, page, place

URL = "http://town.example/1"


def count(db, table):
    with db.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def counts(db):
    return tuple(count(db, t) for t in (evidence, page, observation, assessment, finding, place))


def test_a_saved_page_is_known_with_what_makes_the_next_fetch_conditional(db, samples):
    seen = samples.observe(URL, samples.AD)
    saved = save_observation(db, seen)
    known = known_page(db, "town", URL)
    assert known.etag == dict(seen.capture.headers)["ETag"]
    assert known.content_hash == seen.content_hash
    assert known.body_sha256 == seen.stored.body_sha256
    assert known.observation_id == saved.observation_id
    assert known.state is PageState.OK
    assert known.last_seen == samples.START


def test_an_address_nobody_met_is_unknown(db, samples):
    save_observation(db, samples.observe(URL, samples.AD))
    assert known_page(db, "town", "http://town.example/2") is None
    assert known_page(db, "forum", URL) is None


def test_the_same_observation_twice_is_one_row_of_everything(db, samples):
    seen = samples.observe(URL, samples.AD)
    first = save_observation(db, seen)
    before = counts(db)
    second = save_observation(db, seen)
    assert counts(db) == before == (1, 1, 1, 1, 1, 1)
    assert second.observation_id == first.observation_id
    assert second.finding_ids == first.finding_ids
    assert second.new_findings == ()
    assert get_finding(db, first.finding_ids[0]).times == 1


def test_the_same_content_later_counts_as_seen_again(db, samples):
    seen = samples.observe(URL, samples.AD)
    save_observation(db, seen)
    before = counts(db)
    save_observation(db, samples.later(seen, samples.DAY))
    (found,) = list_findings(db)
    assert counts(db) == before
    assert (found.times, found.places[0].times) == (2, 2)
    assert found.last_seen == samples.START + samples.DAY
    assert found.reopened_at is None


def test_seeing_again_stores_nothing_new(db, samples):
    seen = samples.observe(URL, samples.AD)
    save_observation(db, seen)
    before = counts(db)
    unchanged = samples.later(seen, samples.DAY)
    not_modified = replace(
        unchanged,
        page=None,
        assessment=None,
        capture=replace(unchanged.capture, status=304, headers=(), body=b"", not_modified=True),
    )
    assert see_again(db, not_modified)
    assert see_again(db, not_modified)
    known = known_page(db, "town", URL)
    (found,) = list_findings(db)
    assert counts(db) == before
    assert known.etag is not None
    assert known.last_status == 304
    assert known.last_seen == found.last_seen == samples.START + samples.DAY
    assert found.times == 2


def test_seeing_an_unknown_page_again_says_so(db, samples):
    assert see_again(db, samples.observe(URL, samples.AD)) is False


def test_content_is_kept_whole(db, samples):
    seen = samples.observe(URL, samples.AD)
    save_observation(db, seen)
    with db.reading() as connection:
        data = connection.execute(select(observation.c.content)).scalar_one()
        judged = connection.execute(select(assessment.c.detail)).scalar_one()
    assert load_page(data) == seen.page
    assert load_assessment(judged) == seen.assessment


def test_a_newer_rulebook_adds_an_assessment_and_keeps_the_old(db, samples):
    quiet = samples.observe(URL, samples.Block(samples.AD, Level.NONE, 0.0))
    assert save_observation(db, quiet).finding_ids == ()
    loud = samples.observe(URL, samples.AD)
    again = replace(quiet, assessment=replace(loud.assessment, rulebook="rules-2"))
    saved = save_observation(db, samples.later(again, samples.DAY))
    assert len(saved.new_findings) == 1
    assert count(db, assessment) == 2
    assert count(db, evidence) == 1


def test_a_page_that_returns_to_an_older_version_keeps_one_row_a_version(db, samples):
    a = samples.observe(URL, samples.AD)
    b = samples.observe(URL, samples.SHOP, at=samples.START + samples.DAY)
    first = save_observation(db, a)
    save_observation(db, b)
    back = save_observation(db, samples.later(a, 2 * samples.DAY))
    assert back.observation_id == first.observation_id
    assert known_page(db, "town", URL).observation_id == first.observation_id
    assert (count(db, observation), count(db, evidence)) == (2, 3)


def test_a_status_page_is_a_state_and_never_content(db, samples):
    seen = samples.state_page(URL, PageState.DELETED)
    assert record_state(db, seen) == 1
    known = known_page(db, "town", URL)
    assert known.state is PageState.DELETED
    assert known.state_since == samples.START
    assert known.state_message == "该内容已被发布者删除"
    assert known.content_hash is None
    assert (count(db, observation), count(db, finding)) == (0, 0)


def test_a_state_that_lasts_keeps_its_beginning_and_one_evidence(db, samples):
    seen = samples.state_page(URL, PageState.DELETED)
    record_state(db, seen)
    assert record_state(db, samples.later(seen, samples.DAY)) is None
    known = known_page(db, "town", URL)
    assert known.state_since == samples.START
    assert known.last_seen == samples.START + samples.DAY
    assert count(db, evidence) == 1


def test_a_deleted_page_keeps_what_was_known_and_its_finding(db, samples):
    seen = samples.observe(URL, samples.AD)
    save_observation(db, seen)
    record_state(db, samples.state_page(URL, PageState.DELETED, at=samples.START + samples.DAY))
    known = known_page(db, "town", URL)
    assert known.state is PageState.DELETED
    assert known.content_hash == seen.content_hash
    assert known.etag is not None
    assert len(list_findings(db)) == 1
    see_again(db, samples.later(seen, 2 * samples.DAY))
    known = known_page(db, "town", URL)
    assert (known.state, known.state_since) == (PageState.OK, samples.START + 2 * samples.DAY)


@pytest.mark.parametrize(
    "odd", ["\x00", "\ud800", "\x1b[31m\x7f", "\u200b\u202e", "𠮷💰", "\r\n\t"]
)
def test_odd_characters_keep_every_offset(db, samples, odd):
    text = f"保{odd}本{odd}高息，{samples.AD}{odd}"
    url = f"http://town.example/{odd}"
    save_observation(db, samples.observe(url, samples.SHOP, text))
    for found in iter_findings(db):
        assert all(found.text[hit.start : hit.end] == hit.quote for hit in found.hits)
    assert len(found.text) == len(text)
    assert known_page(db, "town", url) is not None
    with db.reading() as connection:
        kept = load_page(connection.execute(select(observation.c.content)).scalar_one())
        judged = load_assessment(connection.execute(select(assessment.c.detail)).scalar_one())
    joined = join_segments(kept.segments)
    assert all(joined[hit.start : hit.end] == hit.quote for hit in judged.hits)


def test_a_text_of_five_million_characters_is_kept(db, samples):
    text = samples.AD * (5_000_000 // len(samples.AD))
    (found_id,) = save_observation(db, samples.observe(URL, text)).finding_ids
    assert get_finding(db, found_id).text == text


def test_a_url_longer_than_an_index_entry_is_kept(db, samples):
    url = "http://town.example/" + "保本" * 4_000
    save_observation(db, samples.observe(url, samples.AD))
    assert known_page(db, "town", url).url == url


def test_a_failed_save_leaves_nothing(db, samples):
    seen = samples.observe(URL, samples.AD, run_id=999)
    with pytest.raises(StorageError):
        save_observation(db, seen)
    assert counts(db) == (0, 0, 0, 0, 0, 0)


def test_an_unsealed_observation_is_refused(db, samples):
    with pytest.raises(ValueError, match="sealed"):
        save_observation(db, samples.observe(URL, samples.AD, stored=None))
    with pytest.raises(ValueError, match="sealed"):
        record_state(db, samples.observe(URL, samples.AD))


def test_a_naive_time_is_refused(db, samples):
    naive = samples.START.replace(tzinfo=None)
    with pytest.raises((StorageError, ValueError), match="time zone"):
        save_observation(db, samples.observe(URL, samples.AD, at=naive))


def test_times_come_back_as_the_same_moment(db, samples):
    shanghai = samples.START.astimezone(timezone(timedelta(hours=8)))
    save_observation(db, samples.observe(URL, samples.AD, at=shanghai))
    seen = known_page(db, "town", URL).first_seen
    assert seen == samples.START
    assert seen.utcoffset() == timedelta(0)


def test_a_page_with_hundreds_of_ads_says_how_many_it_skipped(db, samples):
    ads = (samples.numbered(f"n{number}", 3).page.segments[2].text for number in range(230))
    different = [f"{number}{ad[::-1]}" for number, ad in enumerate(ads)]
    saved = save_observation(db, samples.observe(URL, *different))
    assert saved.skipped == 30
