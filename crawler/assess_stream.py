"""A stream of lines answered in order, in this process or in several, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from crawler.assess_lines import Answered, Manner, answer_line, failure
from crawler.crew import Crew

MAX_LINE_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
CHUNK_LINES = 500


@dataclass(frozen=True, slots=True)
class Numbered:
    """One line of the input; None stands for a line over `MAX_LINE_BYTES`."""

    number: int
    line: bytes | None


Chunk = tuple[Numbered, ...]
Answers = list[Answered]


def answer_stream(stream: BinaryIO, manner: Manner, jobs: int) -> Iterator[Answered]:
    """An answer for each line that is not blank, in the order of the input."""
    lines = numbered_lines(stream)
    if jobs == 1:
        for numbered in lines:
            yield _answer(numbered, manner)
        return
    crew = Crew(partial(answer_chunk, manner=manner), blame_line, jobs)
    for _, answers in crew.answer_all(chunks(lines)):
        yield from answers


def numbered_lines(stream: BinaryIO) -> Iterator[Numbered]:
    """The lines with their numbers from 1; blank ones are passed over."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) <= MAX_LINE_BYTES:
            if line.strip():
                yield Numbered(number, line)
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)
        yield Numbered(number, None)


def chunks(lines: Iterator[Numbered]) -> Iterator[Chunk]:
    """The lines in portions that are worth a trip to another process."""
    gathered: list[Numbered] = []
    size = 0
    for numbered in lines:
        gathered.append(numbered)
        size += len(numbered.line or b"")
        if size >= CHUNK_BYTES or len(gathered) >= CHUNK_LINES:
            yield tuple(gathered)
            gathered, size = [], 0
    if gathered:
        yield tuple(gathered)


def answer_chunk(chunk: Chunk, manner: Manner) -> Answers:
    """The answers to one portion."""
    return [_answer(numbered, manner) for numbered in chunk]


def _answer(numbered: Numbered, manner: Manner) -> Answered:
    if numbered.line is None:
        return failure(None, f"line {numbered.number}: longer than {MAX_LINE_BYTES} bytes")
    return answer_line(numbered.line, numbered.number, manner)


def blame_line(numbered: Numbered) -> Answered:
    """What is said of a line that killed the process that read it."""
    what = f"line {numbered.number}: the process that read it died (out of memory?)"
    return failure(None, what)
