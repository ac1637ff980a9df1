"""Whatever is done to the evidence behind adwatch's back is found."""

import json
import zipfile
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import text

from core.errors import EvidenceError
from core.records import PageState
from storage import audit
from storage.audit import verify_evidence
from storage.capture_facts import evidence_facts
from storage.chain import GENESIS, canonical_json, hash_record
from storage.export import export_evidence
from storage.heads import read_chain_head
from storage.intake import record_state, save_observation


@pytest.fixture
def kept(db, store, samples):
    """Six pages: their observations, whose evidence records are 1 to 6."""
    pages = [
        samples.observe(f"http://town.example/{n}", f"{n}{samples.AD}", kind="article")
        for n in range(5)
    ]
    for seen in pages:
        samples.keep(db, store, seen)
    gone = samples.state_page("http://town.example/5", PageState.DELETED)
    store.write(gone.capture.body)
    record_state(db, gone)
    return [*pages, gone]


CHANGE_STATUS = """UPDATE evidence SET record_hash = '{}',
    record = replace(record, '"status":200', '"status":404') WHERE seq = 3"""


def tamper(db, *statements):
    """What somebody with the database's password could do."""
    with db.writing() as connection:
        if db.dialect == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for statement in statements:
            connection.exec_driver_sql(statement)


def delete_record(db, seq):
    tamper(
        db,
        f"UPDATE observation SET evidence_seq = 2 WHERE evidence_seq = {seq}",  # noqa: S608
        f"DELETE FROM evidence WHERE seq = {seq}",  # noqa: S608
    )


def test_untouched_evidence_holds(db, store, kept):
    report = verify_evidence(db, store)
    assert report.holds
    assert (report.records, report.files, report.faults) == (6, 6, ())
    assert report.unreferenced == 0
    assert report.head == read_chain_head(db)


def test_no_evidence_holds(db, store):
    report = verify_evidence(db, store)
    assert (report.holds, report.records, report.head.record_hash) == (True, 0, GENESIS)


def test_a_record_says_how_the_bytes_were_got(db, store, samples):
    seen = samples.observe("http://town.example/x", samples.AD)
    capture = replace(
        seen.capture,
        redirects=("http://a.example/", "http://b.example/"),
        rendered=True,
        screenshot=b"png",
    )
    shot = sha256(b"png").hexdigest()
    stored = replace(seen.stored, screenshot_sha256=shot)
    facts = {"tls_verified": False, "program": "adwatch 0.1"}
    save_observation(db, replace(seen, capture=capture, stored=stored), facts)
    with db.reading() as connection:
        record = json.loads(connection.execute(text("SELECT record FROM evidence")).scalar_one())
    assert record == {
        "seq": 1,
        "target": "town",
        "run": 1,
        "url": "http://town.example/x",
        "address": "http://town.example/x",
        "redirects": ["http://a.example/", "http://b.example/"],
        "final_url": "http://town.example/x",
        "method": "GET",
        "status": 200,
        "headers": [list(pair) for pair in capture.headers],
        "server_address": "127.0.0.1",
        "captured_at": "2026-11-20T00:30:00+00:00",
        "rendered": True,
        "body_sha256": stored.body_sha256,
        "body_size": stored.body_size,
        "screenshot_sha256": shot,
        "screenshot_size": 3,
        "facts": facts,
    }


def test_a_changed_file_is_found(db, store, kept):
    path = store.path(kept[2].stored.body_sha256)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[10] ^= 1
    path.write_bytes(data)
    (fault,) = verify_evidence(db, store).faults
    assert fault.startswith("record 3, file")
    assert "changed" in fault


def test_a_truncated_file_is_found(db, store, kept):
    path = store.path(kept[2].stored.body_sha256)
    path.chmod(0o644)
    path.write_bytes(b"")
    assert "changed (0 bytes" in verify_evidence(db, store).faults[0]


def test_a_missing_file_is_found(db, store, kept):
    store.path(kept[5].stored.body_sha256).unlink()
    (fault,) = verify_evidence(db, store).faults
    assert fault.startswith("record 6, file")
    assert "missing" in fault


def test_swapped_files_are_found(db, store, kept):
    one, other = (store.path(kept[n].stored.body_sha256) for n in (0, 1))
    spare = one.with_name("spare")
    one.rename(spare)
    other.rename(one)
    spare.rename(other)
    assert len(verify_evidence(db, store).faults) == 2


def test_a_link_in_place_of_a_file_is_found(db, store, kept, tmp_path):
    path = store.path(kept[0].stored.body_sha256)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert "not a regular file" in verify_evidence(db, store).faults[0]


def test_a_missing_screenshot_is_found(db, store, samples):
    seen = samples.observe("http://town.example/x", samples.AD)
    shot = store.write(b"png")
    samples.keep(db, store, replace(seen, stored=replace(seen.stored, screenshot_sha256=shot)))
    assert verify_evidence(db, store).files == 2
    store.path(shot).unlink()
    assert len(verify_evidence(db, store).faults) == 1


def test_files_without_a_record_are_counted_and_no_fault(db, store, kept):
    store.write(b"killed before its record")
    report = verify_evidence(db, store)
    assert (report.holds, report.unreferenced) == (True, 1)


