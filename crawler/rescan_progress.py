"""What a person sees while a rescan runs."""

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from crawler.progress import ShownProgress
from crawler.rescan import Answer, Unjudged


class RescanProgress(ShownProgress):
    """Counts what was judged; use as a context manager, call `tell` with each portion."""

    def __init__(self, total: int, *, terminal: bool) -> None:
        super().__init__(
            TextColumn("[bold]judging"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("observations"),
            TimeRemainingColumn(),
            terminal=terminal,
        )
        self._total = total
        self._done = 0
        self._task = self._bar.add_task("rescan", total=total)

    def reach(self, done: int) -> None:
        """Others have judged so many of them."""
        self._done = done
        self._bar.update(self._task, completed=done)
        self._say_now_and_then(f"{done} of {self._total} observations judged")

    def tell(self, answers: list[Answer]) -> None:
        """Count a portion; what could not be judged is named."""
        self._done += len(answers)
        self._bar.advance(self._task, len(answers))
        for one in answers:
            if isinstance(one, Unjudged):
                self._console.print(f"observation {one.observation_id}: {one.reason}", markup=False)
        self._say_now_and_then(f"{self._done} of {self._total} observations judged")
