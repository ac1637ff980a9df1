"""The processes that read pictures, started with the first picture and never before."""

from collections.abc import Mapping
from pathlib import Path

from core.pictures import PictureText
from pipelines.pictures.reading import read
from pipelines.reader_parent import ReaderParent
from pipelines.readers import Readers

WARM_UP = "pipelines.pictures.reading:warm_up"
RUNNING = "ADWATCH_PICTURE_READERS"


def picture_parent(
    environment: Mapping[str, str] | None = None, log: Path | None = None
) -> ReaderParent:
    """The process that those are forked from; it loads nothing before there is a picture."""
    return ReaderParent(WARM_UP, environment, log, waits=True, running=RUNNING)


class PicturePool:
    """Reads pictures in processes of their own, so that no page waits behind one."""

    def __init__(self, processes: int, address: str) -> None:
        """`address` is that of a `ReaderParent` that warms up by `WARM_UP`."""
        self._processes = processes
        self._address = address
        self._readers: Readers | None = None

    async def read(self, data: bytes) -> PictureText:
        """What stands on the picture; ReadingError, its first word the reason, where none can."""
        if self._readers is None:
            self._readers = Readers(self._processes, self._address)
        return await self._readers.run(read, data)

    def close(self) -> None:
        """Stop the processes, if any were started."""
        if self._readers is not None:
            self._readers.close()
