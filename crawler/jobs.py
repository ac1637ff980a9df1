"""What a worker does with a job; it knows nothing of the queue that the job came from."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any

from alerts.message import operator_message
from core.errors import AdwatchError
from core.target import Target
from crawler.crawls import STATE_FOLDER, CrawlSite, crawl_target
from crawler.due import opened_at
from crawler.goes import is_cut_short, open_go
from crawler.operator_alerts import enlist_for_operator, tell_health
from crawler.reader_parents import ReaderParents
from crawler.rescan_child import run_part
from crawler.rescan_order import RescanOrder, RescanPart
from crawler.rescan_process import OTHER_RULES
from crawler.watched_workspace import WatchedWorkspace
from crawler.workspace import Workspace
from spiders.browser import chromium_executable
from storage.database import Database

log = logging.getLogger("adwatch.worker")


class HandedBackError(AdwatchError):
    """This worker was told to stop; another one goes on."""


class NotKnownHereError(AdwatchError):
    """This machine's configuration or rules are not those that the job was made for."""


class JobSite:
    """Configuration, database and readers of one worker."""

    def __init__(
        self,
        watched: WatchedWorkspace,
        environment: Mapping[str, str],
        database: Database,
        readers: ReaderParents,
        processes: int,
    ) -> None:
        """`processes` judge each key range of a rescan."""
        self.database = database
        self._watched = watched
        self._reading = Lock()
        self._environment = environment
        self._readers = readers
        self._processes = processes

    def crawl(self, target_id: str, slot: str, halt: Event) -> None:
        """Crawl a target for a slot unless that is done; HandedBackError where `halt` ended it."""
        workspace = self._workspace()
        target = _known(workspace, target_id)
        settings, now = workspace.ready(), datetime.now(UTC)
        if (
            not target.enabled
            or opened_at(target, now, settings.schedule, settings.timezone) is None
        ):
            log.info("%s %s: not now; it is put again when its hours begin", target_id, slot)
            return
        go = open_go(self.database, target_id, slot)
        if go is None:
            log.info("%s %s: nothing is left to do", target_id, slot)
            return
        chromium = chromium_executable(self._environment)
        site = CrawlSite(workspace.folder, settings, self.database, chromium, self._readers)
        run = crawl_target(site, target, go, _ignore, halt)
        if run is not None and halt.is_set() and is_cut_short(run):
            raise HandedBackError(f"{target_id} {go} was cut short; it is crawled again")
        tell_health(self.database, self._watched.outlets, target)

    def rescan(self, part: RescanPart, halt: Event) -> None:
        """Judge a key range of a rescan; HandedBackError where `halt` ended it."""
        workspace = self._workspace()
        media = {target.id: target.labels.medium for target in workspace.targets}
        storage = workspace.ready().storage_url(workspace.folder)
        order = RescanOrder(part=part, storage_url=storage, media=media, processes=self._processes)
        log_file = workspace.folder / STATE_FOLDER / "logs" / "rescan.log"
        code = run_part(order, log_file, halt)
        if code and halt.is_set():
            raise HandedBackError(f"{part} was cut short")
        if code == OTHER_RULES:
            raise NotKnownHereError("this machine has other rules than those of the rescan")
        if code:
            raise AdwatchError(f"{part} ended with {code}; see {log_file}")

    def tell_operator(self, key: str, subject: str, *lines: str) -> None:
        """Tell the operator, once for each key."""
        log.error("%s: %s", subject, " | ".join(lines))
        message = replace(operator_message(subject, lines), key=key)
        enlist_for_operator(self.database, self._watched.outlets, message)

    def _workspace(self) -> Workspace:
        """The configuration as it stands now; the service is who tells of its faults."""
        with self._reading:
            for said in self._watched.reload():
                log.warning("%s: %s", said.subject, " | ".join(said.lines))
            return self._watched.workspace


def _known(workspace: Workspace, target_id: str) -> Target:
    for target in workspace.targets:
        if target.id == target_id:
            return target
    raise NotKnownHereError(
        f"there is no valid targets/{target_id}.yml on this worker's machine;"
        " workers read the same configuration folder as the service"
    )


def _ignore(_target_id: str, _event: dict[str, Any]) -> None:
    """Nobody watches a worker's crawl; its run report tells."""
