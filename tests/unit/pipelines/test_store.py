"""Pages stored together: one transaction, killed at any moment, and one page that spoils it.

Run as a program, it stores numbered pages in batches until it is killed.
"""

import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event, func, select

from core.errors import BusyStorageError
from core.records import (
    Assessment,
    Capture,
    Change,
    Level,
    Observation,
    Origin,
    Page,
    PageState,
    Segment,
    Stance,
)  # fmt: skip
from pipelines.evidence import seal
from pipelines.store import store_all
from storage import audit
from storage.codec import pack_page
from storage.database import open_database, upgrade
from storage.evidence import EvidenceStore
from storage.findings import iter_findings
from storage.patience import persist
from storage.runs import start_run
from storage.tables import assessment, chain_head, evidence, metadata, observation, page

START = datetime(2026, 11, 20, tzinfo=UTC)
PAGES, BATCH, KILLS = 120, 8, 5
OFFER = "保本保息，月息两分，东港康养公寓认购开放，每月按时返利，合同期满全额退还，名额所剩无几。"


def seen(number, text="街坊消息", *, level=Level.NONE, change=Change.NEW, rulebook="rules"):
    """Page `number` as it comes from a reader: packed, without its segments."""
    whole = Page(PageState.OK, title=f"第{number}号", segments=(Segment(Origin.BODY, text),))
    _, packed = pack_page(whole)
    url = f"http://town.example/{number}"
    capture = Capture(url, url, 200, (), START, f"<p>{number} {text}</p>".encode())
    judged = Assessment(level, 50.0 * (level > 0), Stance.OTHER, rulebook=rulebook)
    found = Observation("town", 1, url, "article", capture)
    return replace(
        seal(found),
        page=replace(whole, segments=()),
        packed=packed,
        change=change,
        assessment=judged,
        content_hash=sha256(text.encode()).hexdigest(),
    )


def gone(number):
    """Page `number` once its author has deleted it."""
    deleted = Page(PageState.DELETED, state_message="该内容已被发布者删除")
    return replace(seen(number), page=deleted, packed=b"", assessment=None)


def moved(visit, *, days):
    """The visit, `days` later."""
    at = START + timedelta(days=days)
    return replace(visit, capture=replace(visit.capture, captured_at=at))


@pytest.fixture
def url(tmp_path):
    found = f"sqlite:///{tmp_path}/adwatch.db"
    upgrade(found)
    return found


@pytest.fixture
def db(url):
    with closing(open_database(url)) as opened:
        start_run(opened, "town", "first", START)
        yield opened


@pytest.fixture
def files(tmp_path):
    return EvidenceStore(tmp_path / "evidence")


def counts(db):
    tables = (page, observation, assessment, evidence)
    with db.reading() as connection:
        return [
            connection.execute(select(func.count()).select_from(one)).scalar() for one in tables
        ]


def rows(db):
    """All that crawls wrote, table by table."""
    names = ("page", "observation", "assessment", "evidence", "chain_head", "finding", "place")
    with db.reading() as connection:
        return {
            name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for name, table in metadata.tables.items()
            if name in names
        }


def test_a_batch_is_one_transaction(db, files):
    commits = []
    event.listen(db._engine, "commit", commits.append)
    assert store_all(db, files, [seen(number) for number in range(5)]) == ["new"] * 5
    assert len(commits) == 1
    assert counts(db) == [5] * 4
    assert audit.verify_evidence(db, files).holds


def test_a_batch_leaves_the_rows_that_its_pages_leave_one_by_one(db, files, tmp_path):
    visits = [
        seen(1),
        seen(2, OFFER, level=Level.HIGH),
        moved(seen(1, "改过的消息", change=Change.CHANGED), days=1),
        moved(seen(1, "改过的消息", change=Change.UNCHANGED), days=2),
        moved(gone(3), days=2),
        moved(seen(3, OFFER, level=Level.HIGH), days=3),
        moved(seen(2, OFFER, level=Level.HIGH, rulebook="newer"), days=3),
        moved(gone(1), days=4),
        seen(4),
    ]
    store_all(db, files, visits)
    upgrade(other := f"sqlite:///{tmp_path}/other.db")
    with closing(open_database(other)) as singly:
        start_run(singly, "town", "first", START)
        for visit in visits:
            store_all(singly, files, [visit])
        assert rows(db) == rows(singly)
    assert audit.verify_evidence(db, files).holds


