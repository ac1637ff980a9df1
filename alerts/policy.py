"""Who hears of a finding, through what, and from when on: pure, from values alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.route_config import AtOnceRoute, Choice, QuietHours
from core.ledger import Finding
from core.records import Level


@dataclass(frozen=True, slots=True)
class Heard:
    """One channel that is to hear of a finding."""

    channel: str
    audience: str
    in_quiet_hours: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What a choice looks at: a finding's level and patterns, where it stands."""

    level: Level
    patterns: tuple[str, ...]
    target_ids: tuple[str, ...]


def subject_of(finding: Finding) -> Subject:
    """What choices look at in a finding."""
    targets = dict.fromkeys(place.target_id for place in finding.places)
    return Subject(finding.level, finding.patterns, tuple(targets))


def is_chosen(choice: Choice, subject: Subject, regions: Mapping[str, str | None]) -> bool:
    """Whether the choice takes it; `regions` has each target's region by its id."""
    if subject.level < choice.from_level:
        return False
    here = {regions.get(target_id) for target_id in subject.target_ids}
    return (
        (not choice.patterns or not set(choice.patterns).isdisjoint(subject.patterns))
        and (not choice.targets or not set(choice.targets).isdisjoint(subject.target_ids))
        and (not choice.regions or not here.isdisjoint(choice.regions))
    )


def covers(choice: Choice, target_id: str, regions: Mapping[str, str | None]) -> bool:
    """Whether a target is one of those that the choice looks at."""
    return (not choice.targets or target_id in choice.targets) and (
        not choice.regions or regions.get(target_id) in choice.regions
    )


def hearers(
    routes: Sequence[AtOnceRoute], subject: Subject, regions: Mapping[str, str | None]
) -> tuple[Heard, ...]:
    """Each channel once, by the first route that leads to it."""
    heard: dict[str, Heard] = {}
    for route in routes:
        if is_chosen(route, subject, regions):
            for channel in route.channels:
                heard.setdefault(channel, Heard(channel, route.audience, route.in_quiet_hours))
    return tuple(heard.values())


def chosen(
    findings: Iterable[Finding], choices: Sequence[Choice], regions: Mapping[str, str | None]
) -> tuple[Finding, ...]:
    """The findings that some choice takes, in their order; without choices, all of them."""
    return tuple(
        one
        for one in findings
        if not choices or any(is_chosen(choice, subject_of(one), regions) for choice in choices)
    )


def due_at(quiet: QuietHours | None, now: datetime, zone: str) -> datetime:
    """`now`, or in quiet hours the moment they end, in UTC."""
    if quiet is None:
        return now
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time()
    if not quiet.contains(clock):
        return now
    ends_tomorrow = quiet.begins > quiet.ends and clock >= quiet.begins
    day = local.date() + timedelta(days=int(ends_tomorrow))
    return datetime.combine(day, quiet.ends, local.tzinfo).astimezone(UTC)
