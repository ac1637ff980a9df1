"""What a crawl process is told; light to import, so that commands start fast."""

from pydantic import BaseModel, ConfigDict

from core.target import Target


class CrawlOrder(BaseModel):
    """Everything a crawl needs, handed over on stdin so that nothing of it shows in `ps`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: Target
    run_id: int
    storage_url: str
    evidence: str
    cache: str
    contact: str | None
    network_allow: tuple[str, ...]
    verify_tls: bool
    chromium: str | None
