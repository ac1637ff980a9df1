"""Messages written into a folder: for offices without mail, and for trying things out."""

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from alerts.channel import Pace
from alerts.channel_config import FileChannelConfig
from alerts.message import Message
from alerts.results import Result, Retry


class FileChannel:
    """One folder; each message is a text file, an HTML file and its attachments."""

    def __init__(self, name: str, config: FileChannelConfig, base: Path) -> None:
        self.name = name
        self._folder = base / config.folder
        self.recipients = (str(self._folder),)
        self.paces: tuple[Pace, ...] = ()
        self.patience_s = 60.0

    def pieces(self, message: Message) -> tuple[Message, ...]:
        """The message as it is."""
        return (message,)

    def send(self, piece: Message, to: Sequence[str] | None = None) -> tuple[Result, ...]:
        """One result; the folder, or why it could not be written."""
        del to
        stem = re.sub(r"[^A-Za-z0-9._-]", "_", piece.ascii_key)
        files = {f"{stem}.txt": f"{piece.subject}\n\n{piece.text}".encode("utf-8", "replace")}
        if piece.html is not None:
            files[f"{stem}.html"] = piece.html.encode("utf-8", "replace")
        files |= {file.name: file.data for file in piece.attachments}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                write_atomically(self._folder / name, data)
        except OSError as error:
            what = f"{type(error).__name__}: {error}"
            return (Result(self.recipients[0], False, "", what, Retry.LONG),)
        return (Result(self.recipients[0], True, "written", ", ".join(files)),)


def write_atomically(path: Path, data: bytes) -> None:
    """The whole file or none of it, whoever looks and whenever the power fails."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
