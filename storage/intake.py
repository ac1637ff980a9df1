"""What a crawl writes: each page at each moment in one unit of work."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from core.records import Assessment, Level, Link, Observation, Page, PageState, join_segments
from storage.chain import Fact, append_evidence
from storage.codec import load_page, pack_assessment, pack_page
from storage.creative import MAX_CREATIVES, Creative, is_suspect, suspect_creatives
from storage.database import Database
from storage.folding import Folded, Visit, fold, see_findings_again
from storage.outbox import tell_of_finding
from storage.pages import (
    expect_pages,
    keep_content,
    keep_sighting,
    keep_state,
    page_row,
    page_rows,
    set_observation,
)
from storage.storable import storable_record
from storage.tables import assessment, observation, place
from storage.upsert import add_if_new
from storage.work import Work

# Built once: putting a statement together takes longer than SQLite needs to run it.
_BY_KEY = select(observation).where(observation.c.key == bindparam("wanted_key"))
_BY_ID = select(observation).where(observation.c.id == bindparam("wanted_id"))
_ADD_OBSERVATION = observation.insert().returning(observation.c.id)
_CHANGE_OBSERVATION = observation.update().where(observation.c.id == bindparam("observation_id"))
_ADD_FIRST_ASSESSMENT = assessment.insert()
_ADD_ASSESSMENT = {
    dialect: add_if_new(dialect, assessment).returning(assessment.c.id)
    for dialect in ("sqlite", "postgresql")
}

NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class KnownPage:
    """What is stored of an address. ETag, date and hashes belong to its last content."""

    url: str
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    content_hash: str | None
    observation_id: int | None
    state: PageState
    state_since: datetime
    state_message: str
    first_seen: datetime
    last_seen: datetime
    last_status: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an observation; `skipped` counts suspect blocks beyond the limit a page."""

    observation_id: int
    evidence_seq: int
    finding_ids: tuple[int, ...]
    new_findings: tuple[int, ...]
    reopened: tuple[int, ...]
    skipped: int


@dataclass(frozen=True, slots=True)
class _Packed:
    """An observation as it will be stored, prepared before the database is locked for it."""

    seen: Observation
    content: Page
    page_data: bytes
    assessment: Assessment | None
    assessment_data: str
    creatives: tuple[Creative, ...]
    skipped: int


def known_page(db: Database, target_id: str, url: str) -> KnownPage | None:
    """What is stored of an address of a target."""
    return known_pages(db, [(target_id, url)])[0]


def known_pages(db: Database, pages: Sequence[tuple[str, str]]) -> list[KnownPage | None]:
    """What is stored of each target and address, in their order."""
    with db.reading() as connection:
        return [_known(row) for row in page_rows(connection, pages)]


def _known(row: Row[Any] | None) -> KnownPage | None:
    if row is None:
        return None
    return KnownPage(
        url=row.url,
        etag=row.etag,
        last_modified=row.last_modified,
        body_sha256=row.body_sha256,
        content_hash=row.content_hash,
        observation_id=row.observation_id,
        state=PageState(row.state),
        state_since=row.state_since,
        state_message=row.state_message,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        last_status=row.last_status,
    )


def links_on(db: Database, target_id: str, url: str) -> tuple[Link, ...]:
    """The links of the content that is stored of an address; none where there is none."""
    known = known_page(db, target_id, url)
    if known is None or known.observation_id is None:
        return ()
    with db.reading() as connection:
        row = connection.execute(_BY_ID, {"wanted_id": known.observation_id}).first()
    return load_page(row.content).links if row is not None else ()


