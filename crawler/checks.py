"""The doctor's checks: each one looks at one thing and says how to mend it."""

import os
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from alerts.channel_config import SmtpChannelConfig
from alerts.smtp import open_smtp
from classifiers.rulebook import load_rulebook
from core.errors import AdwatchError
from crawler.config import Calendar
from crawler.endpoint_check import examine_endpoint
from crawler.self_look import GIB, disk_fault, disks
from crawler.workdays import CALENDAR_NOTICE, calendar_end
from crawler.workspace import Workspace
from pipelines.pictures.available import INSTALL, missing_packages, reader_version
from spiders.browser import chromium_executable
from storage.database import RESTORE, damage, open_database, schema_status
from storage.evidence_objects import SCHEME
from storage.outbox import DeliveryState
from storage.queue_status import channel_queues

Verdict = Literal["OK", "WARN", "FAIL"]
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
    for check in (_python, _rules, _browser, _fonts, _pictures, _clock):
        yield check()
    for look in (_config, _time_zone, _calendar, _database, _outbox, _write_access, _disk, _http):
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


def _pictures() -> Check:
    """Whether pictures can be read: tried in a process of its own, as a crawl does it."""
    missing = missing_packages()
    if missing:
        detail = f"not read, only counted: {', '.join(missing)} not installed"
        return Check("pictures", "WARN", detail, INSTALL)
    fault = _picture_fault()
    if fault:
        return Check("pictures", "FAIL", f"the reader does not run: {fault}", INSTALL)
    return Check("pictures", "OK", reader_version())


@cache
def _picture_fault() -> str:
    """Why the engine does not load; "" where it does."""
    try:
        subprocess.run(
            [sys.executable, "-c", "from pipelines.pictures.reading import warm_up; warm_up()"],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        return str((error.stderr.strip().splitlines() or [error])[-1])
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return ""


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


def _calendar(workspace: Workspace) -> Check:
    """Whether China's workdays are known for long enough."""
    calendar = workspace.settings.calendar if workspace.settings else Calendar()
    end = calendar_end(calendar)
    known = f"workdays are known until {end}"
    if end - datetime.now(UTC).date() > CALENDAR_NOTICE:
        return Check("calendar", "OK", known)
    fix = "pip install -U chinesecalendar, or name days under calendar: in adwatch.yml"
    return Check("calendar", "WARN", f"{known}, then Monday to Friday count", fix)


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
    try:
        broken = damage(url)
    except AdwatchError as error:
        broken = str(error)
    if broken:
        return Check(
            "database", "FAIL", broken, f"stop adwatch, keep a copy of the file, {RESTORE}"
        )
    return Check("database", "OK", f"reachable, schema {found.current}")


def _outbox(workspace: Workspace) -> Check:
    """Deliveries that no channel took; looked at only where the database can be."""
    if workspace.settings is None or _database(workspace).verdict != "OK":
        return Check("outbox", "WARN", "not looked at: there is no database to look into",
                     "mend the database first")  # fmt: skip
    url = workspace.settings.storage_url(workspace.folder)
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not path.exists():
        return Check("outbox", "OK", "empty")
    database = open_database(url)
    try:
        queues = channel_queues(database)
    finally:
        database.close()
    failed = (DeliveryState.REFUSED, DeliveryState.DEAD)
    lost = {queue.channel: sum(queue.counts.get(one, 0) for one in failed) for queue in queues}
    said = ", ".join(f"{name} {count}" for name, count in lost.items() if count)
    if said:
        fix = "see adwatch alerts status, mend the channel, then adwatch alerts retry --dead"
        return Check("outbox", "WARN", f"refused or given up: {said}", fix)
    waiting = sum(queue.counts.get(DeliveryState.WAITING, 0) for queue in queues)
    return Check("outbox", "OK", f"{waiting} deliveries wait" if waiting else "nothing waits")


def _write_access(workspace: Workspace) -> Check:
    names = ["."]
    if workspace.settings is not None:
        folders = (workspace.settings.evidence, workspace.settings.digests)
        names += [name for name in folders if not name.startswith(SCHEME)]
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
    if not workspace.folder.exists():
        return Check("disk", "FAIL", f"there is no {workspace.folder}",
                     "name an existing folder by --config")  # fmt: skip
    if workspace.settings is None:
        return Check("disk", "WARN", "not looked at: the settings are faulty",
                     "mend adwatch.yml first")  # fmt: skip
    found = disks(workspace)
    for name, disk in found.items():
        fault = disk_fault(name, disk, workspace.settings)
        if fault is not None:
            return Check("disk", "WARN", ": ".join((name, *fault.lines[:2])), fault.lines[2])
    free = ", ".join(f"{name} {disk.free / GIB:.1f} GiB" for name, disk in found.items())
    return Check("disk", "OK", f"free: {free}")


def _http(workspace: Workspace) -> Check:
    listen = workspace.settings.http.listen if workspace.settings else ""
    if not listen:
        return Check("http", "OK", "no endpoint is configured (http.listen)")
    return Check("http", *examine_endpoint(listen))


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
