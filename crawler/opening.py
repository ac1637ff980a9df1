"""Opening an installation for a command: workspace, database, browser."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from core.errors import EvidenceError
from crawler.config import s3_access
from crawler.crawls import CrawlSite, reader_parents
from crawler.looks import Viewpoint
from crawler.workspace import Workspace, load_workspace
from spiders.browser import chromium_executable
from storage.database import Database, open_database, upgrade
from storage.evidence import EvidenceStore
from storage.evidence_place import Evidence, open_evidence


def read_workspace(folder: str) -> Workspace:
    """The workspace; faults of targets are said on stderr, faulty settings raise ConfigError."""
    workspace = load_workspace(Path(folder), os.environ)
    workspace.ready()
    for fault in workspace.faults:
        click.echo(str(fault), err=True)
    return workspace


def read_settings(folder: str) -> Workspace:
    """The workspace for what needs no target: faults of targets are nobody's business here."""
    workspace = load_workspace(Path(folder), os.environ)
    workspace.ready()
    return workspace


def viewpoint(workspace: Workspace) -> Viewpoint:
    """From where a command looks at pages without a crawl."""
    chromium = chromium_executable(os.environ)
    return Viewpoint(workspace.folder, workspace.ready(), chromium)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """A moving line on a terminal while something is waited for."""
    if not is_terminal():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 (on a terminal only)

    with Console(stderr=True).status(text):
        yield


@contextmanager
def open_workspace_database(workspace: Workspace) -> Iterator[Database]:
    """The installation's database; a SQLite file that does not exist yet is made."""
    url = workspace.ready().storage_url(workspace.folder)
    prefix = "sqlite:///"
    if url.startswith(prefix) and not Path(url.removeprefix(prefix)).exists():
        upgrade(url)
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_site(workspace: Workspace) -> Iterator[CrawlSite]:
    """Everything that crawls need."""
    with (
        open_workspace_database(workspace) as database,
        reader_parents(workspace.folder) as readers,
    ):
        chromium = chromium_executable(os.environ)
        yield CrawlSite(workspace.folder, workspace.ready(), database, chromium, readers)


def evidence_store(workspace: Workspace) -> Evidence:
    """The installation's evidence."""
    settings = workspace.ready()
    return open_evidence(settings.evidence_place(workspace.folder), s3_access(settings))


def evidence_folder(workspace: Workspace) -> EvidenceStore:
    """The evidence where it is a folder; EvidenceError where it is an S3-compatible store."""
    store = evidence_store(workspace)
    if not isinstance(store, EvidenceStore):
        raise EvidenceError(
            f"{workspace.ready().evidence}: backup and retention work on a folder of evidence;"
            " give the store itself versions and a lifecycle"
        )
    return store


def is_terminal() -> bool:
    """Whether a person watches stderr, so that progress may move."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")
