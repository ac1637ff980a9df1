"""`adwatch evidence verify` over a real crawl: whatever is done to it is found and named."""

import json
import shutil
import sqlite3

import pytest


@pytest.fixture
def kept(site, desk, e2e_pages):
    """Six pages crawled; the desk whose evidence can be tampered with."""
    page, calm, _ = e2e_pages
    paths = [f"/a/{number}" for number in range(6)]
    for number, path in enumerate(paths):
        site.put(path, page(f"清浦街道改造第{number}期", *calm, f"第{number}期。"))
    urls = ", ".join(f"'{site.base}{path}'" for path in paths)
    desk.target("six", f"spider: article\nstart_urls: [{urls}]")
    desk.crawl()
    desk.adwatch("evidence", "verify")
    return desk


def sql(desk, *statements):
    with sqlite3.connect(desk.folder / "adwatch.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def faults(desk):
    done = desk.adwatch("evidence", "verify", "--json", expect=1)
    return json.loads(done.stdout)["faults"]


def files(desk):
    return sorted(desk.folder.glob("evidence/??/??/*"))


def test_a_record_holds_the_facts_of_the_capture(kept, site):
    with sqlite3.connect(kept.folder / "adwatch.db") as connection:
        rows = connection.execute("SELECT record FROM evidence ORDER BY seq").fetchall()
    connection.close()
    for (text,) in rows:
        record = json.loads(text)
        assert record["url"].startswith(site.base)
        assert record["final_url"] == record["url"]
        assert record["redirects"] == []
        assert record["status"] == 200
        assert record["server_address"] == site.base.removeprefix("http://")
        assert record["captured_at"].endswith("+00:00")
        assert any(name.lower() == "etag" for name, _ in record["headers"])


def test_a_changed_a_missing_and_two_swapped_files_are_named(kept):
    changed, missing, one, other = files(kept)[:4]
    changed.chmod(0o644)
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    missing.unlink()
    aside = kept.folder / "aside"
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    found = faults(kept)
    assert len(found) == 4
    for path in (changed, missing, one, other):
        assert sum(path.name in fault for fault in found) >= 1, (path, found)


def test_a_changed_record_is_named(kept):
    sql(kept, "UPDATE evidence SET record = replace(record, '\"status\":200', '\"status\":404')"
              " WHERE seq = 3")  # fmt: skip
    assert any(fault.startswith("record 3:") for fault in faults(kept))


def test_two_records_in_each_others_place_are_named(kept):
    columns = ("record_hash", "record", "body_sha256")
    with sqlite3.connect(kept.folder / "adwatch.db") as connection:
        two, four = (
            connection.execute(
                f"SELECT {', '.join(columns)} FROM evidence WHERE seq = {seq}"  # noqa: S608
            ).fetchone()
            for seq in (2, 4)
        )
        connection.execute("UPDATE evidence SET record_hash = 'aside' WHERE seq = 2")
        connection.execute("UPDATE evidence SET record_hash = 'other' WHERE seq = 4")
        for seq, row in ((2, four), (4, two)):
            connection.execute(
                f"UPDATE evidence SET {', '.join(f'{c} = ?' for c in columns)} WHERE seq = {seq}",  # noqa: S608
                row,
            )
    connection.close()
    found = faults(kept)
    assert any(fault.startswith("record 2:") for fault in found)
    assert any(fault.startswith("record 4:") for fault in found)


def test_a_removed_last_record_is_found_even_when_the_head_moves_back(kept):
    sql(
        kept,
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM observation WHERE evidence_seq = 6",
        "DELETE FROM evidence WHERE seq = 6",
        "UPDATE chain_head SET seq = 5,"
        " record_hash = (SELECT record_hash FROM evidence WHERE seq = 5)",
    )
    assert any("record 6" in fault and "heads.jsonl" in fault for fault in faults(kept))


def test_a_database_that_was_replaced_by_an_empty_one_is_found(kept):
    for path in kept.folder.glob("adwatch.db*"):
        path.unlink()
    assert any("record 6" in fault for fault in faults(kept))


def test_a_new_folder_without_evidence_holds(desk):
    assert json.loads(desk.adwatch("evidence", "verify", "--json").stdout)["records"] == 0


def test_an_evidence_folder_that_is_gone_is_found(kept):
    shutil.rmtree(kept.folder / "evidence")
    assert len(faults(kept)) == 6
