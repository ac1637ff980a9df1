"""The answer of a JSON interface → its values, read within bounds and found by dotted paths."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from spiders.pages import wall_reason

MAX_CHARS = 64_000_000
MAX_VALUES = 2_000_000
MAX_DEPTH = 100
_SHOWN_CHARS = 80
# What stands around JSON so that a script tag can load it, or so that none can.
_OPENING = re.compile(
    r"\s*(?:/\*[^*]{0,200}\*/\s*)?"
    r"(?:(?:while|for)\s*\([^)]{0,20}\)\s*;\s*|\)\]\}'?,?\s*"
    r"|(?:try\s*\{\s*)?(?:(?:var|let|const)\s+)?[\w$][\w$.\[\]'\"]{0,100}"
    r"(?:\s*&&\s*[\w$][\w$.]{0,100})?\s*[(=]\s*)?"
)
_CLOSING = re.compile(r"[\s;)]*(?:\}\s*catch\s*\(\w*\)\s*\{\s*\}\s*;?)?\s*")
_SAYING = ("msg", "message", "errmsg", "error_msg", "errormsg", "error", "desc")
_CODES = ("code", "errcode", "errno", "error_code", "ret", "status", "success", "error")
MISSING = object()


class AnswerFault(ValueError):  # noqa: N818 (a reason, said in one word by `reason`)
    """Why an answer cannot be read: `reason` is counted, the text names what stood where."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def read_answer(text: str) -> Any:
    """The JSON in `text`, also where a callback or an assignment stands around it."""
    source = text.lstrip("\ufeff \t\r\n")
    if not source:
        raise AnswerFault("api_empty", "the answer has no content")
    if source.startswith("<"):
        reason = wall_reason(source) or "api_html"
        raise AnswerFault(reason, f"an HTML page stands there, not JSON: {shown(source)}")
    _refuse_bombs(source)
    opening = _OPENING.match(source)
    start = opening.end() if opening and source[opening.end() : opening.end() + 1] in "[{" else 0
    try:
        value, end = json.JSONDecoder().raw_decode(source, start)
    except json.JSONDecodeError as error:
        near = shown(source[max(0, error.pos - 20) : error.pos + 40])
        what = f"no JSON: {error.msg} at character {error.pos}, near {near}"
        raise AnswerFault("api_not_json", what) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise AnswerFault("api_number", f"a number is too long to be read: {error}") from None
    if not _CLOSING.fullmatch(source, end):
        what = f"after the JSON follows {shown(source[end : end + 60])}"
        raise AnswerFault("api_not_json", what)
    _refuse_depth(value)
    return value


def _refuse_bombs(source: str) -> None:
    if len(source) > MAX_CHARS:
        what = f"{len(source)} characters, at most {MAX_CHARS} are read"
        raise AnswerFault("api_too_large", what)
    values = source.count(",") + source.count("[") + source.count("{")
    if values > MAX_VALUES:
        raise AnswerFault("api_too_large", f"{values} values, at most {MAX_VALUES} are read")


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _containers(node)]
        if not level:
            return
    raise _too_deep()


def _containers(node: Any) -> Iterator[Any]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return (child for child in children if isinstance(child, dict | list))


def _too_deep() -> AnswerFault:
    return AnswerFault("api_too_deep", f"nested more than {MAX_DEPTH} levels deep")


def value_at(value: Any, path: str | None) -> Any:
    """What stands at a dotted path, MISSING where the path ends before it."""
    for step in path.split(".") if path else ():
        value = _child(value, step)
        if value is MISSING:
            return MISSING
    return value


def _child(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step, MISSING)
    if isinstance(value, list) and step.isascii() and step.isdigit():
        at = int(step)
        return value[at] if at < len(value) else MISSING
    return MISSING


def values_at(value: Any, path: str) -> list[Any]:
    """What stands at a path; a list on the way stands for each of its entries."""
    here = [value]
    for step in path.split("."):
        here = [found for one in here for found in _children(one, step) if found is not MISSING]
    return [inner for one in here for inner in (one if isinstance(one, list) else [one])]


def _children(value: Any, step: str) -> list[Any]:
    if isinstance(value, list) and not step.isdigit():
        return [_child(entry, step) for entry in value]
    return [_child(value, step)]


def break_in(value: Any, path: str) -> str:
    """Where a path ends early, and what stands there, in words."""
    at = ""
    for step in path.split("."):
        below = _child(value, step)
        if below is MISSING:
            where = f"at {at}" if at else "at the top"
            return f"{path}: there is no {step!r} {where}, where {kind_of(value)} stands"
        value, at = below, f"{at}.{step}" if at else step
    return f"{path}: {kind_of(value)} stands there"


def kind_of(value: Any) -> str:
    """A value for a message: its kind and a little of it."""
    if isinstance(value, dict):
        keys = ", ".join(list(value)[:8])
        return shown(f"an object with {keys}" if value else "an empty object")
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if value is MISSING:
        return "nothing"
    if isinstance(value, str):
        return f"the text {shown(value)!r}"
    return shown(json.dumps(value))


def shown(text: str) -> str:
    """A little of a text, on one line."""
    line = " ".join(text[: 4 * _SHOWN_CHARS].split())
    return line if len(line) <= _SHOWN_CHARS else f"{line[: _SHOWN_CHARS - 1]}…"


def scalar_text(value: Any) -> str | None:
    """A text or a finite number as text; None for everything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value) if math.isfinite(value) else None


def said_refusal(answer: Any) -> str:
    """What an answer says of itself, like `code 401, "请先登录"`; "" where it says nothing."""
    if not isinstance(answer, dict):
        return ""
    lowered = {str(key).lower(): value for key, value in answer.items()}
    code = next((f"{key} {lowered[key]}" for key in _CODES
                 if isinstance(lowered.get(key), int | str)), "")  # fmt: skip
    words = next((lowered[key] for key in _SAYING if isinstance(lowered.get(key), str)), "")
    return shown(", ".join(filter(None, (code, f'"{words}"' if words else ""))))