@pytest.mark.parametrize(
    "statement",
    [
        CHANGE_STATUS.format("0" * 64),
        "UPDATE evidence SET record = '保本' WHERE seq = 3",
        "UPDATE evidence SET record = '[' WHERE seq = 3",
        "UPDATE evidence SET record_hash = prev_hash WHERE seq = 3",
        "UPDATE evidence SET prev_hash = record_hash WHERE seq = 3",
        "UPDATE evidence SET body_sha256 = prev_hash WHERE seq = 3",
        "UPDATE evidence SET screenshot_sha256 = body_sha256 WHERE seq = 3",
    ],
)
def test_a_changed_record_is_found(db, store, kept, statement):
    tamper(db, statement)
    faults = verify_evidence(db, store).faults
    assert any(fault.startswith("record 3") for fault in faults)


def test_a_changed_record_with_its_hash_made_to_fit_is_found(db, store, kept):
    with db.reading() as connection:
        row = connection.execute(text("SELECT * FROM evidence WHERE seq = 3")).one()
    record = row.record.replace('"status":200', '"status":404')
    fitted = hash_record(row.prev_hash, record)
    tamper(db, CHANGE_STATUS.format(fitted))
    assert any("does not follow" in fault for fault in verify_evidence(db, store).faults)


def test_a_missing_record_is_found(db, store, kept):
    delete_record(db, 3)
    assert "record 3: missing" in verify_evidence(db, store).faults


def test_a_missing_first_record_is_found(db, store, kept):
    delete_record(db, 1)
    assert "record 1: missing" in verify_evidence(db, store).faults


def test_a_cut_off_tail_is_found(db, store, kept):
    delete_record(db, 6)
    faults = verify_evidence(db, store).faults
    assert faults == ("chain: its head is record 6, but the newest record is 5",)


def test_a_cut_off_tail_with_the_head_moved_back_is_told_by_a_head_written_down(db, store, kept):
    before = read_chain_head(db)
    delete_record(db, 6)
    tamper(
        db,
        "UPDATE chain_head SET seq = 5,"
        " record_hash = (SELECT record_hash FROM evidence WHERE seq = 5)",
    )
    assert verify_evidence(db, store).head != before


def test_all_records_gone_is_found(db, store, kept):
    tamper(db, "DELETE FROM assessment", "DELETE FROM place", "DELETE FROM observation",
           "DELETE FROM evidence")  # fmt: skip
    assert not verify_evidence(db, store).holds


def test_swapped_records_are_found(db, store, kept):
    tamper(
        db,
        "UPDATE observation SET evidence_seq = 1",
        "UPDATE evidence SET seq = 99 WHERE seq = 3",
        "UPDATE evidence SET seq = 3 WHERE seq = 4",
        "UPDATE evidence SET seq = 4 WHERE seq = 99",
    )
    faults = verify_evidence(db, store).faults
    assert any(fault.startswith("record 3") for fault in faults)
    assert any(fault.startswith("record 4") for fault in faults)


def test_a_missing_head_is_found(db, store, kept):
    tamper(db, "DELETE FROM chain_head")
    assert "chain: the row of its head is missing" in verify_evidence(db, store).faults


def test_a_record_behind_the_head_is_found(db, store, kept):
    tamper(db, "UPDATE chain_head SET seq = 5")
    assert not verify_evidence(db, store).holds


def test_a_flood_of_faults_is_counted_not_collected(db, store, kept, monkeypatch):
    monkeypatch.setattr(audit, "MAX_FAULTS", 3)
    for seen in kept:
        store.path(seen.stored.body_sha256).unlink()
    report = verify_evidence(db, store)
    assert (len(report.faults), report.more_faults) == (3, 3)


def test_records_hold_no_floats():
    with pytest.raises(TypeError, match="floats"):
        canonical_json({"facts": {"list": [1, 2.5]}})


def test_an_export_can_be_checked_without_adwatch(db, store, kept, tmp_path):
    path = export_evidence(db, store, [3, 1, 2], tmp_path / "证据.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        records = json.loads(archive.read("records.json"))
        files = {name.removeprefix("files/") for name in names if name.startswith("files/")}
        assert all(sha256(archive.read(f"files/{f}")).hexdigest() == f for f in files)
        assert "sha256sum" in archive.read("README.txt").decode()
    assert files == {kept[n].stored.body_sha256 for n in range(3)}
    assert [record["seq"] for record in records] == [1, 2, 3]
    for record in records:
        whole = (record["prev_hash"] + record["record"]).encode()
        assert sha256(whole).hexdigest() == record["record_hash"]
    assert records[1]["prev_hash"] == records[0]["record_hash"]


def test_an_export_of_damaged_evidence_is_refused_and_leaves_no_file(db, store, kept, tmp_path):
    store.path(kept[0].stored.body_sha256).unlink()
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(EvidenceError):
        export_evidence(db, store, [1], out / "evidence.zip")
    assert list(out.iterdir()) == []


def test_an_export_of_unknown_or_too_many_records_is_refused(db, store, kept, tmp_path):
    with pytest.raises(EvidenceError, match="no evidence record 77"):
        export_evidence(db, store, [1, 77], tmp_path / "evidence.zip")
    with pytest.raises(EvidenceError, match="too many"):
        export_evidence(db, store, range(20_000), tmp_path / "evidence.zip")


def test_capture_facts_are_read_back_for_those_who_hand_them_on(db, store, kept):
    facts = evidence_facts(db, (2, 6, 77))
    assert set(facts) == {2, 6}
    assert facts[2].body_sha256 == kept[1].stored.body_sha256
    assert facts[2].captured_at == kept[1].capture.captured_at
    assert facts[2].status == 200
