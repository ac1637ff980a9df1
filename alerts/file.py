"""Messages written into a folder: for offices without mail, and for trying things out."""

import os
import re
import tempfile
from pathlib import Path

from alerts.channel_config import FileChannelConfig
from alerts.message import Message
from alerts.results import Result


class FileChannel:
    """One folder; each message is a text file, an HTML file and its attachments."""

    def __init__(self, name: str, config: FileChannelConfig, base: Path) -> None:
        self.name = name
        self._folder = base / config.folder
        self.recipients = (str(self._folder),)

    def send(self, message: Message) -> tuple[Result, ...]:
        """One result; the folder, or why it could not be written."""
        stem = re.sub(r"[^A-Za-z0-9._-]", "_", message.key)
        files = {f"{stem}.txt": f"{message.subject}\n\n{message.text}".encode("utf-8", "replace")}
        if message.html is not None:
            files[f"{stem}.html"] = message.html.encode("utf-8", "replace")
        files |= {file.name: file.data for file in message.attachments}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                write_atomically(self._folder / name, data)
        except OSError as error:
            return (Result(self.recipients[0], False, "", f"{type(error).__name__}: {error}"),)
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
