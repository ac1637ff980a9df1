"""Retention as the settings ask for it."""

from datetime import datetime

from core.target import parse_duration
from crawler.opening import evidence_folder
from crawler.workspace import Workspace
from storage.database import Database
from storage.expiry import Periods
from storage.retention import Retained, retain


def retain_by_settings(
    workspace: Workspace, database: Database, now: datetime, *, dry_run: bool = False
) -> Retained:
    """Remove what `retention:` does not keep and nothing needs."""
    rules = workspace.ready().retention
    periods = Periods(*map(parse_duration, (rules.harmless, rules.suspect, rules.ads)))
    return retain(database, evidence_folder(workspace), periods, now, dry_run=dry_run)
