"""Writers that are killed or race one another leave nothing half done and nothing twice."""

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.audit import verify_evidence
from storage.database import open_database
from storage.evidence import EvidenceStore
from storage.findings import iter_findings
from storage.tables import assessment, band, evidence, finding, observation, page, place, variant

SAMPLES = Path(__file__).with_name("samples.py")
PAGES = 60
KILLS = {"sqlite": 10, "postgresql": 4}


def start_writer(url, folder, name, pages):
    return subprocess.Popen(
        [sys.executable, SAMPLES, url, str(folder), name, str(pages)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def kill_after(writer, lines, delay_s):
    for _ in range(lines):
        assert writer.stdout.readline()
    time.sleep(delay_s)
    writer.kill()
    writer.communicate()


def finish(writer):
    _, errors = writer.communicate(timeout=120)
    assert writer.returncode == 0, errors.decode()


def rows(db, *tables):
    with db.reading() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]


def check_whole(db, store, samples, names):
    report = verify_evidence(db, store)
    assert report.holds, report.faults
    pages = PAGES * len(names)
    assert report.records == pages
    assert rows(db, page, observation, assessment, evidence) == [pages] * 4
    own = len([n for n in range(PAGES) if n % 3 == 0]) * len(names)
    shared = len([n for n in range(PAGES) if n % 4 == 0]) * len(names)
    found = {item.fingerprint: item for item in iter_findings(db)}
    assert len(found) == own + 1
    assert rows(db, finding, variant) == [own + 1] * 2
    assert rows(db, place) == [own + shared]
    assert rows(db, band) == [20 * (own + 1)]
    common = next(item for item in found.values() if item.text == samples.AD)
    assert common.place_count == common.times == shared


@pytest.mark.slow
def test_writers_killed_at_random_moments_lose_and_double_nothing(url, tmp_path, samples):
    store = EvidenceStore(tmp_path / "evidence")
    chance = random.Random(7)
    kills = KILLS[url.partition("+")[0].partition(":")[0]]
    for kill in range(kills):
        lines = chance.randint(0, PAGES * (kill + 1) // (kills + 2))
        kill_after(start_writer(url, store.folder, "a", PAGES), lines, chance.random() / 100)
        with closing(open_database(url)) as db:
            assert verify_evidence(db, store).holds
    finish(start_writer(url, store.folder, "a", PAGES))
    with closing(open_database(url)) as db:
        check_whole(db, store, samples, ["a"])


def test_two_writers_keep_one_unbroken_chain(url, tmp_path, samples):
    store = EvidenceStore(tmp_path / "evidence")
    writers = [start_writer(url, store.folder, name, PAGES) for name in ("a", "b")]
    for writer in writers:
        finish(writer)
    with closing(open_database(url)) as db:
        check_whole(db, store, samples, ["a", "b"])


def test_two_writers_of_the_same_pages_keep_each_once(url, tmp_path, samples):
    store = EvidenceStore(tmp_path / "evidence")
    writers = [start_writer(url, store.folder, "a", PAGES) for _ in range(2)]
    for writer in writers:
        finish(writer)
    with closing(open_database(url)) as db:
        check_whole(db, store, samples, ["a"])
