"""A copy of the database as it stands at one moment, while others write; and its way back."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, make_url, not_, select, text, union

from core.errors import StorageError
from storage.chain import ChainHead
from storage.database import Database, sqlite_path
from storage.tables import chain_head, evidence, removal

# Pages of 4 KiB between two words about how far it has come.
_STEP_PAGES = 4_096
_BATCH = 5_000
_DEBIAN_TOOLS = "/usr/lib/postgresql"

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CopiedDatabase:
    """What the copy holds: its format, schema and chain head."""

    dialect: str
    revision: str
    head: ChainHead


def _ignore(_done: int, _of: int) -> None:
    """Nobody watches."""


def copy_database(
    db: Database, destination: Path, names: Path, told: Told = _ignore
) -> CopiedDatabase:
    """Copy the database to `destination`, and the SHA-256 of every file it names to `names`.

    Both are of one moment. Writers go on meanwhile.
    """
    with db.reading() as connection:
        head = connection.execute(select(chain_head.c.seq, chain_head.c.record_hash)).one()
        if db.dialect == "sqlite":
            _copy_sqlite(connection, destination, told)
        else:
            _dump_postgresql(connection, destination)
        with names.open("w", encoding="ascii") as file:
            file.writelines(f"{digest}\n" for digest in _named_files(connection))
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    for path in (destination, names):
        _sync(path)
    return CopiedDatabase(db.dialect, revision, ChainHead(head.seq, head.record_hash))


def restore_database(copy: Path, dialect: str, url: str) -> None:
    """Bring a copy back to `url`, where nothing may be yet; all of it, or nothing."""
    path = sqlite_path(url)
    if (path is not None) != (dialect == "sqlite"):
        raise StorageError(f"this copy is of {dialect}, which {_shown(url)} is not")
    if path is None:
        _restore_postgresql(copy, url)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for rest in ("-wal", "-shm"):  # of a restore that was cut short
        path.with_name(path.name + rest).unlink(missing_ok=True)
    shutil.copyfile(copy, path)
    _sync(path)


def is_empty(db_url: str) -> bool:
    """Whether there is no table at all in a PostgreSQL database."""
    from sqlalchemy import create_engine  # noqa: PLC0415 (for this look alone)

    engine = create_engine(db_url)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _named_files(connection: Connection) -> Iterator[str]:
    def still_there(column: Any) -> Any:
        removed = removal.c.sha256.is_not(None) & (removal.c.evidence_seq > evidence.c.seq)
        return (
            select(column.label("name"))
            .outerjoin(removal, removal.c.sha256 == column)
            .where(column.is_not(None), not_(removed))
        )

    columns = (evidence.c.body_sha256, evidence.c.screenshot_sha256)
    rows = connection.execute(union(*map(still_there, columns)).order_by("name"))
    yield from rows.yield_per(_BATCH).scalars()


def _copy_sqlite(connection: Connection, destination: Path, told: Told) -> None:
    """SQLite's online backup, inside the reader's transaction: no writer makes it begin again."""
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)  # noqa: S101 (the dialect says so)
    target = sqlite3.connect(destination)
    try:
        source.backup(
            target,
            pages=_STEP_PAGES,
            progress=lambda _status, remaining, total: told(total - remaining, total),
        )
        target.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StorageError(f"the database cannot be copied: {error}") from error
    finally:
        target.close()


def _dump_postgresql(connection: Connection, destination: Path) -> None:
    snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    url = connection.engine.url.render_as_string(hide_password=False)
    with _tool("pg_dump", url) as (command, environment):
        _run(
            [*command, "--format=custom", "--no-owner", "--no-privileges",
             f"--snapshot={snapshot}", f"--file={destination}"],
            environment,
        )  # fmt: skip


def _restore_postgresql(copy: Path, url: str) -> None:
    with _tool("pg_restore", url) as (command, environment):
        _run(
            [*command, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
             str(copy)],
            environment,
        )  # fmt: skip


@contextmanager
def _tool(name: str, url: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The program with its connection; the password goes by the environment, unseen by others."""
    program = shutil.which(name) or _newest_of_debian(name)
    if program is None:
        raise StorageError(f"{name} is not installed; install the client tools of PostgreSQL")
    parsed = make_url(url)
    environment = dict(os.environ)
    if parsed.password:
        environment["PGPASSWORD"] = str(parsed.password)
    address = parsed.set(drivername="postgresql", password=None)
    yield [program, f"--dbname={address.render_as_string(hide_password=False)}"], environment


def _newest_of_debian(name: str) -> str | None:
    found = sorted(
        Path(_DEBIAN_TOOLS).glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3])
    )
    return str(found[-1]) if found else None


def _run(command: list[str], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise StorageError(f"{command[0]} does not run: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise StorageError(f"{Path(command[0]).name} failed: {said[0]}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
