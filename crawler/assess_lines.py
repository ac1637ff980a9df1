"""One line of `adwatch assess`: what is asked, the judgement, and the line that answers it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, assert_never, get_args

from classifiers.engine import assess_segments, assessment_json
from classifiers.explain import explain
from classifiers.rulebook import load_rulebook
from core.errors import ReadingError
from core.records import Assessment, Capture, Hints, Origin, Segment, join_segments
from core.target import Medium
from pipelines.pictures.available import INSTALL, missing_packages
from pipelines.pictures.reading import read as read_picture
from pipelines.pictures.segments import picture_segments
from pipelines.pictures.size import MAX_BYTES

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"})
MEDIA: tuple[str, ...] = get_args(Medium)
Given = Literal["text", "html", "image"]
GIVEN: tuple[Given, ...] = get_args(Given)


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are given: the medium where a line names none, and whether for people."""

    medium: str = "web"
    explained: bool = False
    colour: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One input: its id, the text, the HTML or the picture's path, and where it was found."""

    id: object
    given: Given
    value: str
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
    value, url, found_in = row[given[0]], row.get("url", ""), row.get("medium", medium)
    if not isinstance(value, str):
        raise BadLineError(f'line {number}: "{given[0]}" must be a string', name)
    if found_in not in MEDIA:
        raise BadLineError(f'line {number}: "medium" must be one of {", ".join(MEDIA)}', name)
    if not isinstance(url, str):
        raise BadLineError(f'line {number}: "url" must be a string', name)
    return Ask(name, given[0], value, url, found_in)


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
    except (ReadingError, RecursionError, MemoryError, OSError) as error:
        return failure(ask.id, str(error) or type(error).__name__)
    if manner.explained:
        told = f"── {ask.id}\n{explain(assessment, text, colour=manner.colour)}"
        return Answered(told.encode(errors="replace").decode())
    document: dict[str, Any] = {"id": ask.id, **assessment_json(assessment, text)}
    if ask.given != "text":
        document["text"] = text  # what the offsets count in
    return Answered(_dump(document))


def failure(name: object, what: str) -> Answered:
    """The line that says what is wrong with an input."""
    return Answered(_dump({"id": name, "error": what}), failed=True)


def judge_ask(ask: Ask) -> tuple[Assessment, str]:
    """The assessment and the text that its offsets count in.

    Raises `ReadingError` for HTML and pictures, `OSError` for pictures.
    """
    segments: tuple[Segment, ...]
    match ask.given:
        case "text":
            segments = (Segment(Origin.BODY, ask.value),)
        case "html":
            segments = _html_segments(ask.value, ask.url)
        case "image":
            segments = _picture_segments(Path(ask.value))
        case _:
            assert_never(ask.given)
    return assess_segments(segments, load_rulebook(), ask.medium), join_segments(segments)


def _html_segments(html: str, url: str) -> tuple[Segment, ...]:
    from pipelines.read_page import read_page  # noqa: PLC0415 (loads extractors, for HTML only)

    headers = (("Content-Type", "text/html; charset=utf-8"),)
    body = html.encode("utf-8", errors="replace")
    capture = Capture(url, url, 200, headers, datetime.now(UTC), body)
    return read_page(capture, kind="article", hints=Hints()).segments


def _picture_segments(path: Path) -> tuple[Segment, ...]:

    if missing_packages():
        raise ReadingError(f"not_installed: pictures are read by {INSTALL}")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    return tuple(picture_segments(read_picture(data), sha256(data).hexdigest()))


def whole_file(file: Path, medium: str) -> Ask:
    """A file as one input: .txt and .html by their text, others as pictures; raises `OSError`."""
    if file.suffix.lower() in PICTURES:
        return Ask(file.name, "image", str(file), "", medium)
    from spiders.decode import decode  # noqa: PLC0415 (for whole files only)

    text = decode(file.read_bytes(), None).text
    given: Given = "text" if file.suffix.lower() == ".txt" else "html"
    return Ask(file.name, given, text, "", medium)


def _dump(document: dict[str, Any]) -> str:
    """One JSON line; half surrogate pairs, which UTF-8 cannot hold, stay escaped."""
    line = json.dumps(document, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(document)
    return line
