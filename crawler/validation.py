"""Pydantic's view of a file, said with file, line, column, what is allowed and what was meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from crawler.yaml_source import Fault, Loc, Source

Model = TypeVar("Model", bound=BaseModel)


def validate(
    model: type[Model], data: dict[str, Any], source: Source, stem: str
) -> tuple[Model | None, tuple[Fault, ...]]:
    """`data` as a `model`, or every fault in it with its place in `source`."""
    try:
        return model.model_validate(data), ()
    except ValidationError as error:
        faults = [item for item in error.errors() if not _follows_from_another(item, error)]
        return None, tuple(_fault(model, item, source, stem) for item in faults)


def _follows_from_another(item: ErrorDetails, error: ValidationError) -> bool:
    """A list that is too short only because its items are at fault is no fault of its own."""
    loc = item["loc"]
    return item["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in error.errors()
    )


def fault_at(source: Source, stem: str, loc: Loc, what: str) -> Fault:
    """A fault at `loc` of a read file."""
    place = source.position(loc)
    return Fault(source.file, place.line, place.column, ".".join(map(str, (stem, *loc))), what)


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """` (did you mean 'x'?)` where something allowed is near, else nothing."""
    known = list(allowed)
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    if not near:
        others = get_close_matches(word.lower(), _OTHER_NAMES, n=1, cutoff=0.75)
        near = [_OTHER_NAMES[name] for name in others if _OTHER_NAMES[name] in known]
    return f" (did you mean {near[0]!r}?)" if near else ""


# What other programs call our keys.
_OTHER_NAMES = {
    "schedule": "every", "interval": "every", "crontab": "cron", "url": "start_urls",
    "urls": "start_urls", "name": "title", "type": "spider", "kind": "spider", "js": "browser",
    "render": "browser", "selector": "css", "include": "allow", "exclude": "deny",
    "rate_limit": "delay_s", "timeout": "timeout_s", "max_pages": "pages", "database": "storage",
    "recipients": "to", "from": "sender", "username": "user", "tls": "security", "tz": "timezone",
    "rss": "feed", "atom": "feed", "list": "listing", "weixin": "wechat", "html": "article",
    "page": "article", "lark": "feishu_robot", "email": "smtp", "mail": "smtp", "url_key": "key",
    "access_token": "token", "http": "webhook", "qywx": "wecom_robot", "immediate": "at_once",
    "keywords": "words", "keyword": "words", "queries": "words", "charset": "encoding",
    "data_path": "items", "results": "items", "entries": "items", "content": "text", "body": "text",
    "date": "published", "pubdate": "published", "ctime": "published", "pictures": "images",
    "link": "url", "pagination": "paging", "pager": "paging", "query": "params",
    "parameters": "params", "json": "api", "has_more": "more", "cursor": "path", "ok": "success",
    "instant": "at_once", "quiet_hours": "quiet", "category": "patterns", "district": "regions",
}  # fmt: skip
_CHANNEL_KINDS = ("smtp", "webhook", "wecom_robot", "wecom_app", "dingtalk_robot", "feishu_robot",
                  "file")  # fmt: skip


def _fault(model: type[BaseModel], error: ErrorDetails, source: Source, stem: str) -> Fault:
    loc = _file_loc(error["loc"], source)
    return fault_at(source, stem, loc, _what(model, error, loc))


def _file_loc(loc: tuple[int | str, ...], source: Source) -> Loc:
    """Pydantic's location without the union tags that do not stand in the file."""
    known = source.positions
    kept: Loc = ()
    for part in loc:
        if part == "[key]":
            continue
        if (*kept, part) in known or part == loc[-1]:
            kept = (*kept, part)
    return kept


