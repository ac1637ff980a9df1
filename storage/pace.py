"""How fast a channel may be asked, counted in the database: a robot counts all senders as one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from storage.database import Database
from storage.tables import channel_pace, channel_post
from storage.upsert import add_if_new

KEPT = timedelta(hours=1)


def lock_channel(connection: Connection, channel: str) -> datetime | None:
    """Wait until nobody else takes from the channel's queue; until when the channel is held."""
    added = add_if_new(connection.dialect.name, channel_pace).values(channel=channel, why="")
    query = select(channel_pace.c.held_until).where(channel_pace.c.channel == channel)
    found = connection.execute(query.with_for_update()).first()
    if found is None:
        connection.execute(added)
        found = connection.execute(query.with_for_update()).one()
    held_until: datetime | None = found.held_until
    return held_until


def reserve_post(
    db: Database, channel: str, paces: Sequence[tuple[int, float]], now: datetime
) -> datetime | None:
    """Count one request, if the channel may be asked now; else from when on it may.

    `paces` are limits: so many requests in so many seconds.
    """
    with db.writing() as connection:
        held_until = lock_channel(connection, channel)
        if held_until is not None and held_until > now:
            return held_until
        free_at = max(
            (_free_at(connection, channel, posts, seconds, now) for posts, seconds in paces),
            default=now,
        )
        if free_at > now:
            return free_at
        if paces:
            connection.execute(channel_post.insert().values(channel=channel, posted_at=now))
            old = (channel_post.c.channel == channel) & (channel_post.c.posted_at < now - KEPT)
            connection.execute(channel_post.delete().where(old))
    return None


def hold_channel(db: Database, channel: str, until: datetime, why: str) -> None:
    """Leave the channel alone until then: the other side asked for it."""
    with db.writing() as connection:
        held_until = lock_channel(connection, channel)
        if held_until is None or held_until < until:
            held = {"held_until": until, "why": why}
            connection.execute(
                update(channel_pace).where(channel_pace.c.channel == channel).values(held)
            )


def held_channels(db: Database, now: datetime) -> dict[str, datetime]:
    """The channels that are left alone at the moment, and until when."""
    query = select(channel_pace).where(channel_pace.c.held_until > now)
    with db.reading() as connection:
        return {row.channel: row.held_until for row in connection.execute(query)}


def _free_at(
    connection: Connection, channel: str, posts: int, seconds: float, now: datetime
) -> datetime:
    """When the oldest of the last `posts` requests is `seconds` old."""
    span = timedelta(seconds=seconds)
    recent = select(channel_post.c.posted_at).where(
        channel_post.c.channel == channel, channel_post.c.posted_at > now - span
    )
    count = connection.execute(select(func.count()).select_from(recent.subquery())).scalar_one()
    if count < posts:
        return now
    nth = recent.order_by(channel_post.c.posted_at.desc()).limit(1).offset(posts - 1)
    oldest: datetime = connection.execute(nth).scalar_one()
    return oldest + span
