"""Channels that do not take what they are sent: told once, and once when it is over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select, update

from storage.database import Database
from storage.outbox import Address, DeliveryState, Outgoing, enlist_in
from storage.pace import lock_channel
from storage.tables import attempt, channel_pace, delivery

# A channel that takes some messages and not others is in trouble as long as that goes on.
QUIET = timedelta(hours=1)


def note_trouble(connection: Connection, channel: str, state: DeliveryState, now: datetime) -> bool:
    """Note that the channel does not take deliveries; whether that is worse than what was told."""
    lock_channel(connection, channel)
    mine = channel_pace.c.channel == channel
    told = connection.execute(select(channel_pace.c.trouble).where(mine)).scalar_one()
    waiting = DeliveryState.WAITING
    worse = told is None or (told == waiting.value and state is not waiting)
    trouble = {"trouble": state.value if worse else told, "trouble_at": now}
    connection.execute(update(channel_pace).where(mine).values(trouble))
    return worse


def mended_channels(db: Database, now: datetime) -> dict[str, datetime]:
    """Channels that took something since their last trouble, an hour or more ago, and its time."""
    took = (
        select(delivery.c.id)
        .join(attempt, attempt.c.message_id == delivery.c.message_id)
        .where(
            attempt.c.channel == channel_pace.c.channel,
            attempt.c.started_at > channel_pace.c.trouble_at,
            delivery.c.channel == channel_pace.c.channel,
            delivery.c.state == DeliveryState.SENT.value,
            delivery.c.changed_at > channel_pace.c.trouble_at,
        )
    )
    query = select(channel_pace.c.channel, channel_pace.c.trouble_at).where(
        channel_pace.c.trouble.is_not(None), channel_pace.c.trouble_at <= now - QUIET, exists(took)
    )
    with db.reading() as connection:
        return {row.channel: row.trouble_at for row in connection.execute(query)}


def end_trouble(  # noqa: PLR0917 (what is ended, and what is told of it)
    db: Database,
    channel: str,
    trouble_at: datetime,
    outgoing: Outgoing,
    addresses: Iterable[Address],
    now: datetime,
) -> bool:
    """Note that it is over and tell it; False where that was done, or it came again."""
    same = (channel_pace.c.channel == channel) & (channel_pace.c.trouble_at == trouble_at)
    over = update(channel_pace).where(same, channel_pace.c.trouble.is_not(None))
    with db.writing() as connection:
        ended = connection.execute(over.values(trouble=None).returning(channel_pace.c.channel))
        if ended.first() is None:
            return False
        enlist_in(connection, outgoing, addresses, now)
        return True