def _what(model: type[BaseModel], error: ErrorDetails, loc: Loc) -> str:
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    match kind:
        case "extra_forbidden":
            allowed = sorted(_fields_at(model, error["loc"][:-1]))
            hint = did_you_mean(str(loc[-1]), allowed)
            return (
                f"unknown key; allowed are {', '.join(allowed)}{hint}"
                if allowed
                else ("unknown key")
            )
        case "missing":
            return "is required but missing"
        case "literal_error":
            hint = did_you_mean(str(value), _words(context.get("expected", "")))
            return f"{value!r} is not allowed; allowed are {context.get('expected')}{hint}"
        case "union_tag_invalid":
            hint = did_you_mean(str(context.get("tag")), _words(context["expected_tags"]))
            known = f"{context['expected_tags']}{hint}"
            return f"kind {context.get('tag')!r} is unknown; allowed are {known}"
        case "union_tag_not_found":
            return f"kind is required: {', '.join(_CHANNEL_KINDS)}"
        case "string_pattern_mismatch":
            return f"{_short(value)} is not of the form asked for: {_form(str(context['pattern']))}"
        case "value_error":
            return str(context["error"])
        case _:
            return f"{_said(error, loc)}, but it is {_short(value)}"


# What a key holds, said where a value of another type stands there.
_HOLDS = {
    "every": "a duration like 30m, 6h or 3d",
    "cron": "a quoted cron line like '30 2 * * sun'",
    "at": "a quoted time of day like '08:40'",
}
_WORDS_OF_PYDANTIC = (
    (re.compile(r"a valid dictionary or (?:instance|object) .*"), "a mapping of keys to values"),
    (re.compile(r"a valid dictionary"), "a mapping of keys to values"),
    (re.compile(r"a valid boolean"), "true or false"),
    (re.compile(r"a valid string"), "text"),
    (re.compile(r"a valid (integer|number|tuple|list)"), r"a \1"),
    (re.compile(r"\ba integer"), "a whole number"),
    (re.compile(r"\btuple\b", re.IGNORECASE), "list"),
    (re.compile(r" after validation"), ""),
    (re.compile(r"^Input "), ""),
)


def _said(error: ErrorDetails, loc: Loc) -> str:
    """Pydantic's message in the words of a configuration file."""
    if error["type"] == "string_type" and loc and loc[-1] in _HOLDS:
        return f"should be {_HOLDS[str(loc[-1])]}"
    said = error["msg"]
    for form, words in _WORDS_OF_PYDANTIC:
        said = form.sub(words, said)
    return f"{said[0].lower()}{said[1:]}"


def _short(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 80 else text[:77] + "…"  # noqa: PLR2004 (one screen line)


_FORMS = {
    "^https?": "an http:// or https:// address",
    r"^\d{1,4}\s*": "a duration like 30m, 6h or 3d",
    "^([01]": "a time of day like 08:40",
    "^[A-Za-z0-9.!#": "a mail address like name@example.cn",
    r"^[^\s.\[\]": "a dotted path like data.list or images.0.url, without brackets or signs",
    r"^[^\s&=#]": "a name without spaces, &, = or #",
    "^[a-z0-9]": "lower-case letters, digits, - and _ (the file's name without .yml)",
}


def _form(pattern: str) -> str:
    return next((said for start, said in _FORMS.items() if pattern.startswith(start)), pattern)


def _words(expected: str) -> list[str]:
    return [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]


def _fields_at(model: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """The keys that the model allows at `loc`."""
    here: list[Any] = [model]
    for part in loc:
        here = [inner for item in here for inner in _inside(item, part)]
    models = [item for item in here if isinstance(item, type) and issubclass(item, BaseModel)]
    return tuple({name for item in models for name in item.model_fields})


def _inside(item: Any, part: str | int) -> list[Any]:
    if isinstance(item, type) and issubclass(item, BaseModel):
        field = item.model_fields.get(str(part))
        return _unwrap(field.annotation) if field else [item]
    return [item]


def _unwrap(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is None:
        return [annotation]
    return [inner for arg in get_args(annotation) for inner in _unwrap(arg)]
