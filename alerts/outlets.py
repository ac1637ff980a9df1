"""What the configuration says of sending, as the sender needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from alerts.channel import Channel
from alerts.finding_message import Surroundings
from alerts.route_config import QuietHours, Routes


@dataclass(frozen=True, slots=True)
class Outlets:
    """What the configuration says of sending; `regions` has each target's region by its id."""

    channels: Mapping[str, Channel]
    routes: Routes
    quiet: QuietHours | None
    burst: int
    give_up_after: timedelta
    regions: Mapping[str, str | None]
    surroundings: Surroundings


def others(outlets: Outlets, channel: str) -> list[str]:
    """Who hears that a channel failed: the operator's other channels, else any other one."""
    operator = [name for name in outlets.routes.operator if name != channel]
    return operator or [name for name in outlets.channels if name != channel][:1]
