"""The outbox: messages, their deliveries with leases, attempts, and each channel's pace."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcTime

revision = "0002"
down_revision = "0001"

# What an attempt without an end becomes: it died between the row and the mark.
_STATES = {"sent": "sent", "failed": "dead", "pending": "dead"}


def upgrade() -> None:
    kept = _old_deliveries()
    op.drop_index(op.f("ix_delivery_digest_id"), table_name="delivery")
    op.drop_table("delivery")
    _add_message()
    _add_delivery()
    _add_attempt()
    _add_pace()
    _take_over(kept)


def downgrade() -> None:
    kept = _new_deliveries()
    for table, indexes in (
        ("channel_post", ["ix_channel_post_channel_posted_at"]),
        ("channel_pace", []),
        ("attempt", ["ix_attempt_channel_started_at", "ix_attempt_message_id"]),
        ("delivery", ["ix_delivery_state_channel_due_at", "ix_delivery_summary_id"]),
        ("message", ["ix_message_digest_id", "ix_message_finding_id", "ix_message_routed_at"]),
    ):
        for index in indexes:
            op.drop_index(index, table_name=table)
        op.drop_table(table)
    _add_old_delivery()
    if kept:
        op.bulk_insert(_old_table(), kept)


def _add_message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("routed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_message_finding_id")),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_message_digest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    for column in ("finding_id", "digest_id", "routed_at"):
        op.create_index(op.f(f"ix_message_{column}"), "message", [column], unique=False)


def _add_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_delivery_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["message.id"], name=op.f("fk_delivery_summary_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "message_id", "channel", "audience", "recipient",
            name=op.f("uq_delivery_message_id_channel_audience_recipient"),
        ),
    )  # fmt: skip
    op.create_index(
        "ix_delivery_state_channel_due_at", "delivery", ["state", "channel", "due_at"], unique=False
    )
    op.create_index(op.f("ix_delivery_summary_id"), "delivery", ["summary_id"], unique=False)


def _add_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_attempt_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_message_id"), "attempt", ["message_id"], unique=False)
    op.create_index(
        "ix_attempt_channel_started_at", "attempt", ["channel", "started_at"], unique=False
    )


def _add_pace() -> None:
    op.create_table(
        "channel_pace",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_pace")),
    )
    op.create_table(
        "channel_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_post")),
    )
    op.create_index(
        "ix_channel_post_channel_posted_at", "channel_post", ["channel", "posted_at"], unique=False
    )


def _add_old_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_delivery_digest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_digest_id"), "delivery", ["digest_id"], unique=False)


def _old_table() -> Any:
    return sa.table(
        "delivery",
        *(sa.column(name) for name in ("digest_id", "channel", "recipient", "state", "code",
                                       "detail")),
        sa.column("started_at", UtcTime), sa.column("ended_at", UtcTime),
    )  # fmt: skip


def _old_deliveries() -> Sequence[dict[str, Any]]:
    """The last attempt at each recipient of each digest, a confirmed one before any other."""
    query = sa.text(
        "SELECT d.digest_id, d.channel, d.recipient, d.state, d.code, d.detail, g.day, g.audience"
        " FROM delivery d JOIN digest g ON g.id = d.digest_id ORDER BY d.id"
    )
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in op.get_bind().execute(query).mappings():
        key = row["digest_id"], row["channel"], row["recipient"]
        if key not in last or last[key]["state"] != "sent":
            last[key] = dict(row)
    return list(last.values())


def _take_over(kept: Sequence[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    message = sa.table(
        "message", sa.column("id"), sa.column("key"), sa.column("kind"), sa.column("audience"),
        sa.column("digest_id"), sa.column("created_at", UtcTime), sa.column("routed_at", UtcTime),
    )  # fmt: skip
    names = ("message_id", "channel", "audience", "recipient", "state", "attempts", "faults",
             "parts", "code", "detail")  # fmt: skip
    times = ("due_at", "expires_at", "created_at", "changed_at")
    delivery = sa.table(
        "delivery",
        *(sa.column(name) for name in names),
        *(sa.column(name, UtcTime) for name in times),
    )
    ids: dict[int, int] = {}
    for row in kept:
        if row["digest_id"] not in ids:
            key = f"digest-{row['day'].replace('-', '')}-{row['audience']}"
            values = {"key": key, "kind": "digest", "audience": row["audience"],
                      "digest_id": row["digest_id"], "created_at": now,
                      "routed_at": now}  # fmt: skip
            added = op.get_bind().execute(message.insert().values(values).returning(message.c.id))
            ids[row["digest_id"]] = added.scalar_one()
        values = {
            name: row[name] for name in ("channel", "audience", "recipient", "code", "detail")
        }
        values |= {"message_id": ids[row["digest_id"]], "state": _STATES[row["state"]],
                   "attempts": 1, "faults": 0, "parts": 0}  # fmt: skip
        op.get_bind().execute(delivery.insert().values(values | dict.fromkeys(times, now)))


def _new_deliveries() -> list[dict[str, Any]]:
    query = sa.text(
        "SELECT m.digest_id, d.channel, d.recipient, d.state, d.code, d.detail, d.created_at,"
        " d.changed_at FROM delivery d JOIN message m ON m.id = d.message_id"
        " WHERE m.digest_id IS NOT NULL AND d.attempts > 0 ORDER BY d.id"
    ).columns(created_at=UtcTime, changed_at=UtcTime)
    return [
        {name: row[name] for name in ("digest_id", "channel", "recipient", "code", "detail")}
        | {"state": "sent" if row["state"] == "sent" else "failed",
           "started_at": row["created_at"], "ended_at": row["changed_at"]}
        for row in op.get_bind().execute(query).mappings()
    ]  # fmt: skip
