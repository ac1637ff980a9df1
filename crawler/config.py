"""The settings of an installation: `adwatch.yml` as one frozen object."""

from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from alerts.channel_config import ChannelConfig
from alerts.route_config import QuietHours, Routes
from core.config_record import HttpUrl, Record, Text
from core.hours import ClockTime, CrawlHours
from core.target import Catchup, Duration, parse_duration
from crawler.disk_budget import parse_size
from storage.evidence_objects import SCHEME, S3Access

MAX_PORTS = 65_536


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


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"{value!r} is not a day like 2027-02-08") from None


Day = Annotated[date, BeforeValidator(_day)]


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if text and not (host and port.isascii() and port.isdigit() and 0 < int(port) < MAX_PORTS):
        raise ValueError(f"{text!r} is not an address and a port like 127.0.0.1:8500")
    return text


Listen = Annotated[str, AfterValidator(_listen)]
LogFormat = Literal["text", "json"]
Network = Annotated[str, AfterValidator(_network)]
Zone = Annotated[str, AfterValidator(_zone)]


class NetworkRules(Record):
    """What crawls may reach. Private addresses are refused unless a network is allowed here."""

    allow: tuple[Network, ...] = Field((), description="private networks that may be crawled")
    verify_tls: bool = Field(True, description="refuse sites whose certificate does not verify")
    max_crawls: int = Field(2, ge=1, le=32, description="crawls under way at once")


class DigestSchedule(Record):
    """When the digest goes out, and in which language."""

    at: ClockTime = Field("08:40", description="time of day at which it goes out")
    days: Literal["workdays", "every_day"] = Field(
        "workdays", description="on which days; workdays are those of China's calendar"
    )
    language: Literal["zh", "en"] = Field("zh", description="language of the digest")


class Schedule(Record):
    """Defaults of the service's clock."""

    every: Duration = Field("6h", description="for targets that name no every or cron")
    catchup: Catchup = Field(
        "latest",
        description="which slots that were missed are crawled later: none, the latest, or all",
    )
    windows: tuple[CrawlHours, ...] = Field(
        (), description="hours in which crawls may begin; none named: at any time"
    )
    blackout: tuple[CrawlHours, ...] = Field((), description="hours in which no crawl begins")
    digest: DigestSchedule = DigestSchedule()


class Calendar(Record):
    """Corrections of the calendar of workdays; they go before what is built in."""

    off: tuple[Day, ...] = Field((), description="days off, like 2027-02-05")
    work: tuple[Day, ...] = Field((), description="weekends that are worked, like 2027-02-14")

    @model_validator(mode="after")
    def _off_or_work(self) -> Self:
        if both := sorted(set(self.off) & set(self.work)):
            raise ValueError(f"{both[0]} stands under off and under work")
        return self


class Ping(Record):
    """An address that is asked while all is well; silence there means that the service is dead."""

    url: HttpUrl = Field(description="asked by GET after a tick that went well")
    every: Duration = Field("5m", description="how often at most")


class Alerts(Record):
    """Channels by name, and who hears what through them."""

    channels: dict[str, ChannelConfig] = Field(
        default_factory=dict, description="channels by a name of your own; keys below"
    )
    routes: Routes = Routes()
    quiet: QuietHours | None = Field(
        None, description="hours in which findings and faults wait until they end"
    )
    burst: int = Field(
        10, ge=1, le=1_000, description="more findings a minute and channel become one summary"
    )
    give_up_after: Duration = Field("3d", description="how long a delivery is tried again")
    stuck_after: Duration = Field(
        "1h", description="the operator hears of a queue whose oldest message is overdue so long"
    )
    min_free_gib: float = Field(
        2.0, ge=0, le=100_000, description="the operator hears when a disk has less space free"
    )
    ping: Ping | None = Field(None, description="a dead man's switch elsewhere")


class Http(Record):
    """Where `adwatch serve` answers /healthz, /readyz and /metrics; without a password."""

    listen: Listen = Field(
        "", description="address and port, such as 127.0.0.1:8500; empty: nowhere"
    )


