"""Evidence in an S3-compatible store keeps the promises of the folder."""

import importlib.util
import sys
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from core.errors import EvidenceError
from storage.audit import verify_evidence
from storage.evidence_objects import ObjectEvidence, S3Access
from storage.evidence_place import open_evidence
from storage.export import export_evidence
from storage.heads import note_head, noted_heads
from storage.intake import save_observation

pytest.importorskip("obstore", reason="adwatch[s3] is not installed")
BYTES = "一万元起投，月息两分".encode()
DIGEST = sha256(BYTES).hexdigest()


def _load_server():
    path = Path(__file__).with_name("s3_server.py")
    spec = importlib.util.spec_from_file_location("storage_s3_server", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def server():
    running = _load_server().S3Server()
    yield running
    running.close()


@pytest.fixture
def bucket(server):
    access = S3Access("us-east-1", "KEYID", "s3cret", server.address)
    assert "s3cret" not in repr(access)
    return open_evidence("s3://office/evidence", access)


def test_bytes_are_put_once_under_their_hash_and_read_back(server, bucket):
    assert not bucket.has(DIGEST)
    assert bucket.write(BYTES) == DIGEST
    assert bucket.write(BYTES, DIGEST) == DIGEST
    assert server.puts == [f"office/evidence/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"]
    assert bucket.has(DIGEST)
    assert bucket.read(DIGEST) == bucket.find(DIGEST) == BYTES
    assert bucket.names(DIGEST[:2]) == {DIGEST}
    assert server.keys == {"KEYID"}


def test_what_is_missing_or_changed_is_said(server, bucket):
    assert bucket.find(DIGEST) is None
    assert bucket.fault(DIGEST) == "the file is missing"
    with pytest.raises(EvidenceError, match="no such object"):
        bucket.read(DIGEST)
    bucket.write(BYTES)
    (name,) = server.objects
    server.objects[name] = b"x" * len(BYTES)
    assert "has been changed" in bucket.fault(DIGEST)
    with pytest.raises(EvidenceError, match="has been changed"):
        bucket.read(DIGEST)
    server.objects[name] = b"x"
    with pytest.raises(EvidenceError, match="is not what was written"):
        bucket.write(BYTES)
    with pytest.raises(EvidenceError, match="not the SHA-256"):
        bucket.has("../../etc/passwd")


def test_a_store_that_fails_is_an_error_and_nothing_counts_as_kept(server, monkeypatch):
    monkeypatch.setattr("storage.evidence_objects.RETRIES", 0)
    access = S3Access("us-east-1", "KEYID", "s3cret", server.address)
    bucket = ObjectEvidence("s3://office/evidence", access)
    server.down = True
    with pytest.raises(EvidenceError) as error:
        bucket.write(BYTES)
    assert "s3cret" not in str(error.value)
    assert server.objects == {}


@pytest.mark.soak
def test_evidence_in_a_bucket_is_verified_and_exported(db, samples, bucket, server, tmp_path):
    kept = [samples.observe(f"https://a.cn/{n}", f"第{n}页的正文。") for n in range(3)]
    for seen in kept:
        bucket.write(seen.capture.body, seen.stored.body_sha256)
        save_observation(db, seen)
    note_head(db, bucket, samples.START)
    note_head(db, bucket, samples.START + timedelta(days=1))
    assert len(list(noted_heads(bucket))) == 1
    report = verify_evidence(db, bucket)
    assert (report.records, report.files, report.faults) == (3, 3, ())
    packed = export_evidence(db, bucket, [1, 2], tmp_path / "case.zip")
    with zipfile.ZipFile(packed) as archive:
        assert f"files/{kept[0].stored.body_sha256}" in archive.namelist()
    lost = next(name for name in server.objects if name.endswith(kept[1].stored.body_sha256))
    del server.objects[lost]
    (fault,) = verify_evidence(db, bucket).faults
    assert "missing" in fault
