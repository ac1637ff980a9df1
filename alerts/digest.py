"""The digest of a window, built from values alone: what is shown, and in which order."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from alerts.excerpt import Piece, excerpt
from alerts.folding import fold_alike, is_pointer
from alerts.personal import mask_personal
from alerts.reference import Reference, reference_rate
from alerts.wording import LEVELS, WORDS
from classifiers.entities import mask
from core.ledger import Finding, FindingState, Health, TargetHealth
from core.patterns import pattern_name
from core.records import CONTACT_KINDS, Entity, Hit, Level, Origin, Rate
from core.target import IMPORTS_ID, IMPORTS_TITLE

SHOWN_ITEMS = 30
SHOWN_PLACES = 4
SHOWN_REASONS = 3
SHOWN_RATES = 3
SHOWN_ARTICLES = 6
SHOWN_KINDS = 5
OPENING_TROUBLES = 5
_AD_LABEL = re.compile(r"^(?:广告|推广|赞助)[\s·:：|]*")
_GRADE = re.compile(r"\s*\[[^\]]*\]$")
HEADING_CHARS = 40
MIN_HEADING_CHARS = 6
_OWN_TITLE = frozenset({Origin.TITLE, Origin.BODY, Origin.ACCOUNT, Origin.META})
_ON_PICTURES = frozenset({Origin.OCR, Origin.QR})
_SUBJECTS = frozenset({"company", "app", "product", "uscc"})


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, in UTC, that ends with `day` in `zone`: that day, or more before it."""

    day: date
    start: datetime
    end: datetime
    zone: str

    @property
    def first_day(self) -> date:
        """The day in `zone` on which it begins."""
        return self.start.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Reason:
    """One scoring rule as the reviewer reads it."""

    title: str
    why: str
    points: float


@dataclass(frozen=True, slots=True)
class Item:
    """A finding as the digest shows it."""

    finding: Finding
    level: str
    patterns: tuple[str, ...]
    sentence: tuple[Piece, ...]
    reasons: tuple[Reason, ...]
    laws: tuple[str, ...]
    rates: tuple[str, ...]
    contacts: tuple[str, ...]
    companies: tuple[str, ...]
    target_titles: tuple[str, ...]
    reopened: bool
    folded: tuple[int, ...] = ()

    @property
    def heading(self) -> str:
        """What the finding is called."""
        return heading(self.finding)

    @property
    def found_beside(self) -> str:
        """The title of the page around an ad, where the heading is not it."""
        return "" if self.finding.source in _OWN_TITLE else mask_personal(self.finding.title)

    @property
    def is_on_picture(self) -> bool:
        """Whether the sentence stands on a picture, where searching the page does not find it."""
        return self.finding.source in _ON_PICTURES

    @property
    def sentence_text(self) -> str:
        """The marked sentence as plain text, marks as 【…】."""
        return "".join(
            f"【{piece.text}】" if piece.marked else piece.text for piece in self.sentence
        )

    @property
    def place_count(self) -> int:
        """At how many places the creative was seen."""
        return max(self.finding.place_count, len(self.finding.places))


@dataclass(frozen=True)
class Digest:
    """Everything the templates show; `items` is what the mail shows, `findings` all there is."""

    window: Window
    language: str
    subject: str
    items: tuple[Item, ...]
    hidden: int
    findings: tuple[Finding, ...]
    new: int
    high: int
    backlog: int
    previous_new: int | None
    health: tuple[TargetHealth, ...]
    config_faults: tuple[str, ...]
    review_url: str | None
    run_ids: tuple[int, ...]

    @cached_property
    def words(self) -> dict[str, str]:
        """The words of the digest's language."""
        return WORDS[self.language]

    @property
    def finding_ids(self) -> tuple[int, ...]:
        """All findings of the window, worst first."""
        return tuple(finding.id for finding in self.findings)

    @property
    def ok_targets(self) -> int:
        """How many targets were crawled well."""
        return sum(health.health is Health.OK for health in self.health)

    @property
    def troubles(self) -> tuple[TargetHealth, ...]:
        """The targets that were not, worst first."""
        order = [kind for kind in Health if kind is not Health.OK]
        found = [one for kind in order for one in self.health if one.health is kind]
        return tuple(sorted(found, key=lambda one: not one.raised))

    @property
    def opening_troubles(self) -> tuple[TargetHealth, ...]:
        """The worst troubles, which stand before everything else."""
        return self.troubles[:OPENING_TROUBLES]

    @cached_property
    def kinds(self) -> tuple[tuple[str, int], ...]:
        """The most frequent violation patterns of the window, each finding by its strongest."""
        counted = Counter(finding.patterns[0] for finding in self.findings if finding.patterns)
        return tuple(
            (pattern_name(pattern, self.language), count)
            for pattern, count in counted.most_common(SHOWN_KINDS)
        )

    def showing(self, count: int) -> "Digest":
        """The same digest with at most `count` items shown, the others counted as hidden."""
        dropped = max(len(self.items) - count, 0)
        return replace(self, items=self.items[:count], hidden=self.hidden + dropped)

    @property
    def rulebook(self) -> str:
        """The digest of the rules that judged, shortened."""
        return self.findings[0].rulebook[:12] if self.findings else "-"


