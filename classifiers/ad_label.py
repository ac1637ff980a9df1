"""The duty to call an ad an ad: what is told to be one, is suspect, and does not say so."""

from collections.abc import Mapping
from dataclasses import replace

from classifiers.citation import cite
from classifiers.rule_records import Law
from classifiers.score import FULL, MEDIUM_FROM, level_of, total
from core.records import Assessment, BlockVerdict, Hit, Segment

RULE = "computed-label"
PATTERN = "missing_ad_label"
POINTS = 6.0
LAW = ("AD-14", "IAM-9")


def with_missing_label(
    judged: Assessment, segments: tuple[Segment, ...], laws: Mapping[str, Law], medium: str
) -> Assessment:
    """The assessment of an unlabelled ad; the missing label is a hit only where it is suspect."""
    if judged.score < MEDIUM_FROM or not segments:
        return judged
    first = segments[0]
    hit = Hit(
        rule=RULE,
        pattern=PATTERN,
        title="广告未标明“广告”",
        quote=first.text,
        start=0,
        end=len(first.text),
        source=first.origin,
        points=max(0.0, min(POINTS, FULL - judged.score)),
        law=cite(LAW, dict(laws), medium),
        why="此处是广告位，所见文字中没有“广告”字样（图片里的字未读）。",
    )
    hits = (*judged.hits, hit)
    score = total(hits)
    patterns = tuple(dict.fromkeys((*judged.patterns, PATTERN)))
    blocks = tuple(_with_hit(block, hit) for block in judged.blocks)
    return replace(
        judged, hits=hits, score=score, level=level_of(score), patterns=patterns, blocks=blocks
    )


def _with_hit(block: BlockVerdict, hit: Hit) -> BlockVerdict:
    if not block.start <= hit.start < block.end:
        return block
    score = min(FULL, float(round(block.score + hit.points)))
    patterns = tuple(dict.fromkeys((*block.patterns, PATTERN)))
    return replace(block, score=score, level=level_of(score), patterns=patterns)
