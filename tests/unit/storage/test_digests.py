"""Digests are frozen once; every delivery attempt leaves a row."""

from datetime import date

from storage.digests import (
    DeliveryState,
    deliveries,
    find_digest,
    freeze_digest,
    record_delivery,
)
from storage.intake import save_observation

DAY = date(2026, 11, 20)
PENDING, SENT, FAILED = DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.FAILED


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


def test_an_attempt_is_opened_then_marked(db, samples):
    digest = freeze_digest(db, DAY, "all", (), "无新增", samples.START)

    def record(state, code="", detail=""):
        now = samples.START + samples.DAY
        return record_delivery(db, digest.id, "mail", "a@example.cn", state, code, detail, now)

    opened = record(PENDING)
    assert deliveries(db, digest.id)[0].ended_at is None
    assert record(FAILED, "451", "try later") == opened
    assert record(PENDING) != opened
    record(SENT, "250")
    states = [(row.state, row.code, row.detail) for row in deliveries(db, digest.id)]
    assert states == [(FAILED, "451", "try later"), (SENT, "250", "")]


def test_attempts_to_different_recipients_are_different_rows(db, samples):
    digest = freeze_digest(db, DAY, "all", (), "无新增", samples.START)
    for who in ("a@example.cn", "b@example.cn"):
        record_delivery(db, digest.id, "mail", who, PENDING, "", "", samples.START)
    record_delivery(db, digest.id, "mail", "b@example.cn", SENT, "250", "", samples.START)
    rows = {row.recipient: row.state for row in deliveries(db, digest.id)}
    assert rows == {"a@example.cn": PENDING, "b@example.cn": SENT}


def test_a_subject_with_a_null_character_is_kept(db, samples):
    assert freeze_digest(db, DAY, "all", (), "a\x00b", samples.START).subject == "a\ufffdb"
