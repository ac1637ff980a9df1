"""One block judged: facts and words, hits, what context lets off, the stance, the points."""

from dataclasses import dataclass, replace

from classifiers.context import Ruling, find_rulings, ruling_on
from classifiers.escalate import evasion_hit, notice_hit, rate_hit, silence_hit
from classifiers.facts import Facts, gather_facts
from classifiers.hits import RuleHit, find_rule_hits
from classifiers.match import Span
from classifiers.opinion import ask_model, glanced_at, model_hit, tempered
from classifiers.rule_records import SIGNAL
from classifiers.rulebook import Rulebook
from classifiers.score import LOW_FROM, MEDIUM_FROM, cap_points
from classifiers.stance import (
    STANCE_TITLES,
    StanceReading,
    overruled_kinds,
    read_stance,
    weigh,
)
from classifiers.subject import with_subjects
from core.records import Entity, Hit, Origin, Rate, Stance

CONTACT_WEIGHT = 15.0
RISK_NOTICE = "risk_notice"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one block comes to; offsets count in the block's own text."""

    hits: tuple[Hit, ...]
    rates: tuple[Rate, ...]
    entities: tuple[Entity, ...]
    evasion: tuple[str, ...]
    reading: StanceReading


# Of a block that holds nothing to judge.
CLEAR = Judgement((), (), (), (), StanceReading(Stance.OTHER, 1.0, "", 0.0, 0.0, ()))


def judge(text: str, book: Rulebook, *, is_prose: bool = True) -> Judgement:
    """The judgement of one block's text.

    Of what is no prose (a title, a list of links) the model reads only what a rule finds suspect:
    it learned from whole texts.
    """
    facts = gather_facts(text, book)
    rulings = find_rulings(book, facts.words, facts.units)
    overruled = overruled_kinds(book, facts.words, facts.units)
    rulings = [ruling for ruling in rulings if ruling.record.kind not in overruled]
    rule_hits = find_rule_hits(book, facts, rulings)
    evidence = weigh(book, facts.words, facts.units, rulings)
    asserted = {
        hit.rule.id: hit.rule.points
        for hit in rule_hits
        if hit.ruling is None and hit.rule.pattern != SIGNAL
    }
    contact = any(ruling_on(rulings, span) is None for span in facts.contacts)
    rates = asserted_rates(facts, rulings)
    reading = read_stance(
        evidence,
        sum(asserted.values()),
        CONTACT_WEIGHT if contact else 0.0,
        max((rate.annual_pct or 0.0 for rate in rates), default=0.0),
    )
    opinion = ask_model(book.model, facts, _questions(rule_hits, facts, book, is_prose=is_prose))
    reading = tempered(reading, opinion, explained=bool(rule_hits))
    hits = [_as_hit(hit, facts, reading) for hit in _once_each(rule_hits)]
    if asserted:
        hits = _escalated(hits, facts, book, reading, rates)
    else:
        hits = [_as_supporting(hit) for hit in hits]
    hits = cap_points(hits, SIGNAL)
    lift = model_hit(opinion, facts, hits, reading.stance) if opinion else None
    if lift is not None:
        hits.append(lift)
        reading = replace(reading, stance=Stance.PROMOTION)
    hits = with_subjects(book, facts, hits)
    return Judgement(tuple(hits), facts.rates, facts.entities, facts.evasion, reading)


def _questions(
    rule_hits: list[RuleHit], facts: Facts, book: Rulebook, *, is_prose: bool
) -> list[Span]:
    """What the model is asked about: the hits, or else what reads like a promotion."""
    if is_prose:
        return _suspects(rule_hits) or glanced_at(book.glance, facts)
    return _suspects([hit for hit in rule_hits if hit.rule.pattern != SIGNAL])


def _suspects(rule_hits: list[RuleHit]) -> list[Span]:
    """Where hits stand, the weightiest first; asserted ones of a pattern before all others."""
    asserted = [hit for hit in rule_hits if hit.ruling is None and hit.rule.pattern != SIGNAL]
    return [
        hit.span
        for hits in (asserted, rule_hits)
        for hit in sorted(hits, key=lambda hit: -hit.rule.points)
    ]


def asserted_rates(facts: Facts, rulings: list[Ruling]) -> list[Rate]:
    """The rates that no context takes the force from."""
    return [
        rate
        for rate in facts.rates
        if ruling_on(rulings, facts.normal_span(rate.start, rate.end)) is None
    ]


def _once_each(rule_hits: list[RuleHit]) -> list[tuple[RuleHit, bool]]:
    """Each hit with whether it is the one of its rule that counts."""
    counted: set[str] = set()
    marked = []
    for hit in rule_hits:
        counts = hit.ruling is None and hit.rule.id not in counted
        if counts:
            counted.add(hit.rule.id)
        marked.append((hit, counts))
    return marked


def _as_hit(marked: tuple[RuleHit, bool], facts: Facts, reading: StanceReading) -> Hit:
    rule_hit, counts = marked
    rule = rule_hit.rule
    points, why, silenced_by = rule.points, rule.why, None
    if rule_hit.ruling is not None:
        record = rule_hit.ruling.record
        low, high = facts.normal.span(*rule_hit.ruling.at)
        cue = facts.normal.original[low:high]
        points, silenced_by = 0.0, f"{record.title}（“{cue}”，{record.id}）"
    elif not counts:
        points, why = 0.0, f"{rule.why}（同一规则已计分）"
    elif reading.share == 0.0:
        points, silenced_by = 0.0, _stance_reason(reading)
    elif reading.share < 1.0:
        points, why = rule.points * reading.share, f"{rule.why}（{_stance_reason(reading)}，减计）"
    start, end = facts.normal.span(*rule_hit.span)
    return Hit(
        rule=rule.id,
        pattern=rule.pattern,
        title=rule.title,
        quote=facts.normal.original[start:end],
        start=start,
        end=end,
        source=Origin.BODY,
        points=points,
        law=rule.law,
        why=why,
        silenced_by=silenced_by,
    )


def _stance_reason(reading: StanceReading) -> str:
    reason = f"：{reading.reason}" if reading.reason else ""
    return f"全文属{STANCE_TITLES[reading.stance]}{reason}"


def _as_supporting(hit: Hit) -> Hit:
    if not hit.points:
        return hit
    return replace(hit, points=0.0, why=f"{hit.why}（没有可疑承诺可供佐证，不计分）")


def _escalated(
    hits: list[Hit], facts: Facts, book: Rulebook, reading: StanceReading, rates: list[Rate]
) -> list[Hit]:
    if reading.stance not in {Stance.PROMOTION, Stance.OTHER}:
        return hits
    added = list(hits)
    solicits = reading.stance is Stance.PROMOTION
    rate = rate_hit(rates) if solicits else None
    if rate is not None:
        added.append(rate)
    total = sum(hit.points for hit in cap_points(added, SIGNAL))
    strongest = max(hits, key=lambda hit: hit.points)
    if not _warns_of_risk(facts, book):
        if rates and solicits and total >= LOW_FROM:
            added.append(notice_hit(rates[0]))
        elif total >= MEDIUM_FROM:
            added.append(silence_hit(strongest))
    if solicits and facts.evasion and total >= MEDIUM_FROM:  # being odd alone makes no suspect
        added.append(evasion_hit(facts, strongest))
    return added


def _warns_of_risk(facts: Facts, book: Rulebook) -> bool:
    if RISK_NOTICE not in book.concepts:
        return False
    return bool(facts.words.of(book.lexicon.group_of[book.concepts[RISK_NOTICE].any]))
