"""`adwatch backup` while pages are stored, and `adwatch restore` of it: whole, or not at all."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from storage.audit import verify_evidence
from storage.database import open_database
from storage.evidence import EvidenceStore

SAMPLES = Path(__file__).with_name("samples.py")
ADWATCH = str(Path(sys.executable).parent / "adwatch")


def adwatch(*command, expect=0):
    done = subprocess.run(
        [ADWATCH, *map(str, command)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == expect, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def office(tmp_path, url):
    """An installation on a fresh database, with pages being stored in a process of its own."""
    folder = tmp_path / "office"
    (folder / "targets").mkdir(parents=True)
    (folder / "adwatch.yml").write_text(f"storage: {url}\n", encoding="utf-8")
    writer = subprocess.Popen(
        [sys.executable, SAMPLES, url, str(folder / "evidence"), "river", "300"],
        stdout=subprocess.PIPE,
    )
    for _ in range(20):
        assert writer.stdout.readline()
    yield folder
    writer.kill()
    writer.communicate()


@pytest.fixture
def fresh_storage(request, url):
    """Where to restore to: options of the command, and the URL that comes of them."""
    if url.startswith("sqlite"):
        yield ()
        return
    cluster, name = request.getfixturevalue("cluster"), f"back_{uuid4().hex}"
    yield ("--storage", cluster.create(name))
    cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_backup_made_while_pages_are_stored_restores_whole(office, tmp_path, fresh_storage):
    dest, into = tmp_path / "dest", tmp_path / "again"
    first = json.loads(adwatch("--config", office, "backup", dest, "--json").stdout)
    made = json.loads(adwatch("--config", office, "backup", dest, "--json").stdout)
    assert made["files"] > first["files"] >= 20
    assert made["copied"] == made["files"] - first["files"]
    done = json.loads(adwatch("restore", dest, into, *fresh_storage, "--json").stdout)
    assert done["head"] == made["head"]
    assert (done["records"], done["files"]) == (made["head"]["seq"], made["files"])
    restored = fresh_storage[1] if fresh_storage else f"sqlite:///{into}/adwatch.db"
    with closing(open_database(restored)) as database:
        report = verify_evidence(database, EvidenceStore(into / "evidence"))
    assert report.holds
    assert report.records == made["head"]["seq"]
    refused = adwatch("restore", dest, into, *fresh_storage, expect=1)
    assert "not empty" in refused.stderr


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_backup_that_was_killed_or_changed_is_never_taken_for_a_whole_one(office, tmp_path):
    dest, into = tmp_path / "dest", tmp_path / "again"
    backup = subprocess.Popen([ADWATCH, "--config", office, "backup", dest])
    while not (dest / "backups" / ".partial" / "database.sqlite").exists():
        assert backup.poll() is None
    backup.kill()
    backup.wait()
    assert "no whole backup" in adwatch("restore", dest, into, expect=1).stderr
    made = json.loads(adwatch("--config", office, "backup", dest, "--json").stdout)
    whole = Path(made["backup"])
    kept = shutil.copytree(dest, tmp_path / "kept") / "backups" / whole.name
    with closing(sqlite3.connect(whole / "database.sqlite")) as connection, connection:
        connection.execute("UPDATE page SET url = url || '?'")
    assert "has been changed" in adwatch("restore", dest, into, expect=1).stderr
    lost = next((tmp_path / "kept" / "evidence").glob("??/??/*"))
    lost.unlink()
    assert lost.name in adwatch("restore", kept.parents[1], into, expect=1).stderr
    assert not into.exists()


def test_a_damaged_database_is_refused_with_the_way_to_restore(sqlite_template, tmp_path):
    folder = tmp_path / "office"
    (folder / "targets").mkdir(parents=True)
    (folder / "adwatch.yml").write_text("contact: mailto:office@example.cn\n", encoding="utf-8")
    data = bytearray(sqlite_template.read_bytes())
    for at in range(4096, len(data), 4096):
        data[at : at + 64] = b"\xa5" * 64
    (folder / "adwatch.db").write_bytes(data)
    assert "adwatch restore" in adwatch("--config", folder, "findings", "list", expect=1).stderr
    said = json.loads(adwatch("--config", folder, "doctor", "--json", expect=1).stdout)
    (found,) = (check for check in said if check["name"] == "database")
    assert found["verdict"] == "FAIL"
    assert "adwatch restore" in found["detail"] + found["fix"]
