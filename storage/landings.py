"""Landing pages of ads that are due for another look, since they are swapped after approval."""

from datetime import datetime, timedelta

from sqlalchemy import select

from storage.database import Database
from storage.tables import observation, page

LANDING = "landing"
ROUNDS = 10  # after so many times the period, a landing page is given up
MOST = 500


def due_landings(
    db: Database, target_id: str, every: timedelta, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Address and parent of the target's landing pages not looked at for `every`, oldest first."""
    wanted = (
        select(page.c.url, observation.c.parent_url)
        .join(observation, observation.c.id == page.c.observation_id)
        .where(
            page.c.target_id == target_id,
            observation.c.kind == LANDING,
            page.c.last_seen <= now - every,
            page.c.first_seen >= now - ROUNDS * every,
        )
        .order_by(page.c.last_seen, page.c.id)
        .limit(MOST)
    )
    with db.reading() as connection:
        return tuple((row.url, row.parent_url) for row in connection.execute(wanted))
