"""The settings of an installation: `adwatch.yml` as one frozen object."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from alerts.channel_config import ChannelConfig
from core.target import Duration, Record, Text


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise ValueError(f"{text!r} is not a network like 10.1.0.0/16 or an address") from None


def _zone(text: str) -> str:
    try:
        return str(ZoneInfo(text))
    except (OSError, ValueError):  # unknown names raise ZoneInfoNotFoundError, a KeyError's child
        raise ValueError(f"{text!r} is not a time zone like Asia/Shanghai") from None
    except KeyError:
        raise ValueError(f"{text!r} is not a time zone like Asia/Shanghai") from None


def _database(text: str) -> str:
    if text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return text
    meant = " (did you mean 'postgresql+psycopg://…'?)" if text.startswith("postgres") else ""
    raise ValueError(
        f"{text.partition(':')[0]!r} is not a database that is spoken; allowed are "
        f"sqlite:///FILE and postgresql+psycopg://USER@HOST/NAME{meant}"
    )


Network = Annotated[str, AfterValidator(_network)]
Zone = Annotated[str, AfterValidator(_zone)]
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class NetworkRules(Record):
    """What crawls may reach. Private addresses are refused unless a network is allowed here."""

    allow: tuple[Network, ...] = Field((), description="private networks that may be crawled")
    verify_tls: bool = Field(True, description="refuse sites whose certificate does not verify")
    max_crawls: int = Field(2, ge=1, le=32, description="crawls under way at once")


class DigestSchedule(Record):
    """When the digest goes out, and in which language."""

    at: ClockTime = Field("08:40", description="time of day at which it goes out")
    days: Literal["workdays", "every_day"] = Field("every_day", description="on which days")
    language: Literal["zh", "en"] = Field("zh", description="language of the digest")


class Schedule(Record):
    """Defaults of the service's clock."""

    every: Duration = Field("6h", description="for targets that name no every or cron")
    digest: DigestSchedule = DigestSchedule()


class Routes(Record):
    """Which channels, by name, hear what."""

    digest: tuple[Text, ...] = Field((), description="channels that get the daily digest")
    operator: tuple[Text, ...] = Field((), description="channels that hear of faults")


class Alerts(Record):
    """Channels by name, and who hears what through them."""

    channels: dict[str, ChannelConfig] = Field(
        default_factory=dict, description="channels by a name of your own; keys below"
    )
    routes: Routes = Routes()

    @model_validator(mode="after")
    def _routes_name_channels(self) -> Self:
        for route in ("digest", "operator"):
            for name in getattr(self.routes, route):
                if name not in self.channels:
                    known = ", ".join(sorted(self.channels)) or "none is defined"
                    raise ValueError(
                        f"routes.{route} names the channel {name!r}; channels are: {known}"
                    )
        return self


class Jurisdiction(Record):
    """Whose territory this is. Where places are named, a target's region must be one of them."""

    office: Text | None = Field(None, description="the office's name")
    places: tuple[Text, ...] = Field((), description="what labels.region may be")


class Settings(Record):
    """`adwatch.yml`. Relative paths count from the folder it stands in."""

    contact: Text | None = Field(
        None, description="how a site's owner reaches you; sent in the user agent"
    )
    storage: Annotated[Text, AfterValidator(_database)] = Field(
        "sqlite:///adwatch.db", description="database URL: SQLite or PostgreSQL"
    )
    evidence: Text = Field("evidence", description="folder of the evidence files")
    digests: Text = Field("digests", description="folder the digests are written to")
    timezone: Zone = Field("Asia/Shanghai", description="zone of days and clock times")
    network: NetworkRules = NetworkRules()
    schedule: Schedule = Schedule()
    alerts: Alerts = Alerts()
    jurisdiction: Jurisdiction = Jurisdiction()
    review_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = Field(
        None, description="address of the review page, for links in the digest"
    )

    def storage_url(self, folder: Path) -> str:
        """The database URL with a relative SQLite path resolved against `folder`."""
        prefix = "sqlite:///"
        if not self.storage.startswith(prefix):
            return self.storage
        return f"{prefix}{(folder / self.storage.removeprefix(prefix)).resolve()}"
