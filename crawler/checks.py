"""The doctor's checks: each one looks at one thing and says how to mend it."""

import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from alerts.channel_config import SmtpChannelConfig
from alerts.smtp import open_smtp
from classifiers.rulebook import load_rulebook
from core.errors import AdwatchError
from crawler.workspace import Workspace
from spiders.browser import chromium_executable
from storage.database import schema_status

Verdict = Literal["OK", "WARN", "FAIL"]
GIB = 1024**3
MIN_FREE_GIB = 2
EARLIEST_SANE_YEAR = 2026
MIN_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor: what was looked at, how it is, and the fix where it is not well."""

    name: str
    verdict: Verdict
    detail: str
    fix: str = ""


def run_checks(workspace: Workspace, *, mail: bool) -> Iterator[Check]:
    """All checks, as each one ends. `mail` also connects to the configured mail servers."""
    for check in (_python, _rules, _browser, _fonts, _clock):
        yield check()
    for look in (_config, _time_zone, _database, _write_access, _disk):
        yield look(workspace)
    if mail:
        yield from _mail(workspace)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < MIN_PYTHON:
        return Check("python", "FAIL", version, "install Python 3.11 or newer")
    return Check("python", "OK", version)


def _rules() -> Check:
    try:
        rulebook = load_rulebook()
    except AdwatchError as error:
        return Check("rules", "FAIL", str(error), "mend the rule file, or reinstall adwatch")
    active = sum(rule.status == "active" for rule in rulebook.rules)
    return Check("rules", "OK", f"{active} active rules, rulebook {rulebook.digest[:12]}")


def _browser() -> Check:
    path = chromium_executable(os.environ)
    fix = "apt-get install chromium, or set ADWATCH_CHROMIUM to a Chromium"
    if path is None:
        return Check("chromium", "WARN", "not found; browser: true targets will fail", fix)
    try:
        said = subprocess.run(
            [path, "--version", "--no-sandbox"],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        return Check("chromium", "FAIL", f"{path} does not run: {error}", fix)
    return Check("chromium", "OK", f"{said.stdout.strip()} at {path}")


def _fonts() -> Check:
    fix = "apt-get install fonts-noto-cjk, or screenshots show boxes instead of characters"
    said = _output_of("fc-list", ":lang=zh", "family")
    if said is None:
        return Check("fonts", "WARN", "fc-list does not run, so Chinese fonts are not known", fix)
    families = sorted({line.split(",")[0] for line in said.splitlines() if line.strip()})
    if not families:
        return Check("fonts", "WARN", "no Chinese font", fix)
    return Check("fonts", "OK", ", ".join(families[:3]))


def _clock() -> Check:
    now = datetime.now(UTC)
    if now.year < EARLIEST_SANE_YEAR:
        return Check("clock", "FAIL", f"{now:%Y-%m-%d %H:%M:%S} UTC", "set the clock; run NTP")
    fix = "run an NTP client; evidence times are only as good as this clock"
    synced = _ntp_synchronised()
    if synced is False:
        return Check("clock", "WARN", f"{now:%Y-%m-%d %H:%M:%S} UTC, not synchronised", fix)
    known = "synchronised" if synced else "synchronisation unknown"
    return Check("clock", "OK", f"{now:%Y-%m-%d %H:%M:%S} UTC, {known}")


def _ntp_synchronised() -> bool | None:
    """What systemd says of the clock; None where there is no systemd to ask."""
    said = _output_of("timedatectl", "show", "-p", "NTPSynchronized", "--value")
    return {"yes": True, "no": False}.get((said or "").strip())


def _output_of(*command: str) -> str | None:
    """What a program prints; None where there is no such program or it does not answer."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def _config(workspace: Workspace) -> Check:
    if workspace.faults:
        first = str(min(workspace.faults))
        detail = f"{len(workspace.faults)} faults; the first: {first}"
        return Check("config", "FAIL", detail, "adwatch check lists them all")
    if workspace.settings is not None and not workspace.settings.contact:
        return Check("config", "WARN", "no contact: sites cannot reach you",
                     "set contact: in adwatch.yml")  # fmt: skip
    return Check("config", "OK", f"{len(workspace.targets)} targets")


def _time_zone(workspace: Workspace) -> Check:
    name = workspace.settings.timezone if workspace.settings else "Asia/Shanghai"
    local = datetime.now(ZoneInfo(name))
    return Check("time zone", "OK", f"{name}, now {local:%Y-%m-%d %H:%M}")


def _database(workspace: Workspace) -> Check:
    if workspace.settings is None:
        return Check("database", "WARN", "not looked at: the settings are faulty",
                     "mend adwatch.yml first")  # fmt: skip
    url = workspace.settings.storage_url(workspace.folder)
    prefix = "sqlite:///"
    if url.startswith(prefix) and not Path(url.removeprefix(prefix)).exists():
        return Check("database", "OK", "no file yet; the first crawl makes it")
    try:
        found = schema_status(url)
    except AdwatchError as error:
        return Check("database", "FAIL", str(error), "start the database, or mend storage:")
    if found.current != found.head:
        detail = f"schema {found.current or 'none'}, this version wants {found.head}"
        return Check("database", "FAIL", detail, "adwatch db upgrade")
    return Check("database", "OK", f"reachable, schema {found.current}")


def _write_access(workspace: Workspace) -> Check:
    names = ["."]
    if workspace.settings is not None:
        names += [workspace.settings.evidence, workspace.settings.digests]
    for name in names:
        folder = workspace.folder / name
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            with tempfile.TemporaryFile(dir=nearest) as file:
                file.write(b"adwatch")
        except NotADirectoryError:
            return Check("write access", "FAIL", f"{nearest} is not a folder",
                         "move that file away, or name another folder in adwatch.yml")  # fmt: skip
        except OSError as error:
            fix = f"make it writable for the user that runs adwatch (uid {os.getuid()})"
            return Check("write access", "FAIL", f"{nearest}: {error.strerror}", fix)
    return Check("write access", "OK", ", ".join(names))


def _disk(workspace: Workspace) -> Check:
    try:
        usage = shutil.disk_usage(workspace.folder)
    except OSError as error:
        return Check("disk", "FAIL", str(error), "name an existing folder by --config")
    detail = f"{usage.free / GIB:.1f} GiB free of {usage.total / GIB:.0f}"
    if usage.free < MIN_FREE_GIB * GIB:
        return Check("disk", "WARN", detail, "free some space, or move evidence: to another disk")
    return Check("disk", "OK", detail)


def _mail(workspace: Workspace) -> Iterator[Check]:
    channels = workspace.settings.alerts.channels if workspace.settings else {}
    servers = {
        name: channel for name, channel in channels.items()
        if isinstance(channel, SmtpChannelConfig)
    }  # fmt: skip
    if not servers:
        yield Check("mail", "WARN", "no smtp channel is configured", "see alerts: in adwatch.yml")
    for name, channel in servers.items():
        where = f"{name}: {channel.host}:{channel.port}"
        try:
            with open_smtp(channel) as server:
                server.noop()
        except (OSError, ValueError, smtplib.SMTPException) as error:
            yield Check("mail", "FAIL", f"{where}: {error}", "mend host, port, security, user")
        else:
            yield Check("mail", "OK", f"{where} answers and takes the log-in")