def save_observation(
    db: Database,
    seen: Observation,
    facts: Mapping[str, Fact] = NO_FACTS,
    tell_from: Level = Level.HIGH,
) -> Saved:
    """Keep evidence record, observation, page, assessment and findings, all or nothing.

    The bytes must already lie in the evidence store. Saving the same observation again changes
    nothing; the same content met later counts as seen again. `facts` go into the evidence record.
    A finding that is new or reopened at level `tell_from` or above goes into the outbox with it.
    """
    packed = _pack(seen)
    with db.saving() as work:
        connection = work.connection
        stood = page_row(work, seen.target_id, seen.url)
        row = _observation_row(connection, seen) if stood is not None else None
        if row is not None and stood is not None and stood.observation_id == row.id:
            return _save_same(work, stood, row, packed, tell_from)
        page_id = keep_content(connection, stood, seen, packed.content)
        evidence_seq = append_evidence(work, seen, facts)
        if row is None:
            observation_id = _add_observation(connection, packed, page_id, evidence_seq)
            if packed.assessment is not None:
                values = _assessment_values(packed, packed.assessment, observation_id)
                work.put_off(_ADD_FIRST_ASSESSMENT, values)
        else:
            observation_id = row.id
            _count_observation(connection, row, seen, evidence_seq)
            _add_assessment(connection, packed, observation_id)
        set_observation(work, page_id, observation_id)
        if packed.creatives:
            work.settle()
        previous_id = stood.observation_id if stood else None
        folded = fold(
            connection, _visit(packed, page_id, observation_id, previous_id), packed.creatives
        )
        _tell(work, folded, tell_from, seen.capture.captured_at)
    return _saved(observation_id, evidence_seq, folded, packed.skipped)


@contextmanager
def saving_jointly(db: Database, seen: Sequence[Observation]) -> Iterator[None]:
    """Saving these observations inside is one unit of work: all of it is kept, or nothing."""
    with db.writing_jointly() as work:
        expect_pages(work, [(one.target_id, one.url) for one in seen])
        yield


def see_again(db: Database, seen: Observation) -> bool:
    """Count an unchanged page, and what was found on it, once more; False where it is unknown."""
    with db.saving() as work:
        connection = work.connection
        stood = page_row(work, seen.target_id, seen.url)
        if stood is None or stood.observation_id is None:
            return False
        row = connection.execute(_BY_ID, {"wanted_id": stood.observation_id}).one()
        keep_sighting(connection, stood, seen)
        _count_sighting(connection, row, seen)
    return True


def record_state(
    db: Database, seen: Observation, facts: Mapping[str, Fact] = NO_FACTS
) -> int | None:
    """Keep that a page is deleted, blocked or the like, with its evidence; never as content.

    The evidence's sequence number; None where the page stood the same at the last visit.
    """
    content = seen.page
    if content is None or content.state is PageState.OK or seen.stored is None:
        raise ValueError(f"{seen.url} is not a sealed observation of a page without content")
    content = storable_record(content)
    with db.saving() as work:
        stood = page_row(work, seen.target_id, seen.url)
        same = (
            stood is not None
            and stood.state == content.state.value
            and stood.state_sha256 == seen.stored.body_sha256
        )
        keep_state(work.connection, stood, seen, content)
        return None if same else append_evidence(work, seen, facts)


def _pack(seen: Observation) -> _Packed:
    if seen.page is None or seen.page.state is not PageState.OK or seen.stored is None:
        raise ValueError(f"{seen.url} is not a sealed observation with content")
    content, page_data = (seen.page, seen.packed) if seen.packed else pack_page(seen.page)
    judged, judged_data = seen.assessment, ""
    creatives: tuple[Creative, ...] = ()
    if judged is not None:
        judged, judged_data = pack_assessment(judged)
        if is_suspect(judged):
            segments = (load_page(page_data) if seen.packed else content).segments
            creatives = suspect_creatives(judged, join_segments(segments))
    return _Packed(
        seen=seen,
        content=content,
        page_data=page_data,
        assessment=judged,
        assessment_data=judged_data,
        creatives=creatives[:MAX_CREATIVES],
        skipped=max(0, len(creatives) - MAX_CREATIVES),
    )


def _tell(work: Work, folded: Folded, tell_from: Level, moment: datetime) -> None:
    """Put what has to be known at once into the outbox, in this very unit of work."""
    for finding_id in folded.new:
        if folded.levels[finding_id] >= tell_from:
            tell_of_finding(work, finding_id, "new", moment)
    for finding_id in folded.reopened:
        if folded.levels[finding_id] >= tell_from:
            tell_of_finding(work, finding_id, "reopened", moment)
    for finding_id, level in folded.risen.items():
        if level >= tell_from:
            tell_of_finding(work, finding_id, "risen", moment)


