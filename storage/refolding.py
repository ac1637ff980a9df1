"""What today's rules say of the findings on one page that was judged long ago.

Nothing was seen anew: sightings are not counted again, and what people decided stays as it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from core.ledger import Turn
from core.records import Level
from storage.creative import Creative
from storage.folding import Visit, add_finding, add_place, add_variant, shown, sighting
from storage.matching import FINDING, known_finding
from storage.rejudged import Rejudged, creative_again
from storage.tables import assessment, finding, observation, place, rescan_finding

# Built once: putting a statement together takes longer than SQLite needs to run it.
_PLACES = select(place).where(place.c.page_id == bindparam("wanted_page"))
_STANDING = (
    select(place.c.id)
    .where(place.c.finding_id == bindparam("wanted_id"), place.c.lifted_at.is_(None))
    .limit(1)
)
_SHOWN_PLACE = select(place.c.lifted_at).where(
    place.c.finding_id == bindparam("wanted_id"), place.c.page_id == bindparam("wanted_page")
)
# A place that still stands and was judged by today's rules, to be shown instead of a lifted one.
_SHOWABLE = (
    select(
        place.c.page_id,
        place.c.fingerprint,
        observation.c.id.label("observation_id"),
        observation.c.title,
        observation.c.account,
        observation.c.last_seen,
        observation.c.content,
        assessment.c.detail,
    )
    .join(observation, observation.c.id == place.c.observation_id)
    .join(assessment, assessment.c.observation_id == observation.c.id)
    .where(
        place.c.finding_id == bindparam("wanted_id"),
        place.c.lifted_at.is_(None),
        assessment.c.rulebook == bindparam("wanted_rulebook"),
    )
    .order_by(place.c.id)
    .limit(1)
)
_TURN = select(rescan_finding.c.turn).where(
    rescan_finding.c.rescan_id == bindparam("wanted_rescan"),
    rescan_finding.c.finding_id == bindparam("wanted_id"),
)
_CHANGE_FINDING = finding.update().where(finding.c.id == bindparam("wanted_id"))
_CHANGE_PLACE = place.update().where(place.c.id == bindparam("place_id"))


@dataclass(frozen=True, slots=True)
class Kept:
    """An observation as a rescan looks at it."""

    id: int
    page_id: int
    title: str
    account: str
    first_seen: datetime
    last_seen: datetime
    times: int
    content: bytes

    @property
    def visit(self) -> Visit:
        """The moment at which it was last seen."""
        return Visit(self.page_id, self.id, None, self.title, self.account, self.last_seen)


class Refolding:
    """One observation's findings brought up to today's rules, in the caller's unit of work."""

    def __init__(
        self, connection: Connection, rescan_id: int, kept: Kept, judged: Rejudged, now: datetime
    ) -> None:
        self._connection = connection
        self._rescan_id = rescan_id
        self._kept = kept
        self._judged = judged
        self._now = now

    def refold(self) -> None:
        """Join suspect blocks to their findings or make new ones; lift what is not suspect now."""
        rows = self._connection.execute(_PLACES, {"wanted_page": self._kept.page_id})
        here = {row.finding_id: row for row in rows}
        own = {row.fingerprint: row for row in here.values() if self._is_own(row)}
        suspect: set[int] = set()
        for creative in self._judged.creatives:
            stood = own.get(creative.fingerprint)
            found = stood.finding_id if stood else known_finding(self._connection, creative, here)
            if found is None:
                found = self._add(creative)
            elif found not in suspect:
                self._join(creative, found, here.get(found))
            else:
                add_variant(self._connection, creative, found, anchor=False)
            suspect.add(found)
        for row in own.values():
            if row.finding_id not in suspect:
                self._lift(row)

    def _is_own(self, row: Row[Any]) -> bool:
        return bool(row.observation_id == self._kept.id)

    def _add(self, creative: Creative) -> int:
        """A finding that nobody saw when its page was read: as old as the page, but news today."""
        visit = self._kept.visit
        finding_id = add_finding(self._connection, visit, creative)
        self._change(finding_id, self._sightings())
        add_variant(self._connection, creative, finding_id, anchor=True)
        add_place(self._connection, visit, creative, finding_id, self._sightings())
        self._note(finding_id, Turn.NEW)
        return finding_id

    def _sightings(self) -> dict[str, Any]:
        kept = self._kept
        return {"first_seen": kept.first_seen, "last_seen": kept.last_seen, "times": kept.times}

    def _join(self, creative: Creative, finding_id: int, stood: Row[Any] | None) -> None:
        add_variant(self._connection, creative, finding_id, anchor=False)
        if stood is not None and stood.observation_id > self._kept.id:
            return  # the page has moved on since, and so has its place
        row = self._connection.execute(FINDING, {"wanted_id": finding_id}).one()
        self._place(creative, row, stood)
        if row.verdict_id is not None:
            return
        if self._is_to_be_shown(creative, row):
            self._change(finding_id, shown(self._kept.visit, creative))
        if row.level < Level.MEDIUM:
            self._note(finding_id, Turn.NEW)
        elif creative.rank[0] > row.level:
            self._note(finding_id, Turn.RAISED)

    def _place(self, creative: Creative, row: Row[Any], stood: Row[Any] | None) -> None:
        """Keep where the creative stands; a page on which it was not seen before adds sightings."""
        kept, visit = self._kept, self._kept.visit
        if stood is None:
            add_place(self._connection, visit, creative, row.id, self._sightings())
        else:
            values = sighting(visit, creative) | {"place_id": stood.id}
            if not self._is_own(stood):
                values |= {
                    "last_seen": max(stood.last_seen, kept.last_seen),
                    "times": stood.times + kept.times,
                }
            self._connection.execute(_CHANGE_PLACE, values)
        if stood is None or not self._is_own(stood):
            counts = {
                "times": row.times + kept.times,
                "first_seen": min(row.first_seen, kept.first_seen),
                "last_seen": max(row.last_seen, kept.last_seen),
            }
            self._change(row.id, counts)

    def _is_to_be_shown(self, creative: Creative, row: Row[Any]) -> bool:
        if row.page_id == self._kept.page_id or creative.rank > (row.level, row.score):
            return True
        wanted = {"wanted_id": row.id, "wanted_page": row.page_id}
        there = self._connection.execute(_SHOWN_PLACE, wanted).first()
        return there is not None and there.lifted_at is not None

    def _lift(self, stood: Row[Any]) -> None:
        """What stands here is not suspect now; nor is its finding, if it stands nowhere else."""
        block = creative_again(self._kept.content, self._judged.detail, stood.fingerprint)
        if block is not None and block.verdict.level >= Level.MEDIUM:
            return  # beyond the number of suspect blocks that are kept of a page
        if stood.lifted_at is None:
            values = {"place_id": stood.id, "lifted_at": self._now}
            self._connection.execute(_CHANGE_PLACE, values)
        row = self._connection.execute(FINDING, {"wanted_id": stood.finding_id}).one()
        if row.verdict_id is not None or row.level < Level.MEDIUM:
            return
        if self._connection.execute(_STANDING, {"wanted_id": row.id}).first() is None:
            self._change(row.id, self._harmless(block))
            self._note(row.id, Turn.LIFTED)
        elif row.page_id == self._kept.page_id:
            self._show_another(row.id)

    def _harmless(self, block: Creative | None) -> dict[str, Any]:
        if block is not None:
            return shown(self._kept.visit, block)
        # The text is divided otherwise today; what is shown of it stays as it was.
        return {"level": int(Level.NONE), "score": 0.0, "rulebook": self._judged.rulebook}

    def _show_another(self, finding_id: int) -> None:
        """Show the finding where it still stands; a place not judged yet will show itself."""
        wanted = {"wanted_id": finding_id, "wanted_rulebook": self._judged.rulebook}
        row = self._connection.execute(_SHOWABLE, wanted).first()
        if row is None:
            return
        creative = creative_again(row.content, row.detail, row.fingerprint)
        if creative is not None and creative.verdict.level >= Level.MEDIUM:
            visit = Visit(
                row.page_id, row.observation_id, None, row.title, row.account, row.last_seen
            )
            self._change(finding_id, shown(visit, creative))

    def _change(self, finding_id: int, values: dict[str, Any]) -> None:
        self._connection.execute(_CHANGE_FINDING, {"wanted_id": finding_id, **values})

    def _note(self, finding_id: int, turn: Turn) -> None:
        """Note what became of the finding; there and back again within one rescan is nothing."""
        self._change(finding_id, {"turned_at": self._now})
        wanted = {"wanted_rescan": self._rescan_id, "wanted_id": finding_id}
        before = self._connection.execute(_TURN, wanted).scalar_one_or_none()
        this = (rescan_finding.c.rescan_id == self._rescan_id) & (
            rescan_finding.c.finding_id == finding_id
        )
        if before is None:
            values = {"rescan_id": self._rescan_id, "finding_id": finding_id, "turn": turn.value}
            self._connection.execute(rescan_finding.insert(), values)
        elif {before, turn} == {Turn.NEW, Turn.LIFTED}:
            self._connection.execute(delete(rescan_finding).where(this))
        elif turn is Turn.LIFTED:
            self._connection.execute(update(rescan_finding).where(this).values(turn=turn.value))
