"""Which observations and evidence records nothing needs any more. Decides; removes nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from core.records import Level
from storage.pages import page_rows
from storage.tables import assessment, evidence, observation, place, removal

AD_KINDS = frozenset({"ad", "landing"})
# Bytes that more records name than this (an empty page) are kept: looking at all would take long.
MAX_NAMING = 2_000


@dataclass(frozen=True, slots=True)
class Periods:
    """How long each kind is kept after it was last seen."""

    harmless: timedelta
    suspect: timedelta
    ads: timedelta

    def of(self, level: int, *, is_ad: bool) -> timedelta:
        """The longest that applies."""
        kept = [self.harmless]
        if level >= Level.MEDIUM:
            kept.append(self.suspect)
        if is_ad:
            kept.append(self.ads)
        return max(kept)

    @property
    def shortest(self) -> timedelta:
        """What is younger than this is kept, whatever it is."""
        return min(self.harmless, self.suspect, self.ads)


def expired_observations(
    connection: Connection, periods: Periods, now: datetime, after: int, limit: int
) -> tuple[list[int], int | None]:
    """The expired ones of the next portion behind `after`, and where it ended; None at the end.

    A page that is a place of a finding keeps all of its observations.
    """
    worst = (
        select(func.max(assessment.c.level))
        .where(assessment.c.observation_id == observation.c.id)
        .scalar_subquery()
    )
    query = (
        select(
            observation.c.id,
            observation.c.kind,
            observation.c.last_seen,
            worst.label("level"),
            _is_place(observation.c.page_id).label("is_place"),
        )
        .where(observation.c.id > after)
        .order_by(observation.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    gone = [
        row.id
        for row in rows
        if not row.is_place
        and row.last_seen < now - periods.of(row.level or 0, is_ad=row.kind in AD_KINDS)
    ]
    return gone, rows[-1].id if rows else None


def expired_files(
    connection: Connection, rows: Sequence[Row[Any]], periods: Periods, now: datetime
) -> set[str]:
    """The files of those records that no record needs any more."""
    left = _not_removed(connection, rows)
    own = expired_records(connection, [row for row in rows if left[row.seq]], periods, now)
    digests = {digest for seq in own for digest in left[seq]}
    return {one for one in digests if _needs_nobody(connection, one, periods, now)}


def _not_removed(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, list[str]]:
    """The files of each record that nothing behind it has signed for."""
    digests = {digest for row in rows for digest in files_of(row)}
    found = select(removal.c.sha256, removal.c.evidence_seq).where(removal.c.sha256.in_(digests))
    signed = {row.sha256: row.evidence_seq for row in connection.execute(found)}
    return {
        row.seq: [one for one in files_of(row) if signed.get(one, 0) <= row.seq] for row in rows
    }


def files_of(row: Row[Any]) -> tuple[str, ...]:
    """The hashes that a record names."""
    return tuple(one for one in (row.body_sha256, row.screenshot_sha256) if one is not None)


def _needs_nobody(connection: Connection, digest: str, periods: Periods, now: datetime) -> bool:
    named = (evidence.c.body_sha256 == digest) | (evidence.c.screenshot_sha256 == digest)
    rows = connection.execute(select(evidence).where(named).limit(MAX_NAMING)).all()
    if len(rows) == MAX_NAMING:
        return False
    return len(expired_records(connection, rows, periods, now)) == len(rows)


def expired_records(
    connection: Connection, rows: Sequence[Row[Any]], periods: Periods, now: datetime
) -> set[int]:
    """The numbers of the records whose bytes may go as far as each of them is concerned."""
    old: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        content = json.loads(row.record)
        if "removal" not in content and _taken_at(content) < now - periods.shortest:
            old[row.seq] = content
    if not old:
        return set()
    used = select(observation.c.evidence_seq).where(observation.c.evidence_seq.in_(old))
    needed = set(connection.execute(used).scalars())
    free = {seq: content for seq, content in old.items() if seq not in needed}
    pages = page_rows(connection, [_page_of(content) for content in free.values()])
    digests = {row.seq: files_of(row) for row in rows}
    return {
        seq
        for (seq, content), page in zip(free.items(), pages, strict=True)
        if _taken_at(content) < now - _period(connection, content, page, periods)
        and not _is_shown(connection, content, page, digests[seq])
    }


def _period(
    connection: Connection, content: Mapping[str, Any], page: Row[Any] | None, periods: Periods
) -> timedelta:
    """By the worst that was ever judged of the page."""
    level = 0
    if page is not None:
        level = connection.execute(
            select(func.coalesce(func.max(assessment.c.level), 0))
            .join(observation, observation.c.id == assessment.c.observation_id)
            .where(observation.c.page_id == page.id)
        ).scalar_one()
    return periods.of(level, is_ad="ad_signs" in content["facts"])


def _is_shown(
    connection: Connection,
    content: Mapping[str, Any],
    page: Row[Any] | None,
    digests: tuple[str, ...],
) -> bool:
    """Whether a finding was met on the page, its picture may be read again, or it stands so."""
    if page is None:
        return False
    is_picture = "picture_of" in content["facts"]
    if (is_picture and page.observation_id is not None) or page.state_sha256 in digests:
        return True
    return bool(connection.execute(select(_is_place(page.id))).scalar_one())


def _is_place(page_id: Any) -> ColumnElement[bool]:
    return select(place.c.id).where(place.c.page_id == page_id).exists()


def _page_of(content: Mapping[str, Any]) -> tuple[str, str]:
    return content["target"], content["facts"].get("picture_of") or content["address"]


def _taken_at(content: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(content["captured_at"])
