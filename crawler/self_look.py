"""What a service sees when it looks at itself: disks, clock, queues; and what of it is a fault."""

import shutil
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from alerts.outlets import Outlets, others
from core.target import parse_duration
from crawler.config import Settings
from crawler.lasting_faults import LastingFault
from crawler.workspace import Workspace
from storage.figures import Queue

GIB = 1024**3
# Times in evidence must hold; certificates and signatures of robots break soon after.
MAX_CLOCK_OFFSET = timedelta(seconds=60)
# Space that comes and goes around the limit is one fault, not many.
ENOUGH_AGAIN = 1.1


class Disk(NamedTuple):
    """Bytes of the disk that a folder lies on."""

    free: int
    size: int


def service_name(folder: Path) -> str:
    """How a service is told from others on the same database."""
    return f"{socket.gethostname()}:{folder}"[:300]


def disks(workspace: Workspace) -> dict[str, Disk]:
    """The disk of the installation's folder, and that of the evidence where it is another one."""
    evidence = workspace.folder / workspace.ready().evidence
    nearest = next(path for path in (evidence, *evidence.parents) if path.exists())
    found = {"data": _disk(workspace.folder)}
    if nearest.stat().st_dev != workspace.folder.stat().st_dev:
        found["evidence"] = _disk(nearest)
    return found


def _disk(folder: Path) -> Disk:
    usage = shutil.disk_usage(folder)
    return Disk(usage.free, usage.total)


def disk_fault(
    name: str, disk: Disk, settings: Settings, *, is_told: bool = False
) -> LastingFault | None:
    """A disk with less free space than is asked for; once told, until there is a tenth more."""
    least = settings.alerts.min_free_gib * GIB * (ENOUGH_AGAIN if is_told else 1.0)
    if disk.free >= least:
        return None
    said = f"{disk.free / GIB:.1f} GiB free of {disk.size / GIB:.0f}"
    asked = f"alerts.min_free_gib asks for {settings.alerts.min_free_gib:g}"
    fix = "free some space, or move evidence: to another disk"
    return LastingFault(f"the disk of {name} is nearly full", (said, asked, fix))


def clock_fault(offset: timedelta | None) -> LastingFault | None:
    """A clock that others do not agree with."""
    if offset is None or abs(offset) <= MAX_CLOCK_OFFSET:
        return None
    ahead = "ahead of" if offset > timedelta() else "behind"
    said = f"this clock is {abs(offset.total_seconds()):.0f} s {ahead} the others"
    return LastingFault("the clock is wrong", (said, "mend the time service (chrony, NTP)"))


def overdue(queue: Queue, give_up_after: timedelta, now: datetime) -> timedelta:
    """How long the oldest message of a queue has been due; nothing where it is not due yet."""
    return max(now - (queue.first_expiry - give_up_after), timedelta())


def queue_faults(
    queues: Mapping[str, Queue], outlets: Outlets, settings: Settings
) -> dict[str, LastingFault | None]:
    """For each channel whether its queue is stuck."""
    now, limit = datetime.now(UTC), parse_duration(settings.alerts.stuck_after)
    found: dict[str, LastingFault | None] = {
        f"queue {channel}": None for channel in outlets.channels
    }
    for channel, queue in queues.items():
        late = overdue(queue, outlets.give_up_after, now)
        if late > limit:
            said = f"{queue.depth} deliveries wait, the oldest {late.total_seconds() / 60:.0f} min"
            found[f"queue {channel}"] = LastingFault(
                f"the queue of {channel} is stuck",
                (said, "see adwatch alerts status, then adwatch alerts test"),
                tuple(others(outlets, channel)),
            )
    return found
