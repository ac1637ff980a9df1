"""Pictures: what was read from each, by its bytes, and what lies at each address of one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reader", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "reader", name=op.f("pk_picture")),
    )
    op.create_table(
        "picture_address",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("evidence_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_seq"], ["evidence.seq"], name=op.f("fk_picture_address_evidence_seq")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_picture_address")),
    )
    op.create_index(op.f("ix_picture_address_sha256"), "picture_address", ["sha256"])
    op.create_index(op.f("ix_picture_address_evidence_seq"), "picture_address", ["evidence_seq"])


def downgrade() -> None:
    op.drop_table("picture_address")
    op.drop_table("picture")
