"""What adwatch.yml says of who hears what, and when."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from core.config_record import Record, Text
from core.hours import Hours
from core.records import Level

ALL = "all"
Audience = Annotated[str, Field(pattern=r"^[\w-]{1,40}$")]


class Choice(Record):
    """Which findings; what is left out chooses all."""

    level: Literal["medium", "high"] = Field("medium", description="this level and above")
    regions: tuple[Text, ...] = Field((), description="labels.region of the targets")
    patterns: tuple[Text, ...] = Field((), description="violation patterns by id")
    targets: tuple[Text, ...] = Field((), description="targets by id")
    audience: Audience = Field(ALL, description="whom it is for; names a digest of its own")
    channels: tuple[Text, ...] = Field(min_length=1, description="channels that hear of them")

    @property
    def from_level(self) -> Level:
        """The lowest level that is told."""
        return Level.HIGH if self.level == "high" else Level.MEDIUM


class AtOnceRoute(Choice):
    """Findings that are told as soon as they are stored."""

    level: Literal["medium", "high"] = Field("high", description="this level and above")
    in_quiet_hours: bool = Field(False, description="true: also in quiet hours")


class DigestChoice(Choice):
    """A digest of its own for an audience, with the findings that were chosen."""

    @model_validator(mode="after")
    def _a_part_has_an_audience(self) -> Self:
        chosen = self.level != "medium" or self.regions or self.patterns or self.targets
        if chosen and self.audience == ALL:
            raise ValueError("a digest with some of the findings needs an audience: of its own")
        return self


def _choice_of_channel(value: Any) -> Any:
    return {"channels": (value,)} if isinstance(value, str) else value


DigestRoute = Annotated[
    DigestChoice,
    BeforeValidator(_choice_of_channel, json_schema_input_type=Text | DigestChoice),
]


class Routes(Record):
    """Which channels, by name, hear what."""

    digest: tuple[DigestRoute, ...] = Field(
        (), description="channels that get the daily digest, or choices with an audience"
    )
    at_once: tuple[AtOnceRoute, ...] = Field((), description="findings that are told at once")
    operator: tuple[Text, ...] = Field((), description="channels that hear of faults")


class QuietHours(Hours):
    """When nobody is disturbed: what comes up meanwhile is sent when they end."""
