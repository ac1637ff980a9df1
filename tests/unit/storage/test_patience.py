"""Work on a busy database is tried again, and nothing is lost meanwhile."""

import sqlite3
import threading

import pytest

from core.errors import BusyStorageError, StorageError
from storage import database
from storage.database import open_database, upgrade
from storage.patience import persist
from storage.runs import has_run, start_run


@pytest.fixture
def busy(tmp_path, monkeypatch, samples):
    """A database that another process holds for writing, and whoever waits gives up soon."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    url = f"sqlite:///{tmp_path}/adwatch.db"
    upgrade(url)
    opened = open_database(url)
    holder = sqlite3.connect(tmp_path / "adwatch.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    yield opened, holder
    holder.close()
    opened.close()


def test_a_locked_database_is_busy_not_broken(busy, samples):
    opened, _ = busy
    with pytest.raises(BusyStorageError, match="locked"):
        start_run(opened, "town", "slot", samples.START)


def test_work_is_done_once_the_lock_is_gone(busy, samples):
    opened, holder = busy
    threading.Timer(0.4, holder.execute, ("ROLLBACK",)).start()
    run_id = persist(start_run, opened, "town", "slot", samples.START, pauses_s=(0.2,) * 30)
    assert run_id == 1
    assert has_run(opened, "town", "slot")


def test_patience_ends(busy, samples):
    opened, _ = busy
    with pytest.raises(BusyStorageError):
        persist(start_run, opened, "town", "slot", samples.START, pauses_s=(0.01, 0.01))


def test_what_time_does_not_heal_is_not_tried_again():
    tries = []

    def broken():
        tries.append(1)
        raise StorageError("no such table")

    with pytest.raises(StorageError):
        persist(broken, pauses_s=(0.0,))
    assert len(tries) == 1
