"""Whether the service lives, told outside: its mark, lasting faults, ping and HTTP endpoint."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event

from alerts.http_post import ask
from alerts.outlets import Outlets
from alerts.packing import pack_message
from alerts.retries import delivery_mended
from core.errors import AdwatchError, DeliveryError
from core.target import parse_duration
from crawler.endpoint import Endpoint
from crawler.health_app import HealthApp
from crawler.lasting_faults import LastingFault, LastingFaults
from crawler.operator_alerts import operator_addresses
from crawler.self_look import clock_fault, disk_fault, disks, queue_faults, service_name
from crawler.workspace import Workspace
from storage.clock import clock_offset
from storage.database import Database
from storage.figures import read_queues
from storage.marks import ServiceMark, mark_service, unmark_service
from storage.outbox import MessageKind, Outgoing
from storage.tallies import Tally, count_once
from storage.troubles import end_trouble, mended_channels

LOOK_EVERY_S = 10.0
PING_TIMEOUT_S = 10.0
OK_STATUSES = range(200, 300)
log = logging.getLogger("adwatch.service")


@dataclass(frozen=True, slots=True)
class Tick:
    """The scheduler's newest tick, and whether all of it went well."""

    at: datetime
    healthy: bool


class Vitals:
    """Looks at the service beside its ticks, so that one that hangs is seen."""

    def __init__(
        self, database: Database, standing: Callable[[], tuple[Workspace, Outlets]]
    ) -> None:
        """`standing` gives the configuration that is in force."""
        self._database = database
        self._standing = standing
        self._tick = Tick(datetime.now(UTC), healthy=False)
        self._faults = LastingFaults(database)
        app = HealthApp(database, lambda: standing()[0], lambda: self._tick.at)
        self._endpoint = Endpoint(app.routes())
        self._pinged_at: datetime | None = None

    def ticked(self, *, healthy: bool) -> None:
        """Be told of a tick that has ended."""
        self._tick = Tick(datetime.now(UTC), healthy)

    def run(self, stop: Event) -> None:
        """Look every few seconds until stopped."""
        name = service_name(self._standing()[0].folder)
        with ExitStack() as stack:
            stack.callback(self._attempt, lambda: unmark_service(self._database, name))
            stack.enter_context(self._endpoint)
            while not stop.is_set():
                self._attempt(self._follow)
                self._attempt(self._mark)
                self.look()
                self._attempt(self._ping)
                stop.wait(LOOK_EVERY_S)

    def look(self) -> None:
        """Look once, and tell what has begun or is over."""
        self._attempt(self._find_faults)
        self._attempt(self._tell_mended)

    def _follow(self) -> None:
        self._endpoint.follow(self._standing()[0].ready().http.listen)

    @staticmethod
    def _attempt(step: Callable[[], None]) -> None:
        """One step; what fails is logged, and the next one is taken all the same."""
        try:
            step()
        except AdwatchError as error:
            log.warning("the service could not look at itself: %s", error)
        except Exception:
            log.exception("the service could not look at itself")

    def _mark(self) -> None:
        workspace, _ = self._standing()
        found = disks(workspace)
        offset = clock_offset(self._database)
        seconds = None if offset is None else offset.total_seconds()
        sizes = (*found.get("evidence", found["data"]), *found["data"])
        name = service_name(workspace.folder)
        mark = ServiceMark(name, datetime.now(UTC), self._tick.at, seconds, *sizes)
        mark_service(self._database, mark)

    def _find_faults(self) -> None:
        workspace, outlets = self._standing()
        settings = workspace.ready()
        name = service_name(workspace.folder)
        faults: dict[str, LastingFault | None] = {
            **queue_faults(read_queues(self._database), outlets, settings),
            f"clock @{name}": clock_fault(clock_offset(self._database)),
            f"http @{name}": self._endpoint.fault,
        }
        for disk, space in disks(workspace).items():
            what = f"disk {disk} @{name}"
            is_told = self._faults.is_told(what)
            faults[what] = disk_fault(disk, space, settings, is_told=is_told)
        self._faults.settle(outlets, faults)

    def _tell_mended(self) -> None:
        _, outlets = self._standing()
        now = datetime.now(UTC)
        for channel, since in mended_channels(self._database, now).items():
            message = delivery_mended(channel, now)
            content = pack_message(message)
            outgoing = Outgoing(message.key, MessageKind.DELIVERY_FAULT, "operator", content)
            addresses = operator_addresses(outlets, outlets.routes.operator, now)
            end_trouble(self._database, channel, since, outgoing, addresses, now)

    def _ping(self) -> None:
        ping = self._standing()[0].ready().alerts.ping
        now = datetime.now(UTC)
        if ping is None or not self._tick.healthy:
            return
        every = parse_duration(ping.every)
        if self._pinged_at is not None and now - self._pinged_at < every:
            return
        if now - self._tick.at > max(every, timedelta(seconds=60)):
            return  # the ticks have stopped: that is what the silence is for
        self._pinged_at = now
        try:
            answer = ask(ping.url, None, timeout_s=PING_TIMEOUT_S, secrets=(ping.url,))
            failed = "" if answer.status in OK_STATUSES else f"status {answer.status}"
        except DeliveryError as error:
            failed = str(error)
        if failed:
            log.warning("the ping was not taken: %s", failed)
        count_once(self._database, Tally.PINGS, "failed" if failed else "ok")