class Jurisdiction(Record):
    """Whose territory this is. Where places are named, a target's region must be one of them."""

    office: Text | None = Field(None, description="the office's name")
    places: tuple[Text, ...] = Field((), description="what labels.region may be")


class S3Config(Record):
    """An S3-compatible store of evidence."""

    endpoint: HttpUrl | None = Field(None, description="its address; left out: Amazon's own")
    region: Text = Field("us-east-1", description="its region")
    key: SecretStr = Field(description="the access key's id")
    secret: SecretStr = Field(description="the access key's secret")


def _as_long_as_ads_are_kept(text: str) -> str:
    if parse_duration(text) < ADS_KEPT:
        raise ValueError(
            f"{text!r} is too short: 互联网广告管理办法 has advertising kept for at least three"
            f" years; allowed is {ADS_KEPT.days}d or more"
        )
    return text


ADS_KEPT = timedelta(days=3 * 365 + 1)
LongDuration = Annotated[Duration, AfterValidator(_as_long_as_ads_are_kept)]


class Retention(Record):
    """How long pages are kept after they were last seen. A finding keeps its pages for good."""

    harmless: Duration = Field("90d", description="pages that nothing was found on")
    suspect: LongDuration = Field("1096d", description="pages that were judged suspect; ≥ 1096d")
    ads: LongDuration = Field("1096d", description="advertisements, landing pages; ≥ 1096d")


def _size(text: str) -> str:
    parse_size(text)
    return text


class DiskRules(Record):
    """Crawls stop before the disk is full, and go on at their next slot once there is space."""

    min_free: Annotated[str, AfterValidator(_size)] = Field(
        "1GB", description="no crawl starts or goes on with less space free than this"
    )


class Settings(Record):
    """`adwatch.yml`. Relative paths count from the folder it stands in."""

    contact: Text | None = Field(
        None, description="how a site's owner reaches you; sent in the user agent"
    )
    storage: Annotated[Text, AfterValidator(_database)] = Field(
        "sqlite:///adwatch.db", description="database URL: SQLite or PostgreSQL"
    )
    workers: Literal["local", "procrastinate"] = Field(
        "local", description="who crawls: the service itself, or `adwatch worker`s on any machine"
    )
    evidence: Text = Field(
        "evidence", description="folder of the evidence files, or s3://BUCKET/FOLDER"
    )
    s3: S3Config | None = Field(None, description="how an s3:// store is reached")
    digests: Text = Field("digests", description="folder the digests are written to")
    timezone: Zone = Field("Asia/Shanghai", description="zone of days and clock times")
    network: NetworkRules = NetworkRules()
    schedule: Schedule = Schedule()
    calendar: Calendar = Calendar()
    alerts: Alerts = Alerts()
    http: Http = Http()
    logs: LogFormat = Field("text", description="form of the logs: lines or JSON objects")
    jurisdiction: Jurisdiction = Jurisdiction()
    retention: Retention = Retention()
    disk: DiskRules = DiskRules()
    review_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = Field(
        None, description="address of the review page, for links in the digest"
    )

    def storage_url(self, folder: Path) -> str:
        """The database URL with a relative SQLite path resolved against `folder`."""
        prefix = "sqlite:///"
        if not self.storage.startswith(prefix):
            return self.storage
        return f"{prefix}{(folder / self.storage.removeprefix(prefix)).resolve()}"

    def logged_as(self, form: LogFormat | None) -> Self:
        """The settings with another form of the logs, where one is given."""
        return self if form is None else self.model_copy(update={"logs": form})

    def evidence_place(self, folder: Path) -> str:
        """The evidence's address, or its folder resolved against `folder`."""
        return self.evidence if self.evidence.startswith(SCHEME) else str(folder / self.evidence)


def s3_access(settings: Settings) -> S3Access | None:
    """The keys of the evidence store, revealed."""
    s3 = settings.s3
    if s3 is None:
        return None
    return S3Access(s3.region, s3.key.get_secret_value(), s3.secret.get_secret_value(), s3.endpoint)
