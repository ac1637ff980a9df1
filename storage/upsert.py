"""INSERT … ON CONFLICT, which both databases speak in dialects of their own."""

from collections.abc import Sequence

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def add_if_new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that leaves a row alone that is there already."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def add_or_change(
    dialect: str, table: Table, changed: Sequence[str]
) -> postgresql.Insert | sqlite.Insert:
    """An insert that gives a row that is there already the new values of `changed`."""
    added = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    new = {name: added.excluded[name] for name in changed}
    return added.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)


def add_up(dialect: str, table: Table, counter: str) -> postgresql.Insert | sqlite.Insert:
    """An insert that adds its counter to that of a row that is there already."""
    added = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    total = {counter: table.c[counter] + added.excluded[counter]}
    return added.on_conflict_do_update(index_elements=list(table.primary_key), set_=total)
