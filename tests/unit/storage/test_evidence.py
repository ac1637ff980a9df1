"""Evidence files: complete or absent, never written twice, and checked when read."""

import os
import subprocess
import sys
import time
from hashlib import sha256

import pytest

from core.errors import EvidenceError
from storage.evidence import EvidenceStore
from storage.filesystem_sync import filesystem_sync

BYTES = "保本高息".encode() * 1000
DIGEST = sha256(BYTES).hexdigest()


def test_bytes_lie_under_their_hash_and_cannot_be_written(store):
    assert store.write(BYTES) == DIGEST
    path = store.folder / DIGEST[:2] / DIGEST[2:4] / DIGEST
    assert store.path(DIGEST) == path
    assert path.stat().st_mode & 0o777 == 0o444
    assert store.read(DIGEST) == BYTES


def test_nothing_else_is_left_in_the_folder(store):
    store.write(BYTES)
    store.write(b"")
    files = [path.name for path in store.folder.rglob("*") if path.is_file()]
    assert sorted(files) == sorted([DIGEST, sha256(b"").hexdigest()])


def test_the_same_bytes_are_written_once(store):
    store.write(BYTES)
    before = store.path(DIGEST).stat()
    assert EvidenceStore(store.folder).write(BYTES) == DIGEST
    after = store.path(DIGEST).stat()
    assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size)


def test_a_damaged_file_is_not_papered_over(store):
    store.write(BYTES)
    store.path(DIGEST).chmod(0o644)
    store.path(DIGEST).write_bytes(BYTES[:-1])
    with pytest.raises(EvidenceError, match="not what was written"):
        store.write(BYTES)
    with pytest.raises(EvidenceError, match="changed"):
        store.read(DIGEST)


def test_a_missing_file_is_an_error(store):
    with pytest.raises(EvidenceError, match="cannot be read"):
        store.read(DIGEST)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_hashes_lead_to_files(store, name):
    with pytest.raises(EvidenceError, match="not the SHA-256"):
        store.path(name)


def test_what_killed_writers_left_is_cleared_after_a_day(store):
    store.write(b"first")
    incoming = store.folder / ".incoming"
    old, young = incoming / "old", incoming / "young"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    EvidenceStore(store.folder).write(b"second")
    assert not old.exists()
    assert young.exists()


WRITER = """
import sys
from pathlib import Path
from storage.evidence import EvidenceStore
store = EvidenceStore(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    store.write(str(number).encode() * 50_000)
    number += 1
"""


def test_a_killed_writer_leaves_only_whole_files(store):
    for wait_s in (0.02, 0.05, 0.11):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(store.folder)], stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        for writer in writers:
            assert writer.stdout.readline() == b"ready\n"
        time.sleep(wait_s)
        for writer in writers:
            writer.kill()
            writer.wait()
            writer.stdout.close()
    files = list(store.folder.glob("??/??/*"))
    assert files
    assert all(sha256(path.read_bytes()).hexdigest() == path.name for path in files)


@pytest.fixture(params=["at once", "one by one"])
def many(request, store, monkeypatch):
    """The store as it is where a file system is written out at once, and where it cannot be."""
    if request.param == "one by one":
        monkeypatch.setattr("storage.evidence.filesystem_sync", lambda: None)
    elif filesystem_sync() is None:
        pytest.skip("this system has no syncfs that tells of errors")
    return store


def test_many_are_kept_together_and_twice_the_same_is_one(many):
    many.write(b"known")
    pieces = [
        (b"one", None),
        (b"known", None),
        (b"two", sha256(b"two").hexdigest()),
        (b"one", None),
    ]
    names = many.write_all(pieces)
    assert names == [sha256(data).hexdigest() for data, _ in pieces]
    assert [many.read(name) for name in names] == [data for data, _ in pieces]
    assert not list((many.folder / ".incoming").iterdir())
    assert many.write_all([]) == []


def test_where_one_of_many_cannot_be_kept_nothing_is_left_lying(many):
    spoiled = sha256(b"two").hexdigest()
    many.path(spoiled).parent.mkdir(parents=True)
    many.path(spoiled).write_bytes(b"else")
    with pytest.raises(EvidenceError, match="not what was written"):
        many.write_all([(b"one", None), (b"two", None)])
    assert not many.has(sha256(b"one").hexdigest())


def test_a_disk_that_fails_to_write_out_keeps_no_name(store, monkeypatch):
    def fail(folder):
        raise OSError(5, "Input/output error", folder)

    monkeypatch.setattr("storage.evidence.filesystem_sync", lambda: fail)
    with pytest.raises(OSError, match="Input/output"):
        store.write_all([(b"one", None), (b"two", None)])
    assert not store.has(sha256(b"one").hexdigest())
    assert not list((store.folder / ".incoming").iterdir())
