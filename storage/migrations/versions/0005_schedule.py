"""The schedule: which run holds a host, and which stretch of time a digest covers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "host_hold",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_host_hold_run_id")),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_hold")),
    )
    op.create_index(op.f("ix_host_hold_run_id"), "host_hold", ["run_id"])
    op.add_column("digest", sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("digest", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("digest", "ends_at")
    op.drop_column("digest", "starts_at")
    op.drop_table("host_hold")
