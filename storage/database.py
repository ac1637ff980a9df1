"""Opens the database, brings its schema up to date, and frames each unit of work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import BusyStorageError, StorageError
from storage.tables import SCHEMA_REVISION, chain_head
from storage.work import Work

RESTORE = "and restore the newest backup: adwatch restore SOURCE INTO"
BUSY_TIMEOUT_MS = 60_000
CONNECT_TIMEOUT_S = 10
_UPGRADE_LOCK = 0x61647761746368
_LOCK = select(chain_head.c.seq).with_for_update()
_VERSION_TABLE = "alembic_version"
_VERSION = text(f"SELECT version_num FROM {_VERSION_TABLE}")  # noqa: S608 (a constant)
_WRITES, _BARE = "adwatch_writes", "adwatch_bare"
# SQLSTATE: connection lost, deadlock or serialization, too many connections, server restarting.
_PASSING_STATES = ("08", "40", "53300", "57P0")
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """The revision a database stands at (None: empty) and the one this program needs."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Whether the program can work with the database."""
        return self.current == self.head


class Database:
    """An open database. Only `storage` looks inside; everybody else hands it on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._joint = threading.local()
        self._writing_engine = engine.execution_options(**{_WRITES: True})
        self._reading_engine = engine
        if self.dialect == "postgresql":
            self._reading_engine = engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the rows."""
        with _storage_errors(self._engine.url), self._reading_engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One unit of work: all of it is kept, or nothing."""
        joint: Connection | None = getattr(self._joint, "connection", None)
        if joint is not None:
            yield joint
            return
        with _storage_errors(self._engine.url), self._writing_engine.begin() as connection:
            yield connection

    @contextmanager
    def writing_alone(self) -> Iterator[Connection]:
        """A unit of work that no other writer overlaps: evidence chain and findings need one.

        SQLite has one writer at a time anyway; on PostgreSQL the row of the chain's head is the
        lock, and as it is taken first, writers cannot wait for one another in a circle.
        """
        with self.writing() as connection:
            if self.dialect == "postgresql":
                connection.execute(_LOCK)
            yield connection

    @contextmanager
    def saving(self) -> Iterator[Work]:
        """`writing_alone`, with statements that may be put off until it ends."""
        joint: Work | None = getattr(self._joint, "work", None)
        if joint is not None:
            yield joint
            return
        with self.writing_alone() as connection:
            work = Work(connection)
            yield work
            work.settle()

    @contextmanager
    def writing_jointly(self) -> Iterator[Work]:
        """What this thread writes inside is one unit of work: all of it is kept, or nothing."""
        with self.saving() as work:
            self._joint.connection, self._joint.work = work.connection, work
            try:
                yield work
            finally:
                del self._joint.connection, self._joint.work

    @contextmanager
    def outside_transactions(self) -> Iterator[Connection]:
        """For statements that allow no transaction around them."""
        options = (
            {"isolation_level": "AUTOCOMMIT"} if self.dialect == "postgresql" else {_BARE: True}
        )
        engine = self._engine.execution_options(**options)
        with _storage_errors(engine.url), engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def open_database(url: str, *, create: bool = False) -> Database:
    """The database at `url`, ready for work; StorageError with the fix where it is not.

    With `create`, a database that does not exist or has no tables yet is set up first.
    """
    parsed = _parse(url)
    path = _sqlite_path(parsed)
    missing = path is not None and not path.exists()
    if missing and not create:
        raise StorageError(f"there is no database at {path}; run `adwatch db upgrade` to make it")
    if create and (missing or schema_status(url).current is None):
        upgrade(url)
    engine = _engine(parsed)
    try:
        status = _status(engine)
    except StorageError:
        engine.dispose()
        raise
    if not status.is_current:
        engine.dispose()
        raise StorageError(_schema_fault(parsed, status))
    return Database(engine)


def schema_status(url: str) -> SchemaStatus:
    """Where the schema at `url` stands; a SQLite file that does not exist is not made."""
    parsed = _parse(url)
    path = _sqlite_path(parsed)
    if path is not None and not path.exists():
        return SchemaStatus(None, SCHEMA_REVISION)
    engine = _engine(parsed)
    try:
        return _status(engine)
    finally:
        engine.dispose()


def upgrade(url: str, revision: str = "head") -> SchemaStatus:
    """Bring the schema to `revision`, in one transaction: a killed upgrade changes nothing."""
    return _migrate(url, "upgrade", revision)


def downgrade(url: str, revision: str = "-1") -> SchemaStatus:
    """Take the schema back to `revision`; what only newer tables hold is lost."""
    return _migrate(url, "downgrade", revision)


def _migrate(url: str, step: str, revision: str) -> SchemaStatus:
    from alembic import command  # noqa: PLC0415 (it loads longer than most commands take)
    from alembic.config import Config  # noqa: PLC0415

    parsed = _parse(url)
    path = _sqlite_path(parsed)
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"the folder of {path} cannot be made: {error}") from error
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    engine = _engine(parsed)
    try:
        writer = engine.execution_options(**{_WRITES: True})
        with _storage_errors(parsed), writer.begin() as connection:
            if parsed.get_backend_name() == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
            config.attributes["connection"] = connection
            getattr(command, step)(config, revision)
        return _status(engine)
    finally:
        engine.dispose()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(
            "the storage URL cannot be read; it looks like sqlite:///adwatch.db"
            " or postgresql+psycopg://user@host/database"
        ) from error
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise StorageError(
            f"storage cannot use {backend!r}; it speaks sqlite:/// and postgresql+psycopg://"
        )
    if backend == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise StorageError("storage needs a SQLite file, as in sqlite:///adwatch.db")
    return parsed.set(drivername=_DRIVERS[backend])


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite database; None where it is another one."""
    return _sqlite_path(_parse(url))


