"""The targets of an installation: every file read, every fault found, none hiding another."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import re2
from cssselect import HTMLTranslator, SelectorError

from core.target import Target
from crawler.validation import did_you_mean, fault_at, validate
from crawler.words_file import with_words_of_file
from crawler.yaml_source import Fault, Source, read_yaml
from spiders.ad_rules import list_fault


def load_targets(
    folder: Path, places: tuple[str, ...] = ()
) -> tuple[tuple[Target, ...], tuple[Fault, ...]]:
    """All valid targets under `folder` in the order of their ids, and all faults of the others.

    `places`, where given, are the regions that `labels.region` may name.
    """
    files = sorted(path for path in folder.glob("*") if path.suffix in {".yml", ".yaml"})
    targets: list[Target] = []
    faults: list[Fault] = []
    seen: dict[str, Path] = {}
    for path in files:
        shown = f"{folder.name}/{path.name}"
        twin = seen.setdefault(path.stem.lower(), path)
        if twin is not path:
            what = f"the id {path.stem!r} is also that of {twin.name}; rename one of the two"
            faults.append(Fault(shown, 1, 1, path.stem, what))
            continue
        target, wrong = load_target(path, shown, places)
        faults.extend(wrong)
        if target is not None and not wrong:
            targets.append(target)
    return tuple(targets), tuple(faults)


def load_target(
    path: Path, shown: str, places: tuple[str, ...]
) -> tuple[Target | None, tuple[Fault, ...]]:
    """The target that the file at `path` says, named `shown` in its faults."""
    source, broken = read_yaml(path, shown)
    if source is None:
        return None, broken
    if source.data is None:
        what = "is empty; title, spider and start_urls are required"
        return None, (Fault(shown, 1, 1, path.stem, what), *broken)
    if not isinstance(source.data, dict):
        return None, (Fault(shown, 1, 1, path.stem, "not a mapping of keys to values"), *broken)
    data: dict[str, Any] = {"id": path.stem, **source.data}
    data, wordless = with_words_of_file(data, source, path)
    if wordless:
        return None, (*broken, *wordless)
    target, faults = validate(Target, data, source, path.stem)
    if source.data.get("id", path.stem) != path.stem:
        what = f"is not the file's name; the id of {path.name} is {path.stem!r}, leave it out"
        faults = (*faults, fault_at(source, path.stem, ("id",), what))
    return target, (*broken, *faults, *_deep_faults(source, path, places))


def _deep_faults(source: Source, path: Path, places: tuple[str, ...]) -> list[Fault]:
    """Faults inside well-formed values: selectors, patterns, cron lines, regions, files."""
    data, stem = source.data, path.stem
    checks = (
        (("links", "css"), _selector_fault),
        (("next", "css"), _selector_fault),
        (("links", "allow"), _pattern_fault),
        (("links", "deny"), _pattern_fault),
        (("cron",), cron_fault),
        (("labels", "region"), lambda text: _region_fault(text, places)),
    )
    found: list[Fault] = []
    for loc, check in checks:
        value: Any = data
        for part in loc:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str) and (what := check(value)):
            found.append(fault_at(source, stem, loc, what))
    return found + _list_faults(source, path)


def _list_faults(source: Source, path: Path) -> list[Fault]:
    """Lists of ad rules that cannot be read; relative names count from the installation."""
    rule = source.data.get("ads")
    names = rule.get("lists") if isinstance(rule, dict) else None
    found: list[Fault] = []
    for number, name in enumerate(names if isinstance(names, list | tuple) else ()):
        what = list_fault(path.parent.parent / name) if isinstance(name, str) else None
        if what:
            loc = ("ads", "lists", number)
            found.append(fault_at(source, path.stem, loc, f"{name!r} {what}"))
    return found


def _selector_fault(text: str) -> str | None:
    try:
        HTMLTranslator().css_to_xpath(text.replace("::attr(href)", "").replace("::text", ""))
    except (SelectorError, RecursionError) as error:
        return f"{text!r} is not a CSS selector: {error}"
    return None


def _pattern_fault(text: str) -> str | None:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(text, options=options)
    except re2.error as error:
        message = error.args[0].decode() if isinstance(error.args[0], bytes) else error
        return f"{text!r} is not an RE2 pattern: {message}"
    if compiled.groups > 20:  # noqa: PLR2004 (nobody writes that by hand)
        return f"{text!r} has more than 20 groups"
    return None


def cron_fault(text: str) -> str | None:
    """What is wrong with a cron line, or None. Days of the week are names only.

    Cron programs disagree on whether 0 is Sunday or Monday, so numbers there are refused.
    """
    fields = text.split()
    if len(fields) != 5:  # noqa: PLR2004 (minute hour day month weekday)
        return f"{text!r} has {len(fields)} fields; cron has five: minute hour day month weekday"
    if any(char.isdigit() for char in fields[4].replace("*/", "")):
        return "write days of the week as names: mon tue wed thu fri sat sun"
    from croniter import CroniterBadDateError, croniter  # noqa: PLC0415 (only where a target has a cron line)

    if not croniter.is_valid(text):
        return f"{text!r} is not a cron line like '30 2 * * sun'"
    try:
        croniter(text, datetime(2026, 1, 1, tzinfo=UTC)).get_next()
    except CroniterBadDateError:
        return f"{text!r} names a day that never comes"
    return None


def _region_fault(text: str, places: tuple[str, ...]) -> str | None:
    if not places or text in places:
        return None
    known = ", ".join(places)
    return f"{text!r} is not a place of the jurisdiction: {known}{did_you_mean(text, places)}"
