"""Rescans: how far each has come, what it did to which finding, and places that were lifted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("finding", sa.Column("turned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_finding_turned_at"), "finding", ["turned_at"], unique=False)
    op.add_column("place", sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_place_finding_id_lifted_at", "place", ["finding_id", "lifted_at"])
    _add_rescan()
    _add_rescan_finding()


def _add_rescan() -> None:
    op.create_table(
        "rescan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rulebook", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("until_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescan")),
    )
    op.create_index("ix_rescan_rulebook_scope", "rescan", ["rulebook", "scope"])


def _add_rescan_finding() -> None:
    op.create_table(
        "rescan_finding",
        sa.Column("rescan_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["rescan_id"], ["rescan.id"], name=op.f("fk_rescan_finding_rescan_id")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_rescan_finding_finding_id")
        ),
        sa.PrimaryKeyConstraint("rescan_id", "finding_id", name=op.f("pk_rescan_finding")),
    )
    op.create_index("ix_rescan_finding_finding_id", "rescan_finding", ["finding_id"])


def downgrade() -> None:
    op.drop_index("ix_rescan_finding_finding_id", table_name="rescan_finding")
    op.drop_table("rescan_finding")
    op.drop_index("ix_rescan_rulebook_scope", table_name="rescan")
    op.drop_table("rescan")
    op.drop_index("ix_place_finding_id_lifted_at", table_name="place")
    op.drop_column("place", "lifted_at")
    op.drop_index(op.f("ix_finding_turned_at"), table_name="finding")
    op.drop_column("finding", "turned_at")
