"""Routes that name what does not exist: a channel, a target, a region, a pattern."""

from collections.abc import Collection, Iterator

from alerts.route_config import Choice
from core.patterns import pattern_ids
from crawler.config import Settings
from crawler.validation import did_you_mean, fault_at
from crawler.yaml_source import Fault, Loc, Source

_ROUTES: Loc = ("alerts", "routes")
SHOWN_NAMES = 12


def route_faults(settings: Settings, targets: Collection[str], source: Source) -> tuple[Fault, ...]:
    """Every name in a route that leads nowhere, with its place; `targets` are all known ids."""
    return tuple(
        fault_at(source, "adwatch", loc, what) for loc, what in _faults(settings, targets, source)
    )


def _faults(
    settings: Settings, targets: Collection[str], source: Source
) -> Iterator[tuple[Loc, str]]:
    routes, channels = settings.alerts.routes, settings.alerts.channels
    for number, name in enumerate(routes.operator):
        if name not in channels:
            yield (*_ROUTES, "operator", number), _no_channel("operator", name, channels)
    for route, choices in (("digest", routes.digest), ("at_once", routes.at_once)):
        for number, choice in enumerate(choices):
            loc: Loc = (*_ROUTES, route, number)
            for at, name in enumerate(choice.channels):
                if name not in channels:
                    inner: Loc = (*loc, "channels", at)
                    place = inner if inner in source.positions else loc
                    yield place, _no_channel(route, name, channels)
            yield from _choice_faults(choice, loc, settings, targets)


def _choice_faults(
    choice: Choice, loc: Loc, settings: Settings, targets: Collection[str]
) -> Iterator[tuple[Loc, str]]:
    for key, named, known in (
        ("patterns", choice.patterns, pattern_ids()),
        ("targets", choice.targets, targets),
        ("regions", choice.regions, settings.jurisdiction.places),
    ):
        if key == "regions" and not known:
            continue  # without places named, a region may be any word
        for at, name in enumerate(named):
            if name not in known:
                hint = did_you_mean(name, known)
                yield (*loc, key, at), f"there is no {key.removesuffix('s')} {name!r}{hint}"


def _no_channel(route: str, name: str, channels: Collection[str]) -> str:
    known = ", ".join(sorted(channels)[:SHOWN_NAMES]) or "none is defined"
    hint = did_you_mean(name, channels)
    return f"routes.{route} names the channel {name!r}; channels are: {known}{hint}"
