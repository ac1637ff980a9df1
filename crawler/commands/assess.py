"""`adwatch assess`: texts in, assessments out."""

import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import wrap_file

from crawler.assess_lines import MEDIA, PICTURES, Answered, Manner, answer, whole_file
from crawler.assess_stream import answer_stream
from crawler.cli import EXIT_PARTIAL

WHOLE_FILES = frozenset({".txt", ".html", ".htm"}) | PICTURES


@click.command()
@click.argument("file", default="-", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--explain", "explained", is_flag=True, help="For people: marked text and reasons.")
@click.option("--medium", type=click.Choice(MEDIA), default="web", show_default=True,
              help="Where the texts were found; decides which law applies.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(0, 256), default=1, show_default=True,
              help="Processes that judge; 0 for one a core.")  # fmt: skip
def assess(file: Path, *, explained: bool, medium: str, jobs: int) -> int:
    """Judge FILE (default: stdin): JSONL; or a .txt, .html or picture.

    A line has an "id" and a "text", an "html" or, under "image", the path of a picture.

    One JSON object a line goes out, in the order of the input. A line that is not valid yields
    {"id", "error"}, the stream goes on, and the exit code at the end is 4.
    """
    manner = Manner(medium, explained, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    jobs = jobs or os.cpu_count() or 1
    if str(file) == "-":
        return _write(answer_stream(sys.stdin.buffer, manner, jobs))
    try:
        if file.suffix.lower() in WHOLE_FILES:
            return _write([answer(whole_file(file, medium), manner)])
        with file.open("rb") as opened, _watched(opened, file) as stream:
            return _write(answer_stream(stream, manner, jobs))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise click.FileError(str(file), hint=error.strerror) from None


def _watched(opened: BinaryIO, file: Path) -> AbstractContextManager[BinaryIO]:
    """The file with a progress bar, where its answers do not go to the same terminal."""
    hidden = sys.stdout.isatty() or not sys.stderr.isatty() or not file.is_file()
    return wrap_file(
        opened, 0 if hidden else file.stat().st_size, description="assessing",
        console=Console(stderr=True), transient=True, disable=hidden,
    )  # fmt: skip


def _write(answers: Iterable[Answered]) -> int:
    failed = False
    for answered in answers:
        failed = failed or answered.failed
        sys.stdout.write(answered.line + "\n")
    sys.stdout.flush()
    return EXIT_PARTIAL if failed else 0
