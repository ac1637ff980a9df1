"""The processes that all crawls of an installation fork their readers from."""

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from crawler.child_process import child_environment
from pipelines.pictures.pool import picture_parent
from pipelines.reader_parent import ReaderParent


class ReaderParents:
    """A context: the parents of the readers of pages and of pictures; each starts when asked."""

    def __init__(self, log: Path) -> None:
        """What the readers say goes to `log`."""
        environment = child_environment()
        self.pages = ReaderParent(environment=environment, log=log)
        self.pictures = picture_parent(environment, log)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self.pages)
        self._open.enter_context(self.pictures)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
