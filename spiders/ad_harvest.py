"""What is asked of the browser about a page's ads, and what comes of it."""

from collections import Counter
from dataclasses import dataclass, field

from core.records import Ad
from spiders.ad_rules import AdRules


@dataclass(frozen=True, slots=True)
class AdOrder:
    """What a rendered request carries that wants the page's ads."""

    rules: AdRules
    most: int


@dataclass(frozen=True, slots=True)
class DrawnAd:
    """An ad with its picture and what is seen of it as HTML; `slot` names its place on the page."""

    ad: Ad
    slot: str
    body: bytes
    screenshot: bytes | None


@dataclass(slots=True)
class Harvest:
    """What came of a page: its ads, and by reason what did not."""

    ads: list[DrawnAd] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)
