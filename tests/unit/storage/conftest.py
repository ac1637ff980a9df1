"""Runs every storage test on SQLite and on a PostgreSQL cluster of its own."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import psycopg
import pytest

from storage.database import Database, open_database, upgrade
from storage.evidence import EvidenceStore
from storage.runs import start_run

POSTGRES = Path("/usr/lib/postgresql/15/bin")
DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def _load_samples() -> ModuleType:
    path = Path(__file__).with_name("samples.py")
    spec = importlib.util.spec_from_file_location("storage_samples", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    return _load_samples()


class Cluster:
    """A PostgreSQL server on a socket in a temporary folder; no network, no syncing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user: dict[str, object] = {}
        if os.geteuid() == 0:
            found = pwd.getpwnam("postgres")
            os.chown(folder, found.pw_uid, found.pw_gid)
            self._user = {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [POSTGRES / program, *arguments],
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            **self._user,  # type: ignore[call-overload]
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        data = f"{self.folder}/data"
        self._run("initdb", "-D", data, "-U", "adwatch", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=40"
        self._run("pg_ctl", "-D", data, "-l", f"{self.folder}/log", "-w", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://adwatch@/{name}?host={self.folder}"

    def sql(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="adwatch", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def create(self, name: str, template: str = "template1") -> str:
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if not (POSTGRES / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not installed in {POSTGRES}")
    folder = Path(tempfile.mkdtemp(prefix="adwatch-pg-"))
    try:
        started = Cluster(folder)
    except KeyError:
        pytest.skip("PostgreSQL does not run as root and there is no user postgres")
    started.start()
    upgrade(started.create("template_adwatch"))
    yield started
    started.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "adwatch.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a database may be made: nothing is there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return str(request.getfixturevalue("cluster").create(f"db_{uuid4().hex}"))


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database at the newest schema."""
    if request.param == "sqlite":
        path = tmp_path / "adwatch.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    cluster = request.getfixturevalue("cluster")
    name = f"db_{uuid4().hex}"
    yield cluster.create(name, "template_adwatch")
    cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def db(url: str, samples: ModuleType) -> Iterator[Database]:
    opened = open_database(url)
    assert start_run(opened, "town", "first", samples.START) == 1
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")
