"""One line of `adwatch assess`: what is asked, the judgement, and the line that answers it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from classifiers.engine import assess_segments, assessment_json
from classifiers.explain import explain
from classifiers.rulebook import load_rulebook
from core.errors import ReadingError
from core.records import Assessment, Capture, Hints, Origin, Segment, join_segments
from core.target import Medium

MEDIA: tuple[str, ...] = get_args(Medium)
GIVEN = ("text", "html", "image")


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are given: the medium where a line names none, and whether for people."""

    medium: str = "web"
    explained: bool = False
    colour: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One input: its id, the text or the HTML to judge, and where it was found."""

    id: object
    text: str | None
    html: str | None
    url: str
    medium: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The line that goes out; `failed` where it says an error."""

    line: str
    failed: bool = False


class BadLineError(ValueError):
    """A line that is not valid input: what is wrong, what is wanted, and the line's id if any."""

    def __init__(self, what: str, name: object = None) -> None:
        super().__init__(what)
        self.name = name


def parse_line(line: bytes, number: int, medium: str) -> Ask:
    """What one JSON line asks; raises `BadLineError`."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadLineError(f"line {number}: not JSON: {error}") from None
    if not isinstance(row, dict):
        raise BadLineError(f'line {number}: want an object with "id" and "text"')
    name = row.get("id")
    given = [key for key in GIVEN if key in row]
    if len(given) != 1:
        raise BadLineError(f'line {number}: want exactly one of "text", "html", "image"', name)
    if given == ["image"]:
        raise BadLineError(f"line {number}: images are not read yet; give their text", name)
    value, url, found_in = row[given[0]], row.get("url", ""), row.get("medium", medium)
    if not isinstance(value, str):
        raise BadLineError(f'line {number}: "{given[0]}" must be a string', name)
    if found_in not in MEDIA:
        raise BadLineError(f'line {number}: "medium" must be one of {", ".join(MEDIA)}', name)
    if not isinstance(url, str):
        raise BadLineError(f'line {number}: "url" must be a string', name)
    is_text = given == ["text"]
    return Ask(name, value if is_text else None, None if is_text else value, url, found_in)


def answer_line(line: bytes, number: int, manner: Manner) -> Answered:
    """The answer to one JSON line, whatever it holds."""
    try:
        ask = parse_line(line, number, manner.medium)
    except BadLineError as error:
        return failure(error.name, str(error))
    return answer(ask, manner)


def answer(ask: Ask, manner: Manner) -> Answered:
    """The answer to what is asked; what cannot be read is answered by an error."""
    try:
        assessment, text = judge_ask(ask)
    except (ReadingError, RecursionError, MemoryError) as error:
        return failure(ask.id, str(error) or type(error).__name__)
    if manner.explained:
        told = f"── {ask.id}\n{explain(assessment, text, colour=manner.colour)}"
        return Answered(told.encode(errors="replace").decode())
    document: dict[str, Any] = {"id": ask.id, **assessment_json(assessment, text)}
    if ask.html is not None:
        document["text"] = text  # what the offsets count in
    return Answered(_dump(document))


def failure(name: object, what: str) -> Answered:
    """The line that says what is wrong with an input."""
    return Answered(_dump({"id": name, "error": what}), failed=True)


def judge_ask(ask: Ask) -> tuple[Assessment, str]:
    """The assessment and the text that its offsets count in; raises `ReadingError` for HTML."""
    segments: tuple[Segment, ...]
    if ask.text is not None:
        segments = (Segment(Origin.BODY, ask.text),)
    else:
        segments = _html_segments(ask.html or "", ask.url)
    return assess_segments(segments, load_rulebook(), ask.medium), join_segments(segments)


def _html_segments(html: str, url: str) -> tuple[Segment, ...]:
    from pipelines.read_page import read_page  # noqa: PLC0415 (loads extractors, for HTML only)

    headers = (("Content-Type", "text/html; charset=utf-8"),)
    body = html.encode("utf-8", errors="replace")
    capture = Capture(url, url, 200, headers, datetime.now(UTC), body)
    return read_page(capture, kind="article", hints=Hints()).segments


def whole_file(file: Path, medium: str) -> Ask:
    """A .txt or .html file as one input; raises `OSError`."""
    from spiders.decode import decode  # noqa: PLC0415 (for whole files only)

    text = decode(file.read_bytes(), None).text
    is_html = file.suffix.lower() != ".txt"
    return Ask(file.name, None if is_html else text, text if is_html else None, "", medium)


def _dump(document: dict[str, Any]) -> str:
    """One JSON line; half surrogate pairs, which UTF-8 cannot hold, stay escaped."""
    line = json.dumps(document, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(document)
    return line
