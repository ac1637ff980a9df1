"""What any process that fetches is told; light to import, so that commands start fast."""

from pydantic import BaseModel, ConfigDict

from core.target import Target


class FetchOrder(BaseModel):
    """A target and how to reach it, handed over on stdin so that nothing of it shows in `ps`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Target
    contact: str | None
    network_allow: tuple[str, ...]
    verify_tls: bool
    chromium: str | None
