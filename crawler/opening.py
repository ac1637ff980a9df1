"""Opening an installation for a command: workspace, database, browser."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from crawler.crawls import CrawlSite
from crawler.workspace import Workspace, load_workspace
from spiders.browser import chromium_executable
from storage.database import Database, open_database, upgrade
from storage.evidence import EvidenceStore


def read_workspace(folder: str) -> Workspace:
    """The workspace; faults of targets are said on stderr, faulty settings raise ConfigError."""
    workspace = load_workspace(Path(folder), os.environ)
    workspace.ready()
    for fault in workspace.faults:
        click.echo(str(fault), err=True)
    return workspace


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
    with open_workspace_database(workspace) as database:
        chromium = chromium_executable(os.environ)
        yield CrawlSite(workspace.folder, workspace.ready(), database, chromium)


def evidence_store(workspace: Workspace) -> EvidenceStore:
    """The installation's evidence folder."""
    return EvidenceStore(workspace.folder / workspace.ready().evidence)


def is_terminal() -> bool:
    """Whether a person watches stderr, so that progress may move."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")
