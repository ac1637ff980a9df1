"""What an installation's configuration says of sending, for whoever empties the outbox."""

from alerts.channels import build_channel
from alerts.finding_message import Surroundings
from alerts.outlets import Outlets
from core.records import Level
from core.target import IMPORTS_ID, IMPORTS_TITLE, parse_duration
from crawler.config import Settings
from crawler.workspace import Workspace


def build_outlets(workspace: Workspace) -> Outlets:
    """The channels, built once: some keep a token between messages."""
    settings = workspace.ready()
    alerts = settings.alerts
    return Outlets(
        channels={
            name: build_channel(name, config, workspace.folder)
            for name, config in alerts.channels.items()
        },
        routes=alerts.routes,
        quiet=alerts.quiet,
        burst=alerts.burst,
        give_up_after=parse_duration(alerts.give_up_after),
        regions=regions_of(workspace),
        surroundings=Surroundings(
            {IMPORTS_ID: IMPORTS_TITLE} | {target.id: target.title for target in workspace.targets},
            settings.timezone,
            settings.review_url,
        ),
    )


def regions_of(workspace: Workspace) -> dict[str, str | None]:
    """Each target's region by its id."""
    return {target.id: target.labels.region for target in workspace.targets}


def told_from(settings: Settings) -> Level:
    """The lowest level that some route wants to hear of at once."""
    levels = (route.from_level for route in settings.alerts.routes.at_once)
    return min(levels, default=Level.HIGH)
