"""What the service answers over HTTP: does it live, is it ready, and its figures for Prometheus."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import AdwatchError
from crawler.metrics import FiguresCollector
from crawler.self_look import disk_fault, disks
from crawler.workspace import Workspace
from storage.database import Database, schema_status

# A tick comes every 20 s; one may wait a minute for a busy database.
MAX_SILENCE = timedelta(minutes=2)
METRICS_FOR_S = 5.0
READINESS_FOR_S = 2.0
UNAVAILABLE = 503

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """A value that is made anew once it is so many seconds old, by one asker while others wait."""

    def __init__(self, make: Callable[[], Value], for_s: float) -> None:
        self._make = make
        self._for_s = for_s
        self._lock = Lock()
        self._kept: tuple[float, Value] | None = None

    def get(self) -> Value:
        """The value; whatever `make` raises is raised, and nothing kept."""
        with self._lock:
            if self._kept is None or monotonic() - self._kept[0] > self._for_s:
                value = self._make()
                self._kept = (monotonic(), value)
            return self._kept[1]


class HealthApp:
    """The routes. Nothing here changes anything, and none of it needs a password."""

    def __init__(
        self,
        database: Database,
        workspace: Callable[[], Workspace],
        ticked_at: Callable[[], datetime],
    ) -> None:
        self._workspace = workspace
        self._ticked_at = ticked_at
        registry = CollectorRegistry(auto_describe=False)
        registry.register(FiguresCollector(database, workspace))
        self._metrics = Kept(lambda: generate_latest(registry), METRICS_FOR_S)
        self._reasons = Kept(self._not_ready, READINESS_FOR_S)

    def routes(self) -> Starlette:
        """The application for an ASGI server."""
        return Starlette(
            routes=[
                Route("/healthz", self._healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", self._scrape),
            ]
        )

    def _healthz(self, _request: Request) -> Response:
        fault = self._silence()
        said = {"alive": fault is None, "last_tick": self._ticked_at().isoformat()}
        return JSONResponse(said, UNAVAILABLE if fault else 200)

    def _readyz(self, _request: Request) -> Response:
        reasons = self._reasons.get()
        said = {"ready": not reasons, "reasons": reasons}
        return JSONResponse(said, UNAVAILABLE if reasons else 200)

    def _scrape(self, _request: Request) -> Response:
        try:
            return Response(self._metrics.get(), media_type=CONTENT_TYPE_LATEST)
        except AdwatchError as error:
            return Response(f"{error}\n", UNAVAILABLE, media_type="text/plain")

    def _silence(self) -> str | None:
        silent = datetime.now(UTC) - self._ticked_at()
        if silent <= MAX_SILENCE:
            return None
        return f"the last tick ended {silent.total_seconds():.0f} s ago"

    def _not_ready(self) -> dict[str, str]:
        """Why the service cannot do its work, by what is amiss."""
        workspace = self._workspace()
        settings = workspace.ready()
        faults = {"ticks": self._silence(), "database": _database_fault(workspace)}
        for name, disk in disks(workspace).items():
            fault = disk_fault(name, disk, settings)
            faults[f"disk_{name}"] = None if fault is None else fault.lines[0]
        return {name: fault for name, fault in faults.items() if fault is not None}


def _database_fault(workspace: Workspace) -> str | None:
    try:
        status = schema_status(workspace.ready().storage_url(workspace.folder))
    except AdwatchError as error:
        return str(error)
    if status.is_current:
        return None
    return f"schema {status.current or 'none'}, this version wants {status.head}"
