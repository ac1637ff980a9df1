"""`adwatch assess`: texts in, assessments out."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, get_args

import click

from classifiers.engine import assess_segments, assessment_json
from classifiers.explain import explain
from classifiers.rulebook import Rulebook, load_rulebook
from core.errors import ReadingError
from core.records import Assessment, Capture, Hints, Origin, Segment, join_segments
from core.target import Medium
from crawler.cli import EXIT_PARTIAL

MAX_LINE_BYTES = 64 * 1024 * 1024
MEDIA: tuple[str, ...] = get_args(Medium)
Answer = tuple[Assessment, str]


@dataclass(frozen=True, slots=True)
class _Ask:
    """One input: its id, what to read, and where it was found."""

    id: object
    text: str | None
    html: str | None
    url: str
    medium: str


class _BadLineError(ValueError):
    """A line that is not valid input; the text says what is wrong and what is wanted."""


@click.command()
@click.argument("file", default="-", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--explain", "explained", is_flag=True, help="For people: marked text and reasons.")
@click.option("--medium", type=click.Choice(MEDIA), default="web", show_default=True,
              help="Where the texts were found; decides which law applies.")  # fmt: skip
def assess(file: Path, *, explained: bool, medium: str) -> int:
    """Judge FILE (default: stdin): JSONL with {"id", "text"} or {"id", "html"}; or a .txt or .html.

    One JSON object a line goes out. A line that is not valid yields {"id", "error"}, the stream
    goes on, and the exit code at the end is 4.
    """
    rulebook = load_rulebook()
    show = _explained if explained else _as_json
    if str(file) != "-" and file.suffix.lower() in {".txt", ".html", ".htm"}:
        ask = _whole_file(file, medium)
        return _answer_all(iter([lambda: ask]), rulebook, show)
    if str(file) == "-":
        return _answer_all(_lines(sys.stdin.buffer, medium), rulebook, show)
    try:
        with file.open("rb") as stream:
            return _answer_all(_lines(stream, medium), rulebook, show)
    except OSError as error:
        raise click.FileError(str(file), hint=error.strerror) from None


def _answer_all(
    asks: Iterator[Callable[[], _Ask]],
    rulebook: Rulebook,
    show: Callable[[_Ask, Answer], str],
) -> int:
    failed = False
    for read in asks:
        name: object = None
        try:
            ask = read()
            name = ask.id
            line = show(ask, _judge(ask, rulebook))
        except _BadLineError as error:
            failed = True
            line = _dump({"id": error.args[1], "error": error.args[0]})
        except (ReadingError, RecursionError, MemoryError) as error:
            failed = True
            line = _dump({"id": name, "error": str(error)})
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return EXIT_PARTIAL if failed else 0


def _judge(ask: _Ask, rulebook: Rulebook) -> Answer:
    if ask.text is not None:
        segments: tuple[Segment, ...] = (Segment(Origin.BODY, ask.text),)
    else:
        segments = _html_segments(ask.html or "", ask.url)
    return assess_segments(segments, rulebook, ask.medium), join_segments(segments)


def _html_segments(html: str, url: str) -> tuple[Segment, ...]:
    from pipelines.read_page import read_page  # noqa: PLC0415 (loads extractors, for HTML only)

    headers = (("Content-Type", "text/html; charset=utf-8"),)
    body = html.encode("utf-8", errors="replace")
    capture = Capture(url, url, 200, headers, datetime.now(UTC), body)
    return read_page(capture, kind="article", hints=Hints()).segments


def _as_json(ask: _Ask, answer: Answer) -> str:
    assessment, text = answer
    document: dict[str, Any] = {"id": ask.id, **assessment_json(assessment, text)}
    if ask.html is not None:
        document["text"] = text  # what the offsets count in
    return _dump(document)


def _dump(document: dict[str, Any]) -> str:
    """One JSON line; half surrogate pairs, which UTF-8 cannot hold, stay escaped."""
    line = json.dumps(document, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(document)
    return line


def _explained(ask: _Ask, answer: Answer) -> str:
    assessment, text = answer
    said = f"── {ask.id}\n{explain(assessment, text)}\n"
    return said.encode(errors="replace").decode()


def _whole_file(file: Path, medium: str) -> _Ask:
    from spiders.decode import decode  # noqa: PLC0415 (for whole files only)

    try:
        text = decode(file.read_bytes(), None).text
    except OSError as error:
        raise click.FileError(str(file), hint=error.strerror) from None
    is_html = file.suffix.lower() != ".txt"
    return _Ask(file.name, None if is_html else text, text if is_html else None, file.name, medium)


def _lines(stream: BinaryIO, medium: str) -> Iterator[Callable[[], _Ask]]:
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            yield _failing(f"line {number}: longer than {MAX_LINE_BYTES} bytes")
        elif line.strip():
            yield _reading(line, number, medium)


def _failing(what: str) -> Callable[[], _Ask]:
    def fail() -> _Ask:
        raise _BadLineError(what, None)

    return fail


def _reading(line: bytes, number: int, medium: str) -> Callable[[], _Ask]:
    return lambda: _parse(line, number, medium)


def _parse(line: bytes, number: int, medium: str) -> _Ask:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _BadLineError(f"line {number}: not JSON: {error}", None) from None
    if not isinstance(row, dict):
        raise _BadLineError(f'line {number}: want an object with "id" and "text"', None)
    name = row.get("id")
    given = [key for key in ("text", "html", "image") if key in row]
    if len(given) != 1:
        raise _BadLineError(f'line {number}: want exactly one of "text", "html", "image"', name)
    if given == ["image"]:
        raise _BadLineError(f"line {number}: images are not read yet; give their text", name)
    value, url, found_in = row[given[0]], row.get("url", ""), row.get("medium", medium)
    if not isinstance(value, str):
        raise _BadLineError(f'line {number}: "{given[0]}" must be a string', name)
    if found_in not in MEDIA:
        raise _BadLineError(f'line {number}: "medium" must be one of {", ".join(MEDIA)}', name)
    if not isinstance(url, str):
        raise _BadLineError(f'line {number}: "url" must be a string', name)
    is_text = given == ["text"]
    return _Ask(name, value if is_text else None, None if is_text else value, url, found_in)