def build_digest(
    window: Window,
    findings: Sequence[Finding],
    *,
    backlog: int,
    previous_new: int | None = None,
    health: Sequence[TargetHealth] = (),
    config_faults: Sequence[str] = (),
    review_url: str | None = None,
    run_ids: Sequence[int] = (),
    language: str = "zh",
) -> Digest:
    """The digest of `window`: worst first, near-duplicates folded, counts that say it all."""
    ordered = tuple(sorted(findings, key=_rank))
    titles = {IMPORTS_ID: IMPORTS_TITLE} | {row.target_id: row.title for row in health}
    items = tuple(
        replace(build_item(finding, window, titles, language), folded=folded)
        for finding, folded in fold_alike(ordered)
    )
    high = sum(finding.level is Level.HIGH for finding in ordered)
    troubles = sum(row.health is not Health.OK for row in health)
    words = WORDS[language]
    subject = words["subject"].format(
        day=span(window, language), new=len(ordered), high=high, backlog=backlog
    )
    if troubles:
        subject += words["subject_faults"].format(faults=troubles)
    return Digest(
        window=window,
        language=language,
        subject=subject,
        items=items[:SHOWN_ITEMS],
        hidden=max(len(items) - SHOWN_ITEMS, 0),
        findings=ordered,
        new=len(ordered),
        high=high,
        backlog=backlog,
        previous_new=previous_new,
        health=tuple(health),
        config_faults=tuple(config_faults),
        review_url=review_url,
        run_ids=tuple(run_ids),
    )


def span(window: Window, language: str) -> str:
    """The day of the window, or its first and last: 11-21, 10-01 至 10-08."""
    last = f"{window.day:%m-%d}"
    if window.first_day >= window.day:
        return last
    return WORDS[language]["span"].format(first=f"{window.first_day:%m-%d}", last=last)


def heading(finding: Finding) -> str:
    """A finding's name: an ad beside an article does not go by the article's title.

    A link's text is named by the line that gave the reasons, an ad by its first line.
    """
    if finding.source in _OWN_TITLE and finding.title:
        return mask_personal(finding.title)
    lines = finding.text.splitlines()
    if is_pointer(finding):
        best = _strongest(finding.hits)[:1]
        lines = [line for hit in best for line in lines if hit.quote in line] or lines
    tidy = (_AD_LABEL.sub("", " ".join(line.split())) for line in lines)
    said = next((line for line in tidy if len(line) >= MIN_HEADING_CHARS), "")
    said = mask_personal(said or " ".join(finding.text.split()) or finding.title)
    return f"{said[:HEADING_CHARS]}…" if len(said) > HEADING_CHARS else said


def _rank(finding: Finding) -> tuple[int, float, int, float, int]:
    """Worst first; of equal scores the one in more places, then the one that promises more."""
    reach = max(finding.place_count, len(finding.places))
    promised = max((rate.annual_pct or 0.0 for rate in finding.rates), default=0.0)
    return (-finding.level, -finding.score, -reach, -promised, finding.id)


def build_item(finding: Finding, window: Window, titles: Mapping[str, str], language: str) -> Item:
    """A finding in the words that a reader sees; `titles` has the targets' names by their ids."""
    reference = reference_rate(window.day)
    scored = _strongest(finding.hits)
    reopened_at = finding.reopened_at
    return Item(
        finding=finding,
        level=LEVELS[language][finding.level],
        patterns=tuple(pattern_name(pattern, language) for pattern in finding.patterns[:3]),
        sentence=excerpt(mask_personal(finding.text, finding.entities), finding.hits),
        reasons=tuple(Reason(hit.title, hit.why, hit.points) for hit in scored[:SHOWN_REASONS]),
        laws=_laws(scored),
        rates=rate_lines(finding.rates, reference, language),
        contacts=_shown(finding.entities, CONTACT_KINDS),
        companies=_shown(finding.entities, _SUBJECTS),
        target_titles=tuple(
            dict.fromkeys(titles.get(place.target_id, place.target_id) for place in finding.places)
        ),
        reopened=finding.state is FindingState.REOPENED
        and reopened_at is not None
        and window.start <= reopened_at < window.end,
    )


def _strongest(hits: Sequence[Hit]) -> list[Hit]:
    """The scoring hits, strongest first, each rule once."""
    found: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.points):
        if hit.points > 0:
            found.setdefault(hit.title, hit)
    return list(found.values())


def _laws(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Each law once with its articles: 《广告法》第十四条、第二十五条."""
    cited = dict.fromkeys(_GRADE.sub("", law) for hit in hits for law in hit.law)
    articles: dict[str, list[str]] = {}
    for law in list(cited)[:SHOWN_ARTICLES]:
        name, bracket, article = law.partition("》")
        articles.setdefault(name + bracket, []).append(article)
    return tuple(name + "、".join(filter(None, listed)) for name, listed in articles.items())


def rate_lines(
    rates: Sequence[Rate], reference: Reference, language: str = "zh"
) -> tuple[str, ...]:
    """Each stated return: as stated, annualised, and how many times the reference rate it is."""
    words = WORDS[language]
    lines: dict[str, None] = {}
    for rate in sorted(rates, key=lambda rate: -(rate.annual_pct or 0)):
        said = rate.assumption or ""
        if rate.annual_pct is None:
            lines[words["rate_unknown"].format(quote=rate.quote, assumption=said)] = None
            continue
        low = f"{rate.annual_pct_min:g}%–" if rate.annual_pct_min else ""
        multiple = words["multiple"].format(
            lpr=f"{reference.pct:g}",
            date=reference.since,
            times=f"{rate.annual_pct / reference.pct:.1f}",
        )
        line = words["rate_line"].format(
            quote=rate.quote,
            pct=f"{low}{rate.annual_pct:g}%",
            assumption=f"（{said}）" if said else "",
            multiple=multiple if rate.annual_pct > reference.pct else "",
        )
        lines[line] = None
    return tuple(lines)[:SHOWN_RATES]


def _shown(entities: Sequence[Entity], kinds: frozenset[str]) -> tuple[str, ...]:
    values = (mask_personal(mask(entity)) for entity in entities if entity.kind in kinds)
    return tuple(dict.fromkeys(values))[:6]
