"""INSERT … ON CONFLICT, which both databases speak in dialects of their own."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def add_if_new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that leaves a row alone that is there already."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