def _sqlite_path(url: URL) -> Path | None:
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_TIMEOUT_S}
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL with synchronous=NORMAL: what is committed survives a killed process.

    A power cut may undo the last transactions, each as a whole and its evidence record with it.
    """
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once: one that upgrades from reading fails instead of waiting."""
    options = connection.get_execution_options()
    if options.get(_BARE):
        return
    writes = options.get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _status(engine: Engine) -> SchemaStatus:
    with _storage_errors(engine.url), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            encoding = connection.scalar(text("SHOW server_encoding"))
            if encoding != "UTF8":
                raise StorageError(
                    f"the database is encoded as {encoding}; create it with ENCODING 'UTF8'"
                )
        known = inspect(connection).has_table(_VERSION_TABLE)
        current = connection.scalar(_VERSION) if known else None
        return SchemaStatus(current, SCHEMA_REVISION)


def _schema_fault(url: URL, status: SchemaStatus) -> str:
    where = url.render_as_string(hide_password=True)
    if status.current is None:
        return f"{where} has no tables yet; run `adwatch db upgrade`"
    if status.current < status.head:
        return (
            f"{where} is at schema {status.current} and this program needs {status.head};"
            " run `adwatch db upgrade`"
        )
    return (
        f"{where} is at schema {status.current}, newer than {status.head} which this program"
        " knows; install the newer adwatch"
    )


@contextmanager
def _storage_errors(url: URL) -> Iterator[None]:
    """The driver's complaints as StorageError, without the statement's parameters."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, StatementError) and error.orig else error
        what = str(cause).strip().splitlines()[0]
        where = url.render_as_string(hide_password=True)
        kind = BusyStorageError if _is_passing(error) else StorageError
        if _is_broken(error):
            what += f"; stop adwatch, keep a copy of the file, {RESTORE}"
        raise kind(f"the database {where} failed: {what}") from error


def _is_broken(error: SQLAlchemyError) -> bool:
    """Whether SQLite says that the file is damaged."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    name = str(getattr(cause, "sqlite_errorname", ""))
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def damage(url: str) -> str:
    """What SQLite's quick check finds wrong with its file, its first word; nothing elsewhere."""
    parsed = _parse(url)
    if parsed.get_backend_name() != "sqlite":
        return ""
    engine = _engine(parsed)
    try:
        with _storage_errors(parsed), engine.connect() as connection:
            said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    finally:
        engine.dispose()
    return "" if said == "ok" else said.splitlines()[-1]


def _is_passing(error: SQLAlchemyError) -> bool:
    """Whether the same work may succeed in a moment: a lock, a deadlock, a lost connection."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeoutError)
    if error.connection_invalidated:
        return True
    code = str(getattr(error.orig, "sqlstate", None) or "")
    if code:
        return code.startswith(_PASSING_STATES)
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
