"""Hours of the day, as a configuration names them."""

from datetime import time
from typing import Annotated, Self

from pydantic import Field, model_validator

from core.config_record import Record

ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Hours(Record):
    """A stretch of the day; one that ends before it starts goes over midnight."""

    start: ClockTime = Field(description="a time of day like '22:00'")
    end: ClockTime = Field(description="a time of day like '06:00', on the next day if earlier")

    @property
    def begins(self) -> time:
        """When the stretch begins."""
        return time.fromisoformat(self.start)

    @property
    def ends(self) -> time:
        """When it is over; this moment is outside already."""
        return time.fromisoformat(self.end)

    def contains(self, clock: time) -> bool:
        """Whether the time of day lies in it."""
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


class CrawlHours(Hours):
    """Hours of crawls."""

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.start == self.end:
            raise ValueError("start and end are the same time, which is no stretch of the day")
        return self