def _save_same(
    work: Work, stood: Row[Any], row: Row[Any], packed: _Packed, tell_from: Level
) -> Saved:
    """The page's content as it stands already; only a newer rulebook has something to say."""
    connection = work.connection
    keep_sighting(connection, stood, packed.seen)
    if _add_assessment(connection, packed, row.id):
        _count_observation(connection, row, packed.seen, row.evidence_seq)
        visit = _visit(packed, stood.id, row.id, row.id)
        folded = fold(connection, visit, packed.creatives)
        _tell(work, folded, tell_from, packed.seen.capture.captured_at)
        return _saved(row.id, row.evidence_seq, folded, packed.skipped)
    _count_sighting(connection, row, packed.seen)
    here = select(place.c.finding_id).where(place.c.observation_id == row.id)
    known = Folded(list(connection.execute(here.order_by(place.c.finding_id)).scalars()))
    return _saved(row.id, row.evidence_seq, known, 0)


def _saved(observation_id: int, evidence_seq: int, folded: Folded, skipped: int) -> Saved:
    return Saved(
        observation_id=observation_id,
        evidence_seq=evidence_seq,
        finding_ids=tuple(folded.finding_ids),
        new_findings=tuple(folded.new),
        reopened=tuple(folded.reopened),
        skipped=skipped,
    )


def _visit(packed: _Packed, page_id: int, observation_id: int, previous_id: int | None) -> Visit:
    return Visit(
        page_id=page_id,
        observation_id=observation_id,
        previous_id=previous_id,
        title=packed.content.title,
        account=packed.content.account,
        seen_at=packed.seen.capture.captured_at,
    )


def _observation_row(connection: Connection, seen: Observation) -> Row[Any] | None:
    return connection.execute(_BY_KEY, {"wanted_key": _observation_key(seen)}).first()


def _observation_key(seen: Observation) -> str:
    content = seen.content_hash or (seen.stored.body_sha256 if seen.stored else "")
    whole = f"{seen.target_id}\n{seen.url}\n{content}"
    return sha256(whole.encode(errors="replace")).hexdigest()


def _add_observation(
    connection: Connection, packed: _Packed, page_id: int, evidence_seq: int
) -> int:
    seen, content = packed.seen, packed.content
    moment = seen.capture.captured_at
    values = {
        "key": _observation_key(seen),
        "page_id": page_id,
        "run_id": seen.run_id,
        "kind": seen.kind,
        "parent_url": seen.parent_url,
        "final_url": seen.capture.final_url,
        "title": content.title,
        "account": content.account,
        "published_at": content.published_at,
        "content_hash": seen.content_hash,
        "content": packed.page_data,
        "evidence_seq": evidence_seq,
        "first_seen": moment,
        "last_seen": moment,
        "times": 1,
    }
    return int(connection.execute(_ADD_OBSERVATION, values).scalar_one())


def _count_observation(
    connection: Connection, row: Row[Any], seen: Observation, evidence_seq: int
) -> None:
    moment = seen.capture.captured_at
    values = {
        "observation_id": row.id,
        "evidence_seq": evidence_seq,
        "times": row.times + (1 if moment > row.last_seen else 0),
        "last_seen": max(row.last_seen, moment),
    }
    connection.execute(_CHANGE_OBSERVATION, values)


def _count_sighting(connection: Connection, row: Row[Any], seen: Observation) -> None:
    """Count what stands unchanged, unless this very sighting was counted before a kill."""
    moment = seen.capture.captured_at
    if moment > row.last_seen:
        _count_observation(connection, row, seen, row.evidence_seq)
        see_findings_again(connection, row.id, moment)


def _add_assessment(connection: Connection, packed: _Packed, observation_id: int) -> bool:
    """Keep the assessment beside older ones; whether these rules had not judged it before."""
    judged = packed.assessment
    if judged is None:
        return False
    values = _assessment_values(packed, judged, observation_id)
    added = connection.execute(_ADD_ASSESSMENT[connection.dialect.name], values)
    return added.scalar_one_or_none() is not None


def _assessment_values(packed: _Packed, judged: Assessment, observation_id: int) -> dict[str, Any]:
    return {
        "observation_id": observation_id,
        "rulebook": judged.rulebook,
        "level": int(judged.level),
        "score": judged.score,
        "stance": judged.stance.value,
        "detail": packed.assessment_data,
        "assessed_at": packed.seen.capture.captured_at,
    }
