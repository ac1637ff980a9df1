"""What a text must hold before an expression can match it: one of a few literal strings."""

from __future__ import annotations

from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from re import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MOST_JOINED, _MOST_LISTED, _WIDEST_CLASS = 400, 200, 30
Literals = frozenset[str]


def required_literals(expression: str, plain: Callable[[str], str]) -> Literals:
    """Strings of which every match of the expression holds one, as `plain` leaves them.

    Of several such sets the one with the longest strings is chosen. None stands for nothing: where
    the expression says too little, the empty string is the one that is held.
    """
    try:
        parsed = parser.parse(expression)
    except Exception:  # noqa: BLE001 (what Python cannot read may match anything)
        return frozenset({""})
    if parsed.state.flags & ~int(parser.SRE_FLAG_UNICODE):
        return frozenset({""})
    found = _required(parsed, plain)
    return frozenset({""}) if found is None else found


def bare_form(expression: str, plain: Callable[[str], str], joint: str) -> str | None:
    """The expression for bare texts: whoever matches it there matched the expression before.

    What may be a mark is optional, what can only be one is gone; nothing reaches past a `joint`.
    None where the expression has parts that cannot be read so.
    """
    try:
        return _bare_sequence(parser.parse(expression), plain, f"[^{joint}]?")
    except (ValueError, parser.error):
        return None


def _bare_sequence(sequence: Iterable[Any], plain: Callable[[str], str], anything: str) -> str:
    return "".join(_bare_item(op, value, plain, anything) for op, value in sequence)


def _bare_item(op: Any, value: Any, plain: Callable[[str], str], anything: str) -> str:
    if op is ops.LITERAL:
        return escape(plain(chr(value)))
    if op is ops.IN:
        return _bare_class(value, plain, anything)
    if op in {ops.NOT_LITERAL, ops.ANY}:
        return anything
    if op is ops.AT:
        return ""
    if op is ops.SUBPATTERN:
        return f"(?:{_bare_sequence(value[3], plain, anything)})"
    if op is ops.BRANCH:
        branches = (_bare_sequence(branch, plain, anything) for branch in value[1])
        return f"(?:{'|'.join(branches)})"
    if op in {ops.MAX_REPEAT, ops.MIN_REPEAT}:
        least, most, repeated = value
        inside = _bare_sequence(repeated, plain, anything)
        upper = "" if most is ops.MAXREPEAT else int(most)
        return f"(?:{inside}){{{int(least)},{upper}}}" if inside else ""
    raise ValueError(op)


def _bare_class(members: list[tuple[Any, Any]], plain: Callable[[str], str], anything: str) -> str:
    kept, optional = "", False
    for kind, value in members:
        if kind is ops.LITERAL:
            char = plain(chr(value))
            kept += escape(char)
            optional = optional or not char
        elif kind is ops.RANGE:
            low, high = (plain(chr(end)) for end in value)
            if not (low and high):
                return anything
            kept += f"{low}-{high}"
        elif kind is ops.CATEGORY and value is ops.CATEGORY_DIGIT:
            kept += "0-9"
        elif kind is ops.CATEGORY and value is ops.CATEGORY_SPACE:
            optional = True
        else:
            return anything
    return f"[{kept}]{'?' if optional else ''}" if kept else ""


def _required(sequence: Iterable[Any], plain: Callable[[str], str]) -> Literals | None:
    best: Literals | None = None

    def offer(strings: Iterable[str] | None) -> None:
        nonlocal best
        bare = None if strings is None else frozenset(map(plain, strings))
        if bare and (best is None or _worth(bare) > _worth(best)):
            best = bare

    run = {""}
    for op, value in sequence:
        exact = _exactly(op, value)
        if exact is not None and len(run) * len(exact) <= _MOST_JOINED:
            run = {head + tail for head in run for tail in exact}
            continue
        offer(run)
        run = {""} if exact is None else exact
        if exact is None:
            offer(_inside(op, value, plain))
    offer(run)
    return best


def _inside(op: Any, value: Any, plain: Callable[[str], str]) -> Literals | None:
    if op is ops.BRANCH:
        parts = [_required(branch, plain) for branch in value[1]]
        whole = [part for part in parts if part is not None]
        return frozenset().union(*whole) if len(whole) == len(parts) else None
    if op is ops.SUBPATTERN:
        return _required(value[3], plain)
    if op in {ops.MAX_REPEAT, ops.MIN_REPEAT} and value[0] >= 1:
        return _required(value[2], plain)
    return None


def _worth(strings: Literals) -> tuple[int, int]:
    return min(map(len, strings)), -len(strings)


def _exactly(op: Any, value: Any) -> set[str] | None:
    """All strings that an item matches; None where they are too many."""
    if op is ops.LITERAL:
        return {chr(value)}
    if op is ops.IN:
        plain = all(kind is ops.LITERAL for kind, _ in value) and len(value) <= _WIDEST_CLASS
        return {chr(code) for _, code in value} if plain else None
    if op is ops.SUBPATTERN:
        return _all_of(value[3])
    if op is ops.BRANCH:
        return _any_of(value[1])
    if op is ops.MAX_REPEAT and value[1] == 1:
        once = _all_of(value[2])
        return None if once is None else once | ({""} if value[0] == 0 else set())
    return None


def _all_of(sequence: Iterable[Any]) -> set[str] | None:
    run = {""}
    for op, value in sequence:
        exact = _exactly(op, value)
        if exact is None or len(run) * len(exact) > _MOST_JOINED:
            return None
        run = {head + tail for head in run for tail in exact}
    return run


def _any_of(branches: Iterable[Any]) -> set[str] | None:
    found: set[str] = set()
    for branch in branches:
        exact = _all_of(branch)
        if exact is None:
            return None
        found |= exact
    return found if len(found) <= _MOST_LISTED else None
