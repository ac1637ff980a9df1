"""The lag that metrics show: what is due, and may begin, and has not begun."""

from datetime import UTC, datetime

from core.hours import CrawlHours
from core.target import Target
from crawler.config import Settings
from crawler.metrics import _targets
from storage.marks import TargetMark

NIGHTS = {"windows": (CrawlHours(start="22:00", end="06:00"),)}


def lag(hour, **fields):
    """Hours of lag on the 20th at that hour in Shanghai; it last began on the 19th at 03:00."""
    target = Target(
        id="town", title="t", spider="article", start_urls=("https://a.example.cn/",), every="6h",
        **fields,
    )  # fmt: skip
    began = datetime(2026, 11, 18, 19, 0, tzinfo=UTC)
    mark = TargetMark(started_at=began, succeeded_at=None, raised=None)
    now = (
        datetime(2026, 11, 20, hour - 8, 0, tzinfo=UTC)
        if hour >= 8
        else datetime(2026, 11, 19, hour + 16, 0, tzinfo=UTC)
    )
    families = _targets({"town": mark}, [target], Settings(contact="mailto:a@example.cn"), now)
    (shown,) = (one for one in families if one.name == "adwatch_schedule_lag_seconds")
    return shown.samples[0].value / 3600


def test_without_hours_the_lag_counts_from_the_missed_slot():
    assert 24 < lag(12) < 33


def test_outside_of_its_hours_nothing_lags_and_within_them_it_counts_from_their_beginning():
    assert lag(12, **NIGHTS) == 0
    assert lag(23, **NIGHTS) == 1
    assert lag(3, **NIGHTS) == 5
