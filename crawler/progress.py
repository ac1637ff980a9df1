"""What a person sees while something runs: one line that moves, or plain lines for a log."""

import time
from threading import Lock
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
)

PLAIN_EVERY_S = 30.0


class ShownProgress:
    """A bar on a terminal, lines elsewhere; use as a context manager."""

    def __init__(self, *columns: ProgressColumn, terminal: bool) -> None:
        self._console = Console(stderr=True, highlight=False, no_color=not terminal)
        self._terminal = terminal
        self._said = time.monotonic()
        self._bar = Progress(*columns, console=self._console, disable=not terminal)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        self._console.print(text, markup=False)

    def _say_now_and_then(self, text: str) -> None:
        """One of many like it, where no bar moves."""
        if not self._terminal and time.monotonic() - self._said > PLAIN_EVERY_S:
            self._say(text)


class CrawlProgress(ShownProgress):
    """Counts pages and suspects over all crawls; use as a context manager, call `tell`."""

    def __init__(self, targets: int, *, terminal: bool) -> None:
        super().__init__(
            SpinnerColumn(),
            TextColumn("[bold]crawling"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("targets · {task.fields[detail]}"),
            terminal=terminal,
        )
        self._lock = Lock()
        self._pages = self._suspect = 0
        self._task = self._bar.add_task("crawl", total=targets, detail="")

    def tell(self, target_id: str, event: dict[str, Any]) -> None:
        """Take one event of a crawl: started, page, ended."""
        with self._lock:
            match event["event"]:
                case "page":
                    self._page(target_id, event)
                case "ended":
                    self._bar.advance(self._task)
                    if not self._terminal:
                        self._say(f"{target_id}: {event['state']}")
            detail = f"{self._pages} pages, {self._suspect} suspect · {target_id}"
            self._bar.update(self._task, detail=detail)

    def _page(self, target_id: str, event: dict[str, Any]) -> None:
        self._pages += 1
        suspect = event.get("level") in {"medium", "high"}
        self._suspect += suspect
        if suspect:
            title = event.get("title") or event["url"]
            self._console.print(
                f"  {event['level']:<6} {event['score']:>3}  {target_id}  {title}", markup=False
            )
        else:
            self._say_now_and_then(f"{self._pages} pages, {self._suspect} suspect")
