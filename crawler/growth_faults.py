"""What more than one machine needs: a database that all reach, packages, keys of a store."""

from collections.abc import Iterator
from importlib.util import find_spec

from crawler.config import Settings
from crawler.validation import fault_at
from crawler.yaml_source import Fault, Source
from storage.evidence_objects import SCHEME

_NO_POSTGRES = (
    "procrastinate keeps its jobs in PostgreSQL, but storage: is SQLite; write "
    "storage: postgresql+psycopg://USER@HOST/NAME, or leave workers: out on one machine"
)
_NO_PACKAGE = "the package {0} is not installed; pip install 'adwatch[{1}]'"
_NO_KEYS = "an s3:// store is reached with s3: {endpoint, region, key, secret}, which is missing"


def growth_faults(settings: Settings, source: Source) -> tuple[Fault, ...]:
    """What `workers: procrastinate` and an s3:// store lack, with its place."""
    return tuple(fault_at(source, "adwatch", (key,), what) for key, what in _lacks(settings))


def _lacks(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.workers == "procrastinate":
        if settings.storage.startswith("sqlite:"):
            yield "workers", _NO_POSTGRES
        elif find_spec("procrastinate") is None:
            yield "workers", _NO_PACKAGE.format("procrastinate", "workers")
    if settings.evidence.startswith(SCHEME):
        if settings.s3 is None:
            yield "evidence", _NO_KEYS
        elif find_spec("obstore") is None:
            yield "evidence", _NO_PACKAGE.format("obstore", "s3")
