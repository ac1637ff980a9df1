"""Decides which known finding a suspect block belongs to."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from core.records import CONTACT_KINDS, Entity, Origin
from storage.codec import load_detail
from storage.creative import SAME_CREATIVE, Creative, bands, names_other_company, similarity
from storage.tables import band, finding, variant

# Places on a page where a reader sees one lasting thing; elsewhere another creative may move in.
_LASTING = frozenset({Origin.TITLE, Origin.ACCOUNT, Origin.BODY, Origin.META})
_ARTICLE = "article"
_SAME_PLACE = 0.25
_CANDIDATES = 64

# Built once: putting a statement together takes longer than SQLite needs to run it.
EXACT = select(variant.c.finding_id).where(variant.c.fingerprint == bindparam("wanted_fingerprint"))
_SHARING = (
    select(variant.c.finding_id, variant.c.signature)
    .join(band, band.c.variant_id == variant.c.id)
    .where(band.c.value.in_(bindparam("wanted_bands", expanding=True)))
    .group_by(variant.c.id, variant.c.finding_id, variant.c.signature)
    .order_by(func.count().desc(), variant.c.finding_id)
    .limit(_CANDIDATES)
)
FINDING = select(finding).where(finding.c.id == bindparam("wanted_id"))


def known_finding(
    connection: Connection, creative: Creative, here: dict[int, Row[Any]]
) -> int | None:
    """The finding that was met in this very text, or in one near enough."""
    exact = {"wanted_fingerprint": creative.fingerprint}
    found = connection.execute(EXACT, exact).scalar_one_or_none()
    return found if found is not None else resembling_finding(connection, creative, here)


def resembling_finding(
    connection: Connection, creative: Creative, here: dict[int, Row[Any]]
) -> int | None:
    """The finding whose text is near enough: one of this page before others, then the nearest."""
    if creative.signature is None:
        return None
    rows = connection.execute(_SHARING, {"wanted_bands": bands(creative.signature)})
    near = [(similarity(creative.signature, row.signature), row.finding_id) for row in rows]
    near = [(alike, found) for alike, found in near if alike >= SAME_CREATIVE]
    near.sort(key=lambda pair: (pair[1] not in here, -pair[0], pair[1]))
    for _, finding_id in near:
        if not _names_another(connection, finding_id, creative):
            return int(finding_id)
    return None


def _names_another(connection: Connection, finding_id: int, creative: Creative) -> bool:
    """Whether the same template stands there in the name of another company: another lead."""
    row = connection.execute(FINDING, {"wanted_id": finding_id}).one()
    return names_other_company(creative.entities, load_detail(row.detail).entities)


def moved_on(
    creatives: tuple[Creative, ...],
    known: dict[str, int | None],
    here: dict[int, Row[Any]],
    previous_id: int | None,
) -> dict[str, int]:
    """New texts at places whose old text is gone, paired by likeness."""
    taken = {finding_id for finding_id in known.values() if finding_id is not None}
    gone = [
        row
        for finding_id, row in here.items()
        if finding_id not in taken and row.observation_id == previous_id
    ]
    pairs = sorted(
        (-_likeness(creative, row), creative.fingerprint, row.finding_id)
        for creative in creatives
        if known[creative.fingerprint] is None
        for row in gone
        if _kind(row.source) == _kind(creative.verdict.source)
    )
    moved: dict[str, int] = {}
    for unlike, fingerprint, finding_id in pairs:
        lasting = _kind(here[finding_id].source) == _ARTICLE
        free = finding_id not in taken and fingerprint not in moved
        if free and (lasting or -unlike >= _SAME_PLACE):
            moved[fingerprint] = finding_id
            taken.add(finding_id)
    return moved


def _kind(source: str) -> str:
    return _ARTICLE if source in _LASTING else source


def _likeness(creative: Creative, row: Row[Any]) -> float:
    if _contacts(load_detail(row.detail).entities) & _contacts(creative.entities):
        return 1.0
    if creative.signature is None or row.signature is None:
        return 0.0
    return similarity(creative.signature, row.signature)


def _contacts(entities: Iterable[Entity]) -> set[tuple[str, str]]:
    return {(entity.kind, entity.value) for entity in entities if entity.kind in CONTACT_KINDS}
