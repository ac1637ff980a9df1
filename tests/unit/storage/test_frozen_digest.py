"""A digest that went out has the same findings whenever it is made again."""

from datetime import timedelta

import pytest

from crawler.digests import assemble_digest, write_day
from crawler.workspace import load_workspace
from storage.digests import find_digest
from storage.evidence import EvidenceStore
from storage.intake import save_observation


@pytest.fixture
def office(tmp_path):
    (tmp_path / "targets").mkdir()
    (tmp_path / "adwatch.yml").write_text("review_url: https://review.example.cn\n")
    return load_workspace(tmp_path, {})


def test_findings_that_come_later_stand_in_the_next_one(db, samples, office, tmp_path):
    day = (samples.START + timedelta(hours=8)).date()
    evening = samples.START + timedelta(hours=6)
    save_observation(db, samples.observe("http://town.example/1", samples.AD))

    def ids(of=day):
        return assemble_digest(office, db, of, "all", evening).finding_ids

    first = ids()
    assert len(first) == 1
    write_day(office, db, EvidenceStore(tmp_path / "e"), day, tmp_path / "d", draft=True)
    assert find_digest(db, day, "all") is None
    write_day(office, db, EvidenceStore(tmp_path / "e"), day, tmp_path / "d")
    frozen = find_digest(db, day, "all")
    assert frozen.finding_ids == first
    with db.writing() as connection:
        connection.exec_driver_sql("UPDATE finding SET first_seen = '2001-01-01 00:00:00'")
    assert ids() == first
    again = assemble_digest(office, db, day, "all", evening + timedelta(days=9))
    assert (again.window.start, again.window.end) == (frozen.starts_at, frozen.ends_at)
    following = assemble_digest(office, db, day + timedelta(days=3), "all", evening + timedelta(9))
    assert following.window.start == frozen.ends_at
    assert following.previous_new is None
    assert "至" in following.subject
