"""What a process that judges a key range of a rescan is told."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, slots=True)
class RescanPart:
    """The observations of a rescan after one id, until another."""

    rescan_id: int
    after_id: int
    until_id: int


class RescanOrder(BaseModel):
    """A part, and with what; `media` says by target where its texts stand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: RescanPart
    storage_url: str
    media: dict[str, str]
    processes: int
