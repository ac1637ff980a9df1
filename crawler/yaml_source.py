"""YAML 1.2 files as plain data that remembers where each value stood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32

Loc = tuple[str | int, ...]
Scalar = str | int | float | bool | None

# The YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#1032-tag-resolution): `NO`, `on` and
# `12:30` stay text, as a person who writes them expects.
_NULL = re.compile(r"(?:~|null|Null|NULL)?")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_STRING_TAG = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong in a configuration file, with its place and what is allowed."""

    file: str
    line: int
    column: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Source:
    """A read file; sequences are tuples. Values stand at `positions`, keys at `keys`."""

    file: str
    data: Any
    positions: dict[Loc, Position]
    keys: dict[Loc, Position]

    def position(self, loc: Loc) -> Position:
        """The place of `loc`, or of the nearest thing around it that stands in the file."""
        for end in range(len(loc), -1, -1):
            found = self.keys.get(loc[:end]) or self.positions.get(loc[:end])
            if found:
                return found
        return Position(1, 1)


class _SyntaxFaultError(Exception):
    def __init__(self, line: int, column: int, what: str) -> None:
        super().__init__(what)
        self.line, self.column, self.what = line, column, what


def read_yaml(path: Path, shown_as: str) -> tuple[Source | None, tuple[Fault, ...]]:
    """The file's data with positions, or the fault that keeps it from being read."""

    def fault(line: int, column: int, what: str) -> tuple[None, tuple[Fault, ...]]:
        return None, (Fault(shown_as, line, column, path.stem, what),)

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        return fault(1, 1, "is a directory, not a file; move it elsewhere or rename it")
    except FileNotFoundError:
        return fault(1, 1, f"is a link to {path.readlink()}, which does not exist")
    except OSError as error:
        return fault(1, 1, f"cannot be read: {error.strerror}")
    if len(raw) > MAX_BYTES:
        return fault(1, 1, f"larger than {MAX_BYTES // 1024} KiB; split it into several files")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return fault(line, 1, "not UTF-8; save the file as UTF-8")
    builder = _Builder(shown_as, path.stem)
    try:
        source = builder.build(text)
    except _SyntaxFaultError as error:
        return fault(error.line, error.column, error.what)
    return source, tuple(builder.faults)


def _events(text: str) -> Iterator[Any]:
    """Parse events, from libyaml where it understands the text, else from ruamel.yaml.

    libyaml is some twenty times faster but speaks YAML 1.1 syntax; what it refuses is decided by
    ruamel.yaml, whose message is also the one that is shown.
    """
    fast = getattr(yaml, "CSafeLoader", None)
    if fast is not None:
        try:
            yield from list(yaml.parse(text, Loader=fast))
        except (yaml.YAMLError, RecursionError):
            pass_to_slow = True
        else:
            pass_to_slow = False
        if not pass_to_slow:
            return
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(filter(None, (error.context, error.problem))) or "not YAML"
        raise _SyntaxFaultError(
            mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, f"broken YAML: {what}"
        ) from None
    except ReaderError as error:
        line, column = _line_column(text, error.position)
        what = f"the character U+{ord(text[error.position]):04X} is not allowed; delete it"
        raise _SyntaxFaultError(line, column, what) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise _SyntaxFaultError(1, 1, f"broken YAML: {error}") from None


def _line_column(text: str, at: int) -> tuple[int, int]:
    """Where the character at `at` stands; both count from 1."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


class _Builder:
    """Builds data from parse events with an explicit stack, so that depth cannot exhaust ours."""

    def __init__(self, shown_as: str, stem: str) -> None:
        self.faults: list[Fault] = []
        self._file = shown_as
        self._stem = stem
        self._positions: dict[Loc, Position] = {}
        self._keys: dict[Loc, Position] = {}

    def build(self, text: str) -> Source:
        stack: list[tuple[Any, Loc, str | None]] = []
        root: Any = None
        documents = 0
        for event in _events(text):
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise self._stop(event, "a second document (---); one file holds one")
            elif kind == "AliasEvent" or getattr(event, "anchor", None):
                raise self._stop(event, "anchors and aliases (&, *) are not allowed; write it out")
            elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
                done, _, _ = stack.pop()
                value = tuple(done) if isinstance(done, list) else done
                root = self._place(stack, value, root)
            elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
                if len(stack) >= MAX_DEPTH:
                    raise self._stop(event, f"nested deeper than {MAX_DEPTH} levels")
                loc = self._loc(stack, event)
                stack.append(({} if kind.startswith("Map") else [], loc, None))
            elif kind == "ScalarEvent":
                if stack and isinstance(stack[-1][0], dict) and stack[-1][2] is None:
                    self._open_key(stack, event)
                else:
                    loc = self._loc(stack, event)
                    root = self._place(stack, _resolve(event), root)
        return Source(self._file, root, self._positions, self._keys)

    def _stop(self, event: Any, what: str) -> _SyntaxFaultError:
        mark = event.start_mark
        return _SyntaxFaultError(mark.line + 1, mark.column + 1, what)

    def _open_key(self, stack: list[tuple[Any, Loc, str | None]], event: Any) -> None:
        mapping, loc, _ = stack[-1]
        key = event.value
        mark = event.start_mark
        if key in mapping:
            first = self._keys[(*loc, key)].line
            what = f"stands twice; it is first set in line {first}, keep one"
            where = ".".join(map(str, (self._stem, *loc, key)))
            self.faults.append(Fault(self._file, mark.line + 1, mark.column + 1, where, what))
        self._keys[(*loc, key)] = Position(mark.line + 1, mark.column + 1)
        stack[-1] = (mapping, loc, key)

    def _loc(self, stack: list[tuple[Any, Loc, str | None]], event: Any) -> Loc:
        mark = event.start_mark
        if not stack:
            loc: Loc = ()
        else:
            holder, outer, key = stack[-1]
            if isinstance(holder, dict) and key is None:
                raise self._stop(event, "a key must be plain text")
            loc = (*outer, len(holder) if isinstance(holder, list) else str(key))
        self._positions[loc] = Position(mark.line + 1, mark.column + 1)
        return loc

    @staticmethod
    def _place(stack: list[tuple[Any, Loc, str | None]], value: Any, root: Any) -> Any:
        if not stack:
            return value
        holder, outer, key = stack[-1]
        if isinstance(holder, list):
            holder.append(value)
        else:
            holder[key] = value
            stack[-1] = (holder, outer, None)
        return root


def _resolve(event: Any) -> Scalar:
    text: str = event.value
    if event.style or str(getattr(event, "tag", None) or "") in {_STRING_TAG, "!"}:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text[0] in "tT"
    if _INT.fullmatch(text):
        return int(text) if len(text) < 20 else text  # noqa: PLR2004 (beyond any number we ask for)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
