"""Retention: which evidence bytes were removed, by which record, when and by which rule."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "removal",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("evidence_seq", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["evidence_seq"], ["evidence.seq"], name=op.f("fk_removal_evidence_seq")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_removal")),
    )
    op.create_index(op.f("ix_removal_evidence_seq"), "removal", ["evidence_seq"])
    op.create_index(op.f("ix_removal_removed_at"), "removal", ["removed_at"])


def downgrade() -> None:
    op.drop_table("removal")
