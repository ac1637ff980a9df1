"""Saved pages of a target with what was read of them: kept under targets/golden/<id>/."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from core.errors import LookError, ReadingError
from core.records import Capture, Hints, PageState
from core.target import Target
from crawler.capture_document import capture_document, capture_from
from crawler.list_reading import has_lists, read_list
from pipelines.read_page import read_page
from spiders.first_address import first_address

GOLDEN_FOLDER = "golden"
MOST_BYTES = 64 * 1024 * 1024
Role = Literal["list", "page"]
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page as it came, and whether it is read as a list or as content."""

    role: Role
    capture: Capture
    title_hint: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is read otherwise than its golden record says, in words."""

    page: str
    field: str
    was: str
    now: str


def read_record(target: Target, saved: SavedPage, zone: str) -> Record:
    """What is read of a saved page today, in JSON's types."""
    if saved.role == "list":
        reading = read_list(target, saved.capture)
        return {
            "links": [f"{url} {hints.title}".strip() for url, hints in reading.items],
            "further": list(reading.further),
            "drops": list(reading.drops),
        }
    try:
        page = read_page(saved.capture, target.spider, Hints(title=saved.title_hint))
    except ReadingError as error:
        return {"state": str(error).partition(":")[0]}
    day = page.published_at.astimezone(ZoneInfo(zone)).date() if page.published_at else None
    return {
        "state": page.state.value,
        "title": page.title,
        "account": page.account,
        "published_day": day.isoformat() if day else None,
        "body_chars": len(page.text),
        "body_sha256": sha256(page.text.encode()).hexdigest(),
        "encoding": page.encoding,
        "links": [f"{link.url} {link.text}".strip() for link in page.links],
    }


def saved_pages(target: Target, captures: Sequence[Capture]) -> tuple[SavedPage, ...]:
    """Which role each capture has: the first is a start address where `target` has lists."""
    found = []
    titles: dict[str, str] = {}
    for number, capture in enumerate(captures):
        starts = (*target.start_urls, first_address(target))
        is_list = number == 0 and has_lists(target) and capture.url in starts
        if is_list:
            reading = read_list(target, capture)
            is_list = not reading.is_content
            titles = {url: hints.title for url, hints in reading.items} if is_list else {}
            found.append(SavedPage("list" if is_list else "page", capture))
        else:
            found.append(SavedPage("page", capture, titles.get(capture.url, "")))
    return tuple(found)


def refuse_unfit(saved: SavedPage, record: Record) -> None:
    """LookError where a record would hold a target to a page that is not what it watches."""
    url = saved.capture.url
    if saved.role == "list" and not record["links"] and not record["further"]:
        why = ", ".join(record["drops"]) or "no links"
        raise LookError(f"{url}: nothing is found on this list ({why}); nothing was saved")
    if saved.role == "page" and record["state"] != PageState.OK.value:
        raise LookError(f"{url}: the page is called {record['state']}; nothing was saved")


def golden_folder(targets: Path, target_id: str) -> Path:
    """Where a target's saved pages are."""
    return targets / GOLDEN_FOLDER / target_id


def write_saved(folder: Path, saved: SavedPage, record: Record) -> Path:
    """Keep the page's bytes and its record; the record comes last, so that each has its page."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "role": saved.role,
        "title_hint": saved.title_hint,
        "capture": capture_document(saved.capture),
        "body": f"{saved.role}.body",
        "record": record,
    }
    _replace(folder / f"{saved.role}.body", saved.capture.body)
    path = folder / f"{saved.role}.json"
    text = json.dumps(document, ensure_ascii=False, indent=1)
    _replace(path, f"{text}\n".encode("utf-8", "replace"))
    return path


def load_saved(folder: Path) -> dict[str, tuple[SavedPage, Record]]:
    """Saved pages and golden records by name; LookError where a file is not what was written."""
    found: dict[str, tuple[SavedPage, Record]] = {}
    for role in ("list", "page"):
        path = folder / f"{role}.json"
        if not path.exists():
            continue
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            capture = capture_from(document["capture"], _read(folder / f"{role}.body"))
            record = dict(document["record"])
            hint = str(document["title_hint"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LookError(f"{path}: not a golden record ({error}); save the page anew") from None
        found[role] = SavedPage(role, capture, hint), record
    return found


def differences(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    """Each field that differs; of lists, what is gone and what is new."""
    for field in dict.fromkeys((*was, *now)):
        before, after = was.get(field), now.get(field)
        if before == after:
            continue
        if isinstance(before, list) and isinstance(after, list):
            yield Difference(name, field, *_lists_apart(before, after))
        else:
            yield Difference(name, field, _shown(before), _shown(after))


def _lists_apart(before: list[str], after: list[str]) -> tuple[str, str]:
    gone = [item for item in before if item not in set(after)]
    new = [item for item in after if item not in set(before)]
    if not gone and not new:
        return f"{len(before)} in that order", f"{len(after)} in another order or number"
    return _some(len(before), "gone", gone), _some(len(after), "new", new)


def _some(total: int, word: str, items: list[str]) -> str:
    if not items:
        return f"{total}, none {word}"
    shown = "; ".join(_shown(item) for item in items[:3])
    more = f"; and {len(items) - 3} more" if len(items) > 3 else ""  # noqa: PLR2004 (three are shown)
    return f"{total}, {len(items)} {word}: {shown}{more}"


def _shown(value: Any) -> str:
    text = "nothing" if value in (None, "", []) else str(value)
    return text if len(text) <= 120 else f"{text[:117]}…"  # noqa: PLR2004 (a screen line)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ValueError(f"{path.name} is larger than {MOST_BYTES} bytes")
    return body


def _replace(path: Path, content: bytes) -> None:
    """Write in one step: a command that is interrupted leaves the file as it was."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(content)
    new.replace(path)
