"""The judge: segments in, an Assessment out; blocks are judged apart and the worst one speaks."""

from dataclasses import asdict, replace
from typing import Any, NamedTuple, TypeVar

from classifiers.blocks import Block, split_blocks
from classifiers.citation import cite
from classifiers.judgement import CLEAR, Judgement, judge
from classifiers.rule_records import SIGNAL
from classifiers.rulebook import Rulebook
from classifiers.score import LOW_FROM, level_of, total
from classifiers.screen import Screen
from core.records import (
    Assessment,
    BlockVerdict,
    Entity,
    Hit,
    Level,
    Origin,
    Rate,
    Segment,
    Stance,
)

WEB = "web"
MEMORABLE = 2_000  # characters; longer blocks hardly ever come twice
MOST_REMEMBERED = 512
Found = TypeVar("Found", Rate, Entity)


class Passage(NamedTuple):
    """A block's text, and whether it says something in its own words."""

    text: str
    is_prose: bool


Memory = dict[Passage, Judgement]


def assess_text(text: str, rulebook: Rulebook, medium: str = WEB) -> Assessment:
    """The assessment of one text that stands alone."""
    return assess_segments((Segment(Origin.BODY, text),), rulebook, medium)


def assess_segments(
    segments: tuple[Segment, ...],
    rulebook: Rulebook,
    medium: str = WEB,
    memory: Memory | None = None,
    screen: Screen | None = None,
) -> Assessment:
    """The assessment of a page; offsets count in `join_segments(segments)`.

    `memory` keeps the judgements of short blocks from page to page: the menus and boxes of a site
    are judged once. With a `screen`, blocks that cannot score are not read any further, unless
    another block of the page is suspect. Both belong to one rulebook.
    """
    blocks = split_blocks(segments)
    passages = [Passage(block.text, block.is_prose) for block in blocks]
    judgements = _judge_all(passages, rulebook, memory, screen)
    judged = list(zip(blocks, judgements, strict=True))
    if not judged:
        return Assessment(Level.NONE, 0.0, Stance.OTHER, rulebook=rulebook.digest)
    worst = max(range(len(judged)), key=lambda at: (_score(judged[at][1]), -at))
    hits: list[Hit] = []
    rates: list[Rate] = []
    entities: list[Entity] = []
    evasion: dict[str, None] = {}
    for at, (block, judgement) in enumerate(judged):
        placed = [_place_hit(hit, block, rulebook, medium) for hit in judgement.hits]
        hits += placed if at == worst else [_set_aside(hit) for hit in placed]
        rates += [_place(rate, block) for rate in judgement.rates]
        entities += [_place(entity, block) for entity in judgement.entities]
        evasion |= dict.fromkeys(judgement.evasion)
    verdict = judged[worst][1]
    score = total(hits)
    return Assessment(
        level=level_of(score),
        score=score,
        stance=verdict.reading.stance,
        patterns=_patterns(verdict),
        hits=tuple(hits),
        rates=tuple(rates),
        entities=tuple(entities),
        evasion=tuple(evasion),
        blocks=tuple(_verdict(block, judgement) for block, judgement in judged),
        rulebook=rulebook.digest,
    )


def _judged(passage: Passage, rulebook: Rulebook, memory: Memory | None) -> Judgement:
    if memory is None or len(passage.text) > MEMORABLE:
        return judge(passage.text, rulebook, is_prose=passage.is_prose)
    known = memory.get(passage)
    if known is None:
        known = judge(passage.text, rulebook, is_prose=passage.is_prose)
        if len(memory) >= MOST_REMEMBERED:
            del memory[next(iter(memory))]
        memory[passage] = known
    return known


