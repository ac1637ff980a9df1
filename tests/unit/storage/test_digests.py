"""Digests are frozen once."""

from datetime import date, timedelta

from storage.digests import find_digest, freeze_digest, newest_digest
from storage.intake import save_observation

DAY = date(2026, 11, 20)


def test_a_day_is_frozen_once_for_an_audience(db, samples):
    ids = save_observation(db, samples.observe("http://town.example/1", samples.AD)).finding_ids
    first = freeze_digest(db, DAY, "all", ids, "1 条新线索", samples.START)
    again = freeze_digest(db, DAY, "all", (), "0 条", samples.START + samples.DAY)
    assert again == first
    assert find_digest(db, DAY, "all") == first
    assert (first.finding_ids, first.subject, first.day) == (ids, "1 条新线索", DAY)
    assert freeze_digest(db, DAY, "operator", (), "0", samples.START).id != first.id


def test_an_empty_digest_is_a_digest(db, samples):
    assert freeze_digest(db, DAY, "all", (), "无新增", samples.START).finding_ids == ()
    assert find_digest(db, date(2026, 11, 21), "all") is None


def test_a_subject_with_a_null_character_is_kept(db, samples):
    assert freeze_digest(db, DAY, "all", (), "a\x00b", samples.START).subject == "a\ufffdb"


def test_the_newest_digest_of_an_audience_says_what_it_covered(db, samples):
    covered = (samples.START, samples.START + samples.DAY)
    for back in (3, 0, 1):
        freeze_digest(db, DAY - timedelta(days=back), "all", (), f"{back}", samples.START, covered)
    freeze_digest(db, DAY + timedelta(days=1), "town", (), "t", samples.START)
    assert newest_digest(db, "all").day == DAY
    before = newest_digest(db, "all", DAY - timedelta(days=1))
    assert (before.day, before.starts_at, before.ends_at) == (DAY - timedelta(days=3), *covered)
    assert newest_digest(db, "nobody") is None
