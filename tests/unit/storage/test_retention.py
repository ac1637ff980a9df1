"""Retention removes what nothing needs, signs for it, and survives being killed in between."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.errors import LockedError
from core.records import PageState
from storage.audit import verify_evidence
from storage.evidence import EvidenceStore
from storage.expiry import Periods
from storage.findings import iter_findings
from storage.intake import known_page, record_state
from storage.keeping import keeping
from storage.retention import compact, retain
from storage.tables import observation, removal

PERIODS = Periods(timedelta(days=90), timedelta(days=1096), timedelta(days=1096))
PAGES = 12
HARMLESS = [number for number in range(PAGES) if number % 3 and number % 4]


class Killed(BaseException):
    """What a process meets at a moment it has not chosen."""


class KilledStore(EvidenceStore):
    """Is killed before it removes its third file."""

    left = 2

    def remove(self, digest, is_needed):
        if not self.left:
            raise Killed
        self.left -= 1
        return super().remove(digest, is_needed)


def age(store):
    """The files' times as they are when the pages are old."""
    for path in store.folder.glob("??/??/*"):
        os.utime(path, (0, 0))


@pytest.fixture
def later(db, store, samples):
    """The day of the clean-up, long after twelve pages were stored, six of them harmless."""
    for number in range(PAGES):
        samples.keep(db, store, samples.numbered("old", number))
    age(store)
    return samples.START + timedelta(days=200)


def count(db, table):
    with db.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_harmless_pages_go_and_what_a_finding_shows_stays(db, store, samples, later):
    before = list(iter_findings(db))
    counted = retain(db, store, PERIODS, later, dry_run=True)
    assert counted.observations == len(HARMLESS)
    assert count(db, observation) == PAGES
    done = retain(db, store, PERIODS, later)
    assert (done.observations, done.files) == (len(HARMLESS), len(HARMLESS))
    assert list(iter_findings(db)) == before
    report = verify_evidence(db, store)
    assert report.holds, report.faults
    assert report.removed == len(HARMLESS)
    assert report.records == PAGES + 1
    compact(db)
    gone = samples.numbered("old", HARMLESS[0])
    assert known_page(db, "town", gone.url).content_hash is None
    samples.keep(db, store, samples.later(gone, timedelta(days=200)))
    assert verify_evidence(db, store).removed == len(HARMLESS) - 1
    store.path(gone.stored.body_sha256).unlink()
    (fault,) = verify_evidence(db, store).faults
    assert "missing" in fault


def test_a_killed_clean_up_is_finished_by_the_next(db, store, later):
    with pytest.raises(Killed):
        retain(db, KilledStore(store.folder), PERIODS, later)
    report = verify_evidence(db, store)
    assert report.holds, report.faults
    assert report.removed == KilledStore.left
    assert retain(db, store, PERIODS, later).files == len(HARMLESS)
    assert verify_evidence(db, store).removed == len(HARMLESS)
    assert retain(db, store, PERIODS, later).files == 0


def test_bytes_stay_while_one_record_needs_them_or_a_writer_has_met_them(db, store, samples, later):
    shared = samples.Block("东港花市周末开放，入口在东门。", samples.Level.NONE, 0.0)
    samples.keep(db, store, samples.observe("http://old.example/a", shared))
    samples.keep(db, store, samples.observe("http://old.example/b", shared, at=later))
    deleted = samples.state_page("http://old.example/gone", PageState.DELETED)
    store.write(deleted.capture.body)
    record_state(db, deleted)
    age(store)
    met = samples.numbered("old", HARMLESS[0])
    store.write(met.capture.body)
    done = retain(db, store, PERIODS, later)
    assert (done.files, done.came_back) == (len(HARMLESS) - 1, 1)
    for kept in (samples.observe("", shared), deleted, met):
        assert store.read(kept.stored.body_sha256) == kept.capture.body
    assert verify_evidence(db, store).holds


def test_a_removal_that_no_record_signs_for_is_a_fault(db, store, later):
    retain(db, store, PERIODS, later)
    lost = next(iter_findings(db)).places[0].body_sha256
    store.path(lost).unlink()
    with db.writing() as connection:
        connection.execute(
            removal.insert(),
            {"sha256": lost, "evidence_seq": PAGES + 1, "rule": "ads", "decided_at": later},
        )
    (fault,) = verify_evidence(db, store).faults
    assert lost in fault
    assert "does not list it" in fault


def test_nothing_is_removed_while_a_backup_copies(db, store, later):
    with keeping(store), pytest.raises(LockedError):
        retain(db, store, PERIODS, later)
