"""Proposals for JSON interfaces: the list in an answer, and which of its keys say what."""

from collections.abc import Iterator
from typing import Any

from core.errors import LookError
from core.records import Capture, Link
from core.source_rules import ApiFields, ApiRule
from crawler.proposal import MAX_SAMPLES, Proposal, content_type_of, many, said_encoding
from spiders.api_entries import ApiEntry, read_entries
from spiders.decode import decode
from spiders.json_answer import AnswerFault, read_answer
from spiders.urls import host_of

_MIN_ENTRIES = 2
_MOST_LISTS = 200
_DEPTH = 6
_NAMES = {
    "id": ("id", "_id", "docid", "aid", "tid", "nid", "mid", "uuid"),
    "url": ("url", "link", "href", "docurl", "detailurl", "arcurl", "shareurl", "weburl"),
    "title": ("title", "subject", "headline", "name", "topic"),
    "text": ("content", "text", "body", "html", "detail", "desc", "description", "summary",
             "abstract", "intro", "digest"),
    "account": ("account", "nickname", "username", "source", "medianame", "publisher"),
    "author": ("author", "writer", "editor"),
    "published": ("published", "publishtime", "pubtime", "pubdate", "publishdate", "ctime",
                  "createtime", "createdat", "createdate", "time", "date", "addtime", "updatetime"),
    "images": ("images", "imgs", "pics", "pictures", "image", "img", "pic", "cover"),
}  # fmt: skip


def api_proposal(capture: Capture) -> Proposal | None:
    """For a JSON answer; None for other bytes; LookError for JSON without a list of entries."""
    content_type, url = content_type_of(capture), capture.final_url
    decoded = decode(capture.body, content_type)
    text = decoded.text.lstrip("\ufeff \t\r\n")
    if text.startswith("<") or not (text[:1] in {"[", "{"} or "json" in (content_type or "")):
        return None
    try:
        answer = read_answer(text)
    except AnswerFault as fault:
        if "json" in (content_type or ""):
            raise LookError(f"{url}: {fault}") from None
        return None
    tried = (_rule(path, found) for path, found in _lists(answer, "", 0))
    rules = [one for one in tried if one is not None]
    if not rules:
        raise LookError(f"{url}: it is JSON, but in it is no list of entries with titles or texts")
    rule, entries = max(rules, key=lambda pair: len(pair[1]) * len(_named(pair[0])))
    samples = tuple(Link(one.url or one.key, one.title) for one in entries[:MAX_SAMPLES])
    where = f"at {rule.items}" if rule.items else "which is the answer itself"
    return Proposal(
        url, "api", f"{host_of(url)} 接口",
        (f"it is JSON with {many(len(entries), 'entry')} {where}",), samples, len(entries),
        api=rule, encoding=said_encoding(decoded, capture.body, content_type),
        doubts=_doubts(rule),
    )  # fmt: skip


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Every list of objects with its dotted path."""
    if isinstance(value, list):
        if sum(isinstance(one, dict) for one in value[:50]) >= _MIN_ENTRIES:
            yield path, value
    elif isinstance(value, dict) and depth < _DEPTH:
        for key, child in list(value.items())[:_MOST_LISTS]:
            yield from _lists(child, f"{path}.{key}" if path else key, depth + 1)


def _rule(path: str, found: list[Any]) -> tuple[ApiRule, list[ApiEntry]] | None:
    first = next(one for one in found if isinstance(one, dict))
    fields = {name: key for name, keys in _NAMES.items() if (key := _key(first, keys))}
    try:
        named = ApiFields(**fields)
        follow = "text" not in fields and "url" in fields
        rule = ApiRule(items=path or None, fields=named, follow=follow)
    except ValueError:  # too little to tell entries apart or to read, or a key with odd signs
        return None
    read = read_entries(found, rule, "http://entry.invalid/")
    entries = [one for one in read if isinstance(one, ApiEntry)]
    return (rule, entries) if len(entries) >= _MIN_ENTRIES else None


def _key(entry: dict[str, Any], names: tuple[str, ...]) -> str | None:
    plain = {str(key).lower().replace("_", "").replace("-", ""): str(key) for key in entry}
    return next((plain[name] for name in (one.replace("_", "") for one in names)
                 if name in plain), None)  # fmt: skip


def _named(rule: ApiRule) -> dict[str, str]:
    return rule.fields.model_dump(exclude_none=True)


def _doubts(rule: ApiRule) -> tuple[str, ...]:
    doubts = ["fields are guessed by their names; preview shows what is read of them",
              "api.paging is left out: say how the next answer is asked for"]  # fmt: skip
    if not rule.follow and rule.fields.text is None:
        doubts.append("no text was found beside the titles")
    return tuple(doubts)
