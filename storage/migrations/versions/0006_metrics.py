"""Metrics: counters, how targets and services stand, and the sum of evidence bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_SIZE = {
    "sqlite": "coalesce(json_extract(record, '$.{0}'), 0)",
    "postgresql": "coalesce((record::json ->> '{0}')::bigint, 0)",
}


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "label", "part", name=op.f("pk_tally")),
    )
    op.create_table(
        "target_mark",
        sa.Column("target_id", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raised", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("target_id", name=op.f("pk_target_mark")),
    )
    op.create_table(
        "service_mark",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_offset_s", sa.Double(), nullable=True),
        sa.Column("evidence_free", sa.BigInteger(), nullable=False),
        sa.Column("evidence_size", sa.BigInteger(), nullable=False),
        sa.Column("data_free", sa.BigInteger(), nullable=False),
        sa.Column("data_size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_mark")),
    )
    op.create_index(op.f("ix_service_mark_looked_at"), "service_mark", ["looked_at"])
    op.create_index("ix_finding_standing", "finding", ["level", "verdict_id", "reopened_at"])
    op.add_column(
        "chain_head",
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column("channel_pace", sa.Column("trouble", sa.String(length=64), nullable=True))
    op.add_column(
        "channel_pace", sa.Column("trouble_at", sa.DateTime(timezone=True), nullable=True)
    )
    _count_what_is_there()


def _count_what_is_there() -> None:
    size = _SIZE[op.get_bind().dialect.name]
    sizes = f"{size.format('body_size')} + {size.format('screenshot_size')}"
    op.execute(
        "INSERT INTO tally (name, label, part, value)"
        " SELECT 'runs', state, '', count(*) FROM run WHERE state <> 'running' GROUP BY state"
    )
    op.execute(
        "INSERT INTO target_mark (target_id, started_at, succeeded_at)"
        " SELECT target_id, max(started_at),"
        " max(CASE WHEN state = 'finished' THEN ended_at END) FROM run GROUP BY target_id"
    )
    total = sa.select(sa.func.coalesce(sa.func.sum(sa.text(sizes)), 0)).select_from(
        sa.text("evidence")
    )
    head = sa.table("chain_head", sa.column("stored_bytes"))
    op.execute(head.update().values(stored_bytes=total.scalar_subquery()))


def downgrade() -> None:
    with op.batch_alter_table("channel_pace") as table:
        table.drop_column("trouble_at")
        table.drop_column("trouble")
    with op.batch_alter_table("chain_head") as table:
        table.drop_column("stored_bytes")
    op.drop_index("ix_finding_standing", table_name="finding")
    op.drop_table("service_mark")
    op.drop_table("target_mark")
    op.drop_table("tally")
