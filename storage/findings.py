"""Findings as people read them, and the verdicts they give."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, exists, func, literal, or_, select, update

from core.errors import StorageError
from core.ledger import Finding, FindingState, Place
from core.records import Level, Origin, Stance
from storage.codec import load_detail
from storage.database import Database
from storage.tables import evidence, finding, observation, page, place, verdict

# A creative beside every page of a site has tens of thousands of places; people see the newest.
MAX_PLACES = 200
_BATCH = 200

_is_suspect = finding.c.level >= int(Level.MEDIUM)
_state = func.coalesce(
    verdict.c.verdict,
    case(
        (~_is_suspect, literal(FindingState.LIFTED.value)),
        (finding.c.reopened_at.is_(None), literal(FindingState.NEW.value)),
        else_=literal(FindingState.REOPENED.value),
    ),
).label("state")
_seen_at = func.coalesce(finding.c.reopened_at, finding.c.first_seen)
_flagged_at = case((finding.c.turned_at > _seen_at, finding.c.turned_at), else_=_seen_at)
_worst_first = (
    finding.c.level.desc(),
    finding.c.score.desc(),
    _flagged_at.desc(),
    finding.c.id.desc(),
)


BY_STANDING: Select[Any] = (
    select(finding.c.level, _state, func.count().label("number"))
    .outerjoin(verdict, verdict.c.id == finding.c.verdict_id)
    .group_by(finding.c.level, _state)
)


def findings_between(db: Database, start: datetime, end: datetime) -> tuple[Finding, ...]:
    """Findings first seen, reopened or turned suspect in the window, `end` excluded, worst first.

    Those that were lifted meanwhile are left out, unless somebody had decided them.
    """
    moments = (finding.c.first_seen, finding.c.reopened_at, finding.c.turned_at)
    flagged = or_(*((moment >= start) & (moment < end) for moment in moments))
    flagged &= or_(_is_suspect, finding.c.verdict_id.is_not(None))
    with db.reading() as connection:
        return _read(connection, _select().where(flagged).order_by(*_worst_first))


def list_findings(
    db: Database,
    *,
    level: Level | None = None,
    state: FindingState | None = None,
    target: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
    offset: int = 0,
) -> tuple[Finding, ...]:
    """Findings of that level, state and target, worst first; `since` is when last flagged."""
    query = _select()
    if level is not None:
        query = query.where(finding.c.level == int(level))
    if state is not None:
        query = query.where(_state == state.value)
    if target is not None:
        here = select(place.c.id).join(page, page.c.id == place.c.page_id)
        met = here.where(place.c.finding_id == finding.c.id, page.c.target_id == target)
        query = query.where(exists(met))
    if since is not None:
        query = query.where(_flagged_at >= since)
    with db.reading() as connection:
        return _read(connection, query.order_by(*_worst_first).limit(limit).offset(offset))


def get_finding(db: Database, finding_id: int) -> Finding | None:
    """One finding with its places."""
    with db.reading() as connection:
        found = _read(connection, _select().where(finding.c.id == finding_id))
    return found[0] if found else None


def get_findings(db: Database, finding_ids: Sequence[int]) -> tuple[Finding, ...]:
    """Those findings, in the order asked for."""
    found: dict[int, Finding] = {}
    with db.reading() as connection:
        for at in range(0, len(finding_ids), _BATCH):
            some = finding.c.id.in_(finding_ids[at : at + _BATCH])
            found |= {item.id: item for item in _read(connection, _select().where(some))}
    return tuple(found[wanted] for wanted in finding_ids if wanted in found)


def iter_findings(db: Database) -> Iterator[Finding]:
    """All findings in the order they were first met, a batch at a time."""
    last = 0
    while True:
        query = _select().where(finding.c.id > last).order_by(finding.c.id).limit(_BATCH)
        with db.reading() as connection:
            batch = _read(connection, query)
        if not batch:
            return
        yield from batch
        last = batch[-1].id


def count_backlog(db: Database) -> int:
    """How many findings wait for a decision."""
    open_ones = finding.c.verdict_id.is_(None) & _is_suspect
    waiting = select(func.count()).select_from(finding).where(open_ones)
    with db.reading() as connection:
        return connection.execute(waiting).scalar_one()


def count_by_standing(connection: Connection) -> dict[tuple[str, str], int]:
    """How many findings there are by level and state, both in words."""
    rows = connection.execute(BY_STANDING)
    return {(Level(row.level).name.lower(), row.state): row.number for row in rows}


def add_verdict(  # noqa: PLR0917 (the record's fields in their order)
    db: Database,
    finding_id: int,
    decision: FindingState,
    reason: str,
    decided_by: str,
    decided_at: datetime,
) -> int:
    """Append what a person decided; from now on it is the verdict in force. The verdict's id."""
    if decision not in {FindingState.CONFIRMED, FindingState.DISMISSED}:
        raise ValueError(f"{decision!r} is not a verdict; it is confirmed or dismissed")
    with db.writing_alone() as connection:
        known = select(finding.c.id).where(finding.c.id == finding_id)
        if connection.execute(known).first() is None:
            raise StorageError(f"there is no finding {finding_id}")
        added = connection.execute(
            verdict.insert()
            .values(
                finding_id=finding_id,
                verdict=decision.value,
                reason=reason,
                decided_by=decided_by,
                decided_at=decided_at,
            )
            .returning(verdict.c.id)
        )
        verdict_id = int(added.scalar_one())
        connection.execute(
            update(finding).where(finding.c.id == finding_id).values(verdict_id=verdict_id)
        )
    return verdict_id


