"""Rescans: which observations are left to judge by today's rules, and what came of it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update

from core.errors import LockedError
from core.ledger import Turn
from storage.database import Database
from storage.refolding import Kept, Refolding
from storage.rejudged import Rejudged, Stored
from storage.tables import assessment, finding, observation, page, place, rescan, rescan_finding
from storage.upsert import add_if_new

PORTION = 100
_PORTION_BYTES = 2 * 1024 * 1024
_READ = 50
_KEPT = ("id", "page_id", "title", "account", "first_seen", "last_seen", "times")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which observations: those seen since a moment, those of some targets; by default all."""

    since: datetime | None = None
    targets: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Equal for equal scopes."""
        since = self.since.isoformat() if self.since else None
        return json.dumps({"since": since, "targets": sorted(set(self.targets))})

    @classmethod
    def of(cls, key: str) -> Self:
        """The scope of a key."""
        said = json.loads(key)
        since = datetime.fromisoformat(said["since"]) if said["since"] else None
        return cls(since, tuple(said["targets"]))


@dataclass(frozen=True, slots=True)
class Rescan:
    """One rescan as it was found or begun; `left` is how many observations it has to judge.

    `is_part`: a key range of it. Parts leave the mark alone, since many are under way at once; what
    one has judged is known by its assessments, so that a part begun anew goes on where it stopped.
    """

    id: int
    rulebook: str
    scope: Scope
    until_id: int
    last_id: int
    left: int
    resumed: bool
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class RescanReport:
    """What a rescan has done, also in earlier goes that were cut short; finding ids by turn."""

    id: int
    rulebook: str
    judged: int
    failed: int
    turned: dict[Turn, tuple[int, ...]]


def begin_rescan(db: Database, rulebook: str, scope: Scope, now: datetime) -> Rescan:
    """Go on with the rescan of these rules and this scope that was cut short, or begin one."""
    cut_short = (
        select(rescan)
        .where(rescan.c.rulebook == rulebook, rescan.c.scope == scope.key)
        .where(rescan.c.ended_at.is_(None))
        .order_by(rescan.c.id.desc())
        .limit(1)
    )
    with db.writing_alone() as connection:
        row = connection.execute(cut_short).first()
        resumed = row is not None
        if row is None:
            row = _add_rescan(connection, rulebook, scope, now)
    waiting = _waiting(rulebook, scope, row.last_id, row.until_id)
    left = select(func.count()).select_from(observation.join(page)).where(waiting)
    with db.reading() as connection:
        count = connection.execute(left).scalar_one()
    return Rescan(row.id, rulebook, scope, row.until_id, row.last_id, count, resumed)


def _add_rescan(connection: Connection, rulebook: str, scope: Scope, now: datetime) -> Row[Any]:
    values = {
        "rulebook": rulebook,
        "scope": scope.key,
        "until_id": connection.scalar(select(func.max(observation.c.id))) or 0,
        "last_id": 0,
        "judged": 0,
        "failed": 0,
        "started_at": now,
    }
    return connection.execute(rescan.insert().values(values).returning(*rescan.c)).one()


def key_ranges(db: Database, task: Rescan, size: int) -> Iterator[tuple[int, int]]:
    """What is left, in ranges of about `size` observations: after which id, until which."""
    after = task.last_id
    ids = select(observation.c.id).join(page, page.c.id == observation.c.page_id)
    while after < task.until_id:
        waiting = _waiting(task.rulebook, task.scope, after, task.until_id)
        nth = ids.where(waiting).order_by(observation.c.id).offset(size - 1).limit(1)
        with db.reading() as connection:
            until = connection.execute(nth).scalar_one_or_none() or task.until_id
        yield after, until
        after = until


def rescan_part(db: Database, rescan_id: int, after_id: int, until_id: int) -> Rescan | None:
    """A key range of a rescan; None where the rescan has ended."""
    open_one = select(rescan).where(rescan.c.id == rescan_id, rescan.c.ended_at.is_(None))
    with db.reading() as connection:
        row = connection.execute(open_one).first()
    if row is None:
        return None
    scope = Scope.of(row.scope)
    size = until_id - after_id
    return Rescan(row.id, row.rulebook, scope, until_id, after_id, size, resumed=True, is_part=True)


def judged_so_far(db: Database, task: Rescan) -> int:
    """How many observations the rescan has judged or failed to judge."""
    query = select(rescan.c.judged + rescan.c.failed).where(rescan.c.id == task.id)
    with db.reading() as connection:
        return int(connection.execute(query).scalar_one())


def iter_stored(db: Database, task: Rescan) -> Iterator[tuple[Stored, ...]]:
    """The observations left, in portions by rising id, a few read at a time."""
    last, portion, size = task.last_id, list[Stored](), 0
    while True:
        with db.reading() as connection:
            batch = _read(connection, task, last)
        for one in batch:
            portion.append(one)
            size += len(one.content)
            if len(portion) == PORTION or size >= _PORTION_BYTES:
                yield tuple(portion)
                portion, size = [], 0
        if not batch:
            break
        last = batch[-1].observation_id
    if portion:
        yield tuple(portion)


def save_portion(  # noqa: PLR0917 (the parts of one step)
    db: Database,
    task: Rescan,
    previous_id: int,
    portion: Sequence[Stored],
    judged: Sequence[Rejudged],
    now: datetime,
) -> None:
    """Keep a portion's assessments, what they mean for findings, and the mark; all or nothing.

    `previous_id` is the last of the portion before. What is not among `judged` has failed.
    LockedError where another process has moved the mark.
    """
    good = {one.observation_id: one for one in judged}
    contents = {one.observation_id: one.content for one in portion}
    with db.writing_alone() as connection:
        values: dict[str, Any] = {
            "judged": rescan.c.judged + len(good),
            "failed": rescan.c.failed + len(portion) - len(good),
        }
        mark = update(rescan).where(rescan.c.id == task.id)
        if not task.is_part:
            values["last_id"] = portion[-1].observation_id
            mark = mark.where(rescan.c.last_id == previous_id)
        if connection.execute(mark.values(values)).rowcount != 1:
            raise LockedError("another rescan of the same observations is under way")
        if not good:
            return
        rows = [_assessment(one, now) for one in good.values()]
        connection.execute(add_if_new(db.dialect, assessment), rows)
        for kept in _touched(connection, good, contents):
            Refolding(connection, task.id, kept, good[kept.id], now).refold()


def end_rescan(db: Database, task: Rescan, now: datetime) -> RescanReport:
    """Note that nothing is left, and say what the rescan has done."""
    with db.writing() as connection:
        connection.execute(update(rescan).where(rescan.c.id == task.id).values(ended_at=now))
        row = connection.execute(select(rescan).where(rescan.c.id == task.id)).one()
        turns = (
            select(rescan_finding.c.turn, finding.c.id)
            .join(finding, finding.c.id == rescan_finding.c.finding_id)
            .where(rescan_finding.c.rescan_id == task.id)
            .order_by(finding.c.level.desc(), finding.c.score.desc(), finding.c.id)
        )
        found = [(Turn(turned.turn), turned.id) for turned in connection.execute(turns)]
    return RescanReport(
        id=task.id,
        rulebook=task.rulebook,
        judged=row.judged,
        failed=row.failed,
        turned={turn: tuple(number for what, number in found if what is turn) for turn in Turn},
    )


def stored_targets(db: Database) -> frozenset[str]:
    """The targets of which pages are stored."""
    with db.reading() as connection:
        return frozenset(connection.execute(select(page.c.target_id).distinct()).scalars())


def _waiting(rulebook: str, scope: Scope, last_id: int, until_id: int) -> ColumnElement[bool]:
    """What these rules have not judged, or what a finding still shows by older ones."""
    judged = exists().where(
        assessment.c.observation_id == observation.c.id, assessment.c.rulebook == rulebook
    )
    outdated = (
        select(place.c.id)
        .join(finding, finding.c.id == place.c.finding_id)
        .where(place.c.observation_id == observation.c.id, place.c.lifted_at.is_(None))
        .where(finding.c.rulebook != rulebook, finding.c.verdict_id.is_(None))
        .where(finding.c.page_id == place.c.page_id)
    )
    wanted = [
        observation.c.id > last_id,
        observation.c.id <= until_id,
        or_(~judged, outdated.exists()),
    ]
    if scope.since is not None:
        wanted.append(observation.c.last_seen >= scope.since)
    if scope.targets:
        wanted.append(page.c.target_id.in_(scope.targets))
    return and_(*wanted)


def _read(connection: Connection, task: Rescan, last_id: int) -> list[Stored]:
    query = (
        select(observation.c.id, page.c.target_id, observation.c.content)
        .join(page, page.c.id == observation.c.page_id)
        .where(_waiting(task.rulebook, task.scope, last_id, task.until_id))
        .order_by(observation.c.id)
        .limit(_READ)
    )
    return [Stored(row.id, row.target_id, row.content) for row in connection.execute(query)]


def _touched(
    connection: Connection, good: dict[int, Rejudged], contents: dict[int, bytes]
) -> list[Kept]:
    """Of the observations those that are suspect now, or on which something suspect was found."""
    found = select(place.c.observation_id).where(place.c.observation_id.in_(list(good)))
    wanted = {one.observation_id for one in good.values() if one.creatives}
    wanted |= set(connection.execute(found).scalars())
    columns = [observation.c[name] for name in _KEPT]
    query = select(*columns).where(observation.c.id.in_(sorted(wanted))).order_by(observation.c.id)
    return [
        Kept(**row, content=contents[row["id"]]) for row in connection.execute(query).mappings()
    ]


def _assessment(judged: Rejudged, now: datetime) -> dict[str, Any]:
    return {
        "observation_id": judged.observation_id,
        "rulebook": judged.rulebook,
        "level": int(judged.level),
        "score": judged.score,
        "stance": judged.stance.value,
        "detail": judged.detail,
        "assessed_at": now,
    }
