"""The schema from nothing to its newest revision, back one, and up again."""

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from core.errors import StorageError
from storage.database import downgrade, open_database, schema_status, upgrade
from storage.tables import SCHEMA_REVISION, metadata


def test_the_schema_goes_up_down_one_and_up_again(empty_url):
    assert schema_status(empty_url).current is None
    assert upgrade(empty_url).is_current
    assert downgrade(empty_url).current != SCHEMA_REVISION
    assert upgrade(empty_url).is_current
    open_database(empty_url).close()


def test_the_tables_are_what_the_migrations_make(empty_url):
    db = open_database(empty_url, create=True)
    with db.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    db.close()


def test_going_down_leaves_no_table_behind(empty_url):
    upgrade(empty_url)
    downgrade(empty_url, "base")
    db = open_database(empty_url, create=True)
    downgrade(empty_url, "base")
    with db.reading() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    db.close()


def test_the_program_knows_its_newest_migration():
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_REVISION]


def test_upgrading_twice_changes_nothing(empty_url):
    assert upgrade(empty_url) == upgrade(empty_url)


def test_a_database_without_tables_names_the_fix(empty_url):
    upgrade(empty_url)
    downgrade(empty_url, "base")
    with pytest.raises(StorageError, match="adwatch db upgrade"):
        open_database(empty_url)


def test_a_newer_database_is_refused(empty_url):
    db = open_database(empty_url, create=True)
    with db.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.close()
    with pytest.raises(StorageError, match="newer"):
        open_database(empty_url)


def test_a_missing_file_is_not_made_unasked(tmp_path):
    path = tmp_path / "none.db"
    with pytest.raises(StorageError, match="adwatch db upgrade"):
        open_database(f"sqlite:///{path}")
    assert schema_status(f"sqlite:///{path}").current is None
    assert not path.exists()


def test_a_path_with_odd_characters_works(tmp_path):
    url = f"sqlite:///{tmp_path}/百分 50%/a b.db"
    open_database(url, create=True).close()
    assert schema_status(url).is_current


@pytest.mark.parametrize(
    "url", ["mysql://host/db", "sqlite://", "sqlite:///:memory:", "nonsense", "oracle://x"]
)
def test_a_url_storage_cannot_use_is_refused_in_plain_words(url):
    with pytest.raises(StorageError, match="storage"):
        open_database(url)


def test_an_unreachable_server_is_a_storage_error_without_the_password(tmp_path):
    url = f"postgresql+psycopg://u:geheim@/db?host={tmp_path}"
    with pytest.raises(StorageError) as raised:
        open_database(url)
    assert "geheim" not in str(raised.value)


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path):
    path = tmp_path / "adwatch.db"
    path.write_bytes(b"this is not a database" * 1000)
    with pytest.raises(StorageError, match="not a database"):
        open_database(f"sqlite:///{path}")


def test_a_failed_upgrade_leaves_nothing(tmp_path):
    path = tmp_path / "adwatch.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE verdict (id INTEGER)")
    connection.close()
    with pytest.raises(StorageError):
        upgrade(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    connection.close()
    assert names == [("verdict",)]