def _select() -> Select[Any]:
    return select(finding, _state).outerjoin(verdict, verdict.c.id == finding.c.verdict_id)


def _read(connection: Connection, query: Select[Any]) -> tuple[Finding, ...]:
    rows = connection.execute(query).all()
    places: dict[int, list[Place]] = {row.id: [] for row in rows}
    counts: dict[int, int] = {}
    ids = list(places)
    for at in range(0, len(ids), _BATCH):
        for row in connection.execute(_places(ids[at : at + _BATCH])):
            places[row.finding_id].append(_place(row))
            counts[row.finding_id] = row.place_count
    return tuple(_finding(row, tuple(places[row.id]), counts.get(row.id, 0)) for row in rows)


def _places(finding_ids: Sequence[int]) -> Select[Any]:
    """The newest places of each finding, with how many there are."""
    newest = func.row_number().over(
        partition_by=place.c.finding_id, order_by=(place.c.last_seen.desc(), place.c.id.desc())
    )
    count = func.count().over(partition_by=place.c.finding_id)
    ranked = (
        select(place, newest.label("rank"), count.label("place_count"))
        .where(place.c.finding_id.in_(finding_ids))
        .subquery()
    )
    return (
        select(
            ranked,
            page.c.target_id,
            page.c.url,
            observation.c.title,
            evidence.c.seq,
            evidence.c.body_sha256,
            evidence.c.screenshot_sha256,
        )
        .join(page, page.c.id == ranked.c.page_id)
        .join(observation, observation.c.id == ranked.c.observation_id)
        .join(evidence, evidence.c.seq == observation.c.evidence_seq)
        .where(ranked.c.rank <= MAX_PLACES)
        .order_by(ranked.c.finding_id, ranked.c.rank)
    )


def _place(row: Row[Any]) -> Place:
    return Place(
        observation_id=row.observation_id,
        target_id=row.target_id,
        url=row.url,
        title=row.title,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        times=row.times,
        evidence_seq=row.seq,
        body_sha256=row.body_sha256,
        screenshot_sha256=row.screenshot_sha256,
    )


def _finding(row: Row[Any], places: tuple[Place, ...], place_count: int) -> Finding:
    detail = load_detail(row.detail)
    return Finding(
        id=row.id,
        fingerprint=row.fingerprint,
        state=FindingState(row.state),
        level=Level(row.level),
        score=row.score,
        stance=Stance(row.stance),
        title=row.title,
        account=row.account,
        source=Origin(row.source),
        text=row.text,
        patterns=detail.patterns,
        hits=detail.hits,
        rates=detail.rates,
        entities=detail.entities,
        evasion=detail.evasion,
        keywords=(),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        times=row.times,
        reopened_at=row.reopened_at,
        places=places,
        rulebook=row.rulebook,
        place_count=place_count,
        turned_at=row.turned_at,
    )