def test_the_chain_goes_on_from_batch_to_batch(db, files):
    for start in (0, 3, 4):
        store_all(db, files, [seen(start + number) for number in range(3)])
    store_all(db, files, [seen(9)])
    with db.reading() as connection:
        links = connection.execute(select(evidence).order_by(evidence.c.seq)).all()
        head = connection.execute(select(chain_head)).one()
    assert [link.seq for link in links] == list(range(1, len(links) + 1))
    assert (head.seq, head.record_hash) == (links[-1].seq, links[-1].record_hash)
    assert audit.verify_evidence(db, files).holds


def test_a_batch_writes_the_chains_head_once(db, files):
    statements = []
    event.listen(
        db._engine, "before_cursor_execute", lambda *args: statements.append(args[2].split()[:2])
    )
    store_all(db, files, [seen(number) for number in range(6)])
    assert statements.count(["UPDATE", "chain_head"]) == 1


def test_a_page_that_comes_twice_in_a_batch_is_stored_once(db, files):
    assert store_all(db, files, [seen(1), seen(1)]) == ["new", "new"]
    assert counts(db) == [1] * 4


def test_a_page_seen_again_beside_new_ones_is_counted(db, files):
    store_all(db, files, [seen(1)])
    again = seen(1, change=Change.UNCHANGED)
    later = replace(again.capture, captured_at=START + timedelta(days=1))
    found = store_all(db, files, [seen(2), replace(again, capture=later), seen(3)])
    assert found == ["new", "unchanged", "new"]
    assert counts(db) == [3] * 4


def test_a_page_that_cannot_be_stored_spoils_itself_alone(db, files):
    spoiled = replace(seen(2), run_id=999)  # no such run
    first, second, third = store_all(db, files, [seen(1), spoiled, seen(3)])
    assert (first, third) == ("new", "new")
    assert isinstance(second, Exception)
    assert counts(db) == [2] * 4
    assert audit.verify_evidence(db, files).holds


def test_a_page_whose_file_cannot_be_written_spoils_itself_alone(db, files):
    spoiled = seen(2)
    files.path(spoiled.stored.body_sha256).mkdir(parents=True)
    first, second, third = store_all(db, files, [seen(1), spoiled, seen(3)])
    assert (first, third) == ("new", "new")
    assert isinstance(second, Exception)
    assert counts(db) == [2] * 4


def test_a_busy_database_is_asked_again_for_the_whole_batch(db, files, monkeypatch):
    tries = []
    jointly = type(db).writing_jointly

    def busy_at_first(self):
        tries.append(1)
        if len(tries) == 1:
            raise BusyStorageError("locked")
        return jointly(self)

    monkeypatch.setattr(type(db), "writing_jointly", busy_at_first)
    batch = [seen(number) for number in range(3)]
    assert persist(store_all, db, files, batch, pauses_s=(0.0,)) == ["new"] * 3
    assert len(tries) == 2
    assert counts(db) == [3] * 4


def test_a_suspect_page_that_comes_packed_shows_its_text(db, files):
    store_all(db, files, [seen(1), seen(2, OFFER, level=Level.HIGH)])
    (finding,) = iter_findings(db)
    assert finding.text == OFFER


@pytest.mark.slow
def test_batches_killed_at_any_moment_lose_and_double_nothing(url, db, files):
    chance = Random(3)
    for _ in range(KILLS):
        writer = start_writer(url, files.folder)
        for _ in range(chance.randint(1, PAGES // BATCH - 1)):
            writer.stdout.readline()
        writer.kill()
        writer.communicate()
        report = audit.verify_evidence(db, files)
        assert report.holds, report.faults
        found = counts(db)
        assert found == found[:1] * 4
    writer = start_writer(url, files.folder)
    assert writer.communicate(timeout=120)[1] == b""
    assert counts(db) == [PAGES] * 4
    assert audit.verify_evidence(db, files).holds


def start_writer(url, folder):
    program = [sys.executable, __file__, url, str(folder)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def main():
    url, folder = sys.argv[1:]
    with closing(open_database(url)) as db:
        files = EvidenceStore(Path(folder))
        for start in range(0, PAGES, BATCH):
            batch = [seen(number, f"第{number}条") for number in range(start, start + BATCH)]
            sys.stdout.write(f"{store_all(db, files, batch)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
