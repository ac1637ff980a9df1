"""Folds suspect blocks into findings: which block is which known creative, and what changed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, select

from core.records import Level
from storage.codec import FindingDetail, dump_detail
from storage.columns import UtcTime
from storage.creative import Creative, bands
from storage.matching import EXACT, FINDING, known_finding, moved_on, resembling_finding
from storage.tables import band, finding, place, variant

# Built once: putting a statement together takes longer than SQLite needs to run it.
_PLACES_HERE = (
    select(place, finding.c.detail, variant.c.signature)
    .join(finding, finding.c.id == place.c.finding_id)
    .join(variant, variant.c.fingerprint == place.c.fingerprint)
    .where(place.c.page_id == bindparam("wanted_page"))
)
_ADD_FINDING = finding.insert().returning(finding.c.id)
_CHANGE_FINDING = finding.update().where(finding.c.id == bindparam("wanted_id"))
_ADD_VARIANT = variant.insert().returning(variant.c.id)
_ADD_BANDS = band.insert()
_ADD_PLACE = place.insert()
_CHANGE_PLACE = place.update().where(place.c.id == bindparam("place_id"))


def _later(column: Any) -> Any:
    moment = bindparam("moment", type_=UtcTime)
    return case((column > moment, column), else_=moment)


_HERE = place.c.observation_id == bindparam("wanted_observation")
_COUNT_PLACES = (
    place.update().where(_HERE).values(times=place.c.times + 1, last_seen=_later(place.c.last_seen))
)
_COUNT_FINDINGS = (
    finding.update()
    .where(finding.c.id.in_(select(place.c.finding_id).where(_HERE)))
    .values(times=finding.c.times + 1, last_seen=_later(finding.c.last_seen))
)


@dataclass(frozen=True, slots=True)
class Visit:
    """The observation whose blocks are folded. `previous_id` is what stood at the page before."""

    page_id: int
    observation_id: int
    previous_id: int | None
    title: str
    account: str
    seen_at: datetime


@dataclass(slots=True)
class Folded:
    """What the blocks became: ids of findings, in the blocks' order.

    `levels` has the level of each that is new or reopened now, `risen` those that a worse text of
    the same creative has made worse than they were.
    """

    finding_ids: list[int] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    risen: dict[int, int] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)


def fold(connection: Connection, visit: Visit, creatives: tuple[Creative, ...]) -> Folded:
    """Join each creative to its finding or make one; the unit of work must be `writing_alone`.

    Known text, then near-duplicate, then changed text at a known place, then a new finding.
    """
    folded = Folded()
    if not creatives:
        return folded
    there = connection.execute(_PLACES_HERE, {"wanted_page": visit.page_id})
    here = {row.finding_id: row for row in there}
    known = {c.fingerprint: known_finding(connection, c, here) for c in creatives}
    known |= moved_on(creatives, known, here, visit.previous_id)
    for creative in creatives:
        # An earlier block of this page may have become what this one resembles.
        finding_id = known[creative.fingerprint]
        if finding_id is None and folded.new:
            finding_id = resembling_finding(connection, creative, here)
        if finding_id is None:
            finding_id = add_finding(connection, visit, creative)
            folded.new.append(finding_id)
            folded.levels[finding_id] = creative.rank[0]
            add_variant(connection, creative, finding_id, anchor=True)
            add_place(connection, visit, creative, finding_id)
        elif finding_id in folded.finding_ids:
            add_variant(connection, creative, finding_id, anchor=False)
            continue
        else:
            _join(connection, visit, creative, finding_id, here.get(finding_id), folded)
        folded.finding_ids.append(finding_id)
    return folded


def see_findings_again(connection: Connection, observation_id: int, seen_at: datetime) -> None:
    """Count one more sighting at the places, and of the findings, of an unchanged page."""
    values = {"wanted_observation": observation_id, "moment": seen_at}
    connection.execute(_COUNT_FINDINGS, values)
    connection.execute(_COUNT_PLACES, values)


def _join(  # noqa: PLR0917 (the parts of one sighting)
    connection: Connection,
    visit: Visit,
    creative: Creative,
    finding_id: int,
    stood: Row[Any] | None,
    folded: Folded,
) -> None:
    """Add a sighting to a finding; note whether it has to be looked at again."""
    row = connection.execute(FINDING, {"wanted_id": finding_id}).one()
    changed = stood is not None and stood.gist != creative.gist
    worse = creative.rank > (row.level, row.score)
    lifted = row.verdict_id is None and row.level < Level.MEDIUM
    reopens = changed or lifted or (row.verdict_id is not None and creative.rank[0] > row.level)
    values: dict[str, Any] = {
        "times": row.times + 1,
        "last_seen": max(row.last_seen, visit.seen_at),
        "first_seen": min(row.first_seen, visit.seen_at),
    }
    if worse or row.page_id == visit.page_id:
        values |= shown(visit, creative)
    if reopens:
        values |= {"reopened_at": visit.seen_at, "verdict_id": None}
    connection.execute(_CHANGE_FINDING, {"wanted_id": finding_id, **values})
    add_variant(connection, creative, finding_id, anchor=changed)
    if stood is None:
        add_place(connection, visit, creative, finding_id)
    else:
        _move_place(connection, visit, creative, stood)
    if reopens:
        folded.reopened.append(finding_id)
        folded.levels[finding_id] = creative.rank[0]
    elif creative.rank[0] > row.level:
        folded.risen[finding_id] = creative.rank[0]


def shown(visit: Visit, creative: Creative) -> dict[str, Any]:
    """The columns of what a reviewer is shown."""
    block = creative.verdict
    detail = FindingDetail(
        patterns=block.patterns,
        hits=creative.hits,
        rates=creative.rates,
        entities=creative.entities,
        evasion=creative.evasion,
    )
    return {
        "fingerprint": creative.fingerprint,
        "page_id": visit.page_id,
        "level": int(block.level),
        "score": block.score,
        "stance": block.stance.value,
        "title": visit.title,
        "account": visit.account,
        "source": block.source.value,
        "text": creative.text,
        "detail": dump_detail(detail),
        "rulebook": creative.rulebook,
    }


def add_finding(connection: Connection, visit: Visit, creative: Creative) -> int:
    """A new finding, seen once; its id."""
    values = shown(visit, creative) | {
        "first_seen": visit.seen_at,
        "last_seen": visit.seen_at,
        "times": 1,
    }
    return int(connection.execute(_ADD_FINDING, values).scalar_one())


def add_variant(
    connection: Connection, creative: Creative, finding_id: int, *, anchor: bool
) -> None:
    """Remember the text; later near-duplicates are compared with anchors only.

    Were every joined text an anchor, a chain of small edits would lead from any ad to any other.
    """
    if connection.execute(EXACT, {"wanted_fingerprint": creative.fingerprint}).first():
        return
    values = {
        "fingerprint": creative.fingerprint,
        "finding_id": finding_id,
        "signature": creative.signature,
    }
    variant_id = connection.execute(_ADD_VARIANT, values).scalar_one()
    if anchor and creative.signature is not None:
        rows = [{"value": value, "variant_id": variant_id} for value in bands(creative.signature)]
        connection.execute(_ADD_BANDS, rows)


def sighting(visit: Visit, creative: Creative) -> dict[str, Any]:
    """The columns of a place that say which text stands there, and where it was read."""
    return {
        "observation_id": visit.observation_id,
        "source": creative.verdict.source.value,
        "fingerprint": creative.fingerprint,
        "gist": creative.gist,
        "lifted_at": None,
    }


def add_place(
    connection: Connection,
    visit: Visit,
    creative: Creative,
    finding_id: int,
    sightings: dict[str, Any] | None = None,
) -> None:
    """Note where the creative stands; seen once at the visit unless `sightings` says more."""
    values = sighting(visit, creative) | {
        "finding_id": finding_id,
        "page_id": visit.page_id,
        "first_seen": visit.seen_at,
        "last_seen": visit.seen_at,
        "times": 1,
    }
    connection.execute(_ADD_PLACE, values | (sightings or {}))


def _move_place(connection: Connection, visit: Visit, creative: Creative, stood: Row[Any]) -> None:
    values = sighting(visit, creative) | {
        "place_id": stood.id,
        "last_seen": max(stood.last_seen, visit.seen_at),
        "times": stood.times + 1,
    }
    connection.execute(_CHANGE_PLACE, values)
