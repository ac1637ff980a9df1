"""What a block says in plain facts: normalised text, rates, entities, sums, and its words."""

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass, replace

from classifiers.context import Units
from classifiers.entities import find_entities
from classifiers.match import Occurrences, Span, find_words
from classifiers.normalize import (
    Folder,
    NormalText,
    evasion_kinds,
    normalize,
)
from classifiers.offers import Offers, find_offers
from classifiers.quantities import find_amounts
from classifiers.rates import find_rates
from classifiers.rule_records import RATE_STEPS
from classifiers.rulebook import Rulebook
from classifiers.shape import Shape
from core.records import CONTACT_KINDS, Entity, Rate

# An account that one may follow is no contact that one is told to take up.
_TAKEN_UP = CONTACT_KINDS - {"social_account"}
WALLET_KINDS = frozenset({"trc20", "btc", "eth"})


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is read from one block before anything is judged."""

    normal: NormalText
    shape: Shape
    units: Units
    words: Occurrences
    rates: tuple[Rate, ...]
    entities: tuple[Entity, ...]
    evasion: tuple[str, ...]
    contacts: tuple[Span, ...]

    def normal_span(self, start: int, end: int) -> Span:
        """A span of the original text as it lies in the normalised text."""
        return to_normal(self.normal, start, end)


def to_normal(normal: NormalText, start: int, end: int) -> Span:
    """Where a span of the original lies in the normalised text."""
    low = bisect_left(normal.starts, start)
    return low, max(bisect_left(normal.starts, end), low)


_HALF_PAIR = re.compile("[\ud800-\udfff]")
_GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


def close_gaps(normal: NormalText) -> NormalText:
    """The text without blanks between Chinese characters, as transcripts and scans have them."""
    if " " not in normal.text:
        return normal
    gaps = [gap.start() for gap in _GAP.finditer(normal.text)]
    if not gaps:
        return normal
    starts, ends = array("l"), array("l")
    at = 0
    for gap in [*gaps, len(normal.text)]:
        starts.extend(normal.starts[at:gap])
        ends.extend(normal.ends[at:gap])
        at = gap + 1
    return NormalText(normal.original, _GAP.sub("", normal.text), starts, ends, normal.noise)


def _read(text: str, folder: Folder) -> NormalText:
    """The plain form of any string; half surrogate pairs, which no matcher takes, become marks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return replace(normalize(_HALF_PAIR.sub("\ufffd", text), folder), original=text)
    return normalize(text, folder)


def gather_facts(text: str, book: Rulebook) -> Facts:
    """Read one block."""
    lexicon = book.lexicon
    normal = close_gaps(_read(text, lexicon.folder))
    shape = Shape(normal.text)
    numeral = shape.has_numeral
    rates = find_rates(normal) if numeral else ()
    entities = find_entities(normal, shape)
    contacts = tuple(
        to_normal(normal, entity.start, entity.end)
        for entity in entities
        if entity.kind in _TAKEN_UP
    )
    offers = find_offers(shape) if numeral else Offers()
    computed = {
        "paid_in": offers.paid_in,
        "paid_out": offers.paid_out,
        **_rate_spans(normal, rates),
        "contact": list(contacts),
        "wallet": _spans(normal, entities, WALLET_KINDS),
        "company": _spans(normal, entities, frozenset({"company"})),
    }
    words = find_words(shape.narrow, lexicon, computed)
    if lexicon.asks_for_amount(words.present):
        words.add(lexicon.computed_groups["amount"], list(find_amounts(shape)))
    evasion = _evasion(normal, shape, words, contacts) if normal.noise else ()
    return Facts(normal, shape, Units(normal), words, rates, entities, evasion, contacts)


def _evasion(
    normal: NormalText, shape: Shape, words: Occurrences, contacts: tuple[Span, ...]
) -> tuple[str, ...]:
    """The disguises of what matters: words of the rulebook, sums of money, contacts."""
    return evasion_kinds(normal, [*words.all_spans(), *find_amounts(shape), *contacts])


def _rate_spans(normal: NormalText, rates: tuple[Rate, ...]) -> dict[str, list[Span]]:
    spans = [(to_normal(normal, rate.start, rate.end), rate.annual_pct) for rate in rates]
    found = {"rate": [span for span, _ in spans]}
    for step in RATE_STEPS:
        found[f"rate{step}"] = [span for span, pct in spans if pct is not None and pct >= step]
    return found


def _spans(normal: NormalText, entities: tuple[Entity, ...], kinds: frozenset[str]) -> list[Span]:
    return [
        to_normal(normal, entity.start, entity.end) for entity in entities if entity.kind in kinds
    ]
