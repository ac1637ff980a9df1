"""One unit of work in which statements that nobody waits for run together at its end."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.dml import UpdateBase

Values = Mapping[str, Any]


class Work:
    """A connection in a transaction, and what is still to be written in it.

    Each statement costs far more than each of its rows. Nothing is committed before it is settled;
    whoever reads what a statement that was put off would change settles first.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._later: dict[UpdateBase, list[Values]] = {}
        self._absent: set[str] = set()

    def put_off(self, statement: UpdateBase, values: Values) -> None:
        """Run the statement with these values, too, when the work is settled."""
        self._later.setdefault(statement, []).append(values)

    def replace(self, statement: UpdateBase, values: Values) -> None:
        """Run the statement when the work is settled, with these values and no earlier ones."""
        self._later[statement] = [values]

    def waiting(self, statement: UpdateBase) -> Values | None:
        """The values that the statement got last and has not been run with yet."""
        rows = self._later.get(statement)
        return rows[-1] if rows else None

    def settle(self) -> None:
        """Run what was put off, in the order in which each statement first was."""
        later, self._later = self._later, {}
        for statement, rows in later.items():
            self.connection.execute(statement, rows[0] if len(rows) == 1 else rows)

    def expect_absent(self, keys: set[str]) -> None:
        """Note rows that are known not to exist; no other writer can add them meanwhile."""
        self._absent |= keys

    def is_absent(self, key: str) -> bool:
        """Whether the row is known not to exist; asked once, since the asker will add it."""
        if key not in self._absent:
            return False
        self._absent.discard(key)
        return True
