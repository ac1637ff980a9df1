"""Faults that last: the operator hears of each once when it begins, and once when it is over."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from alerts.message import operator_message
from alerts.outlets import Outlets
from crawler.operator_alerts import enlist_for_operator
from storage.database import Database
from storage.outbox import last_key

log = logging.getLogger("adwatch.service")


@dataclass(frozen=True, slots=True)
class LastingFault:
    """What is wrong; `channels` hear of it, or the operator's where there are none."""

    subject: str
    lines: tuple[str, ...]
    channels: tuple[str, ...] = ()


class LastingFaults:
    """What was told is known by the outbox, whose messages stay: a restart tells nothing anew.

    Services on one database that see the same fault write the same message, which is told once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[str, str | None] = {}

    def is_told(self, name: str) -> bool:
        """Whether the operator knows of the fault and not yet of its end."""
        if name not in self._told:
            self._told[name] = self._open_key(name)
        return self._told[name] is not None

    def settle(self, outlets: Outlets, found: Mapping[str, LastingFault | None]) -> None:
        """Tell what has begun and what is over, by what was looked at and found, or not."""
        for name, fault in found.items():
            if fault is not None and not self.is_told(name):
                self._begin(outlets, name, fault)
            elif fault is None and self.is_told(name):
                self._end(outlets, name)

    def _begin(self, outlets: Outlets, name: str, fault: LastingFault) -> None:
        known = self._open_key(name)  # another service may have been first
        if known is None:
            known = f"{_prefix(name)}{self._last(name)[0] + 1}"
            log.warning("%s: %s", fault.subject, " | ".join(fault.lines))
            lines = (*fault.lines, f"{name}: told again only when it is over")
            message = replace(operator_message(fault.subject, lines), key=known)
            enlist_for_operator(self._database, outlets, message, fault.channels)
        self._told[name] = known

    def _end(self, outlets: Outlets, name: str) -> None:
        told = self._told[name]
        log.warning("%s is over", name)
        message = operator_message(f"over: {name}", (f"{told} has ended",))
        enlist_for_operator(self._database, outlets, replace(message, key=f"{told}:ended"))
        self._told[name] = None

    def _open_key(self, name: str) -> str | None:
        number, ended = self._last(name)
        return None if ended else f"{_prefix(name)}{number}"

    def _last(self, name: str) -> tuple[int, bool]:
        """The number of the newest episode, and whether it has ended."""
        key = last_key(self._database, _prefix(name)) or ""
        parts = re.fullmatch(re.escape(_prefix(name)) + r"(\d+)(:ended)?", key)
        return (int(parts[1]), parts[2] is not None) if parts else (0, True)


def _prefix(name: str) -> str:
    return f"fault:{quote(name, safe='@ ')}:"