def _judge_all(
    passages: list[Passage],
    rulebook: Rulebook,
    memory: Memory | None,
    screen: Screen | None,
) -> list[Judgement]:
    """The judgements of blocks; `CLEAR` for those that cannot score, on a page without suspects."""
    if screen is None:
        return [_judged(passage, rulebook, memory) for passage in passages]
    new = dict.fromkeys(one for one in passages if memory is None or one not in memory)
    clear: set[Passage] = set()
    for is_prose in (True, False):
        clear |= _clear([one for one in new if one.is_prose is is_prose], screen)
    judgements = [
        CLEAR if passage in clear else _judged(passage, rulebook, memory) for passage in passages
    ]
    if all(_score(judgement) < LOW_FROM for judgement in judgements):
        return judgements
    return [
        _judged(passage, rulebook, memory) if judgement is CLEAR else judgement
        for passage, judgement in zip(passages, judgements, strict=True)
    ]


def _clear(passages: list[Passage], screen: Screen) -> set[Passage]:
    """Those of some passages, all prose or none, that cannot score.

    The longest one is asked about alone only where others are in doubt too.
    """

    def may_score(some: list[Passage]) -> bool:
        return screen.may_score([one.text for one in some], is_prose=passages[0].is_prose)

    if not passages or not may_score(passages):
        return set(passages)
    longest = max(passages, key=lambda one: len(one.text))
    others = [one for one in passages if one is not longest]
    if not others or not may_score(others):
        return set(others)
    return {one for one in passages if not may_score([one])}


def _score(judgement: Judgement) -> float:
    return total(judgement.hits)


def _verdict(block: Block, judgement: Judgement) -> BlockVerdict:
    start, end = block.home
    score = _score(judgement)
    return BlockVerdict(
        block=block.number,
        start=start,
        end=end,
        source=block.origins[0],
        level=level_of(score),
        score=score,
        stance=judgement.reading.stance,
        patterns=_patterns(judgement),
    )


def _patterns(judgement: Judgement) -> tuple[str, ...]:
    """The patterns that score, strongest first."""
    sums: dict[str, float] = {}
    for hit in judgement.hits:
        if hit.pattern != SIGNAL and hit.points > 0:
            sums[hit.pattern] = sums.get(hit.pattern, 0.0) + hit.points
    return tuple(sorted(sums, key=lambda pattern: -sums[pattern]))


def _place_hit(hit: Hit, block: Block, rulebook: Rulebook, medium: str) -> Hit:
    start, end, origin = block.locate(hit.start, hit.end)
    quote = hit.quote[: end - start]
    law = cite(hit.law, rulebook.laws, medium)
    mark = block.mark(hit.start, hit.end)
    if (start, end, origin, law, mark) == (hit.start, hit.end, hit.source, hit.law, hit.picture):
        return hit
    return replace(hit, start=start, end=end, quote=quote, source=origin, law=law, picture=mark)


def _set_aside(hit: Hit) -> Hit:
    if not hit.points:
        return hit
    return replace(hit, points=0.0, apart=hit.points)


def _place(found: Found, block: Block) -> Found:
    start, end, _ = block.locate(found.start, found.end)
    if (start, end) == (found.start, found.end):
        return found
    return replace(found, start=start, end=end, quote=found.quote[: end - start])


def assessment_json(assessment: Assessment, text: str) -> dict[str, Any]:
    """The assessment as `adwatch assess` promises it; `text` is what the offsets count in."""
    return {
        "level": assessment.level.word,
        "score": assessment.score,
        "stance": assessment.stance.value,
        "patterns": list(assessment.patterns),
        "hits": [_hit_json(hit, text) for hit in assessment.hits],
        "rates": [asdict(rate) for rate in assessment.rates],
        "entities": [asdict(entity) for entity in assessment.entities],
        "evasion": list(assessment.evasion),
        "rulebook": assessment.rulebook,
    }


def _hit_json(hit: Hit, text: str) -> dict[str, Any]:
    document = asdict(hit) | {
        "source": hit.source.value, "law": list(hit.law), "quote": text[hit.start : hit.end]
    }  # fmt: skip
    for name in ("silenced_by", "apart", "picture"):
        if not document[name]:
            del document[name]
    return document
