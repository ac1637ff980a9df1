"""Runs every storage test on SQLite and on a PostgreSQL cluster of its own."""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pytest

from storage.database import Database, open_database, upgrade
from storage.evidence import EvidenceStore
from storage.runs import start_run

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
