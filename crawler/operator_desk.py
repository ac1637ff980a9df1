"""What the service tells its operator: through the outbox, and past it where that fails."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from alerts.deliver import deliver
from alerts.message import Message, operator_message
from alerts.outlets import Outlets
from core.errors import AdwatchError
from core.ledger import RunRecord
from crawler.config import Settings
from crawler.operator_alerts import enlist_for_operator
from crawler.workdays import CALENDAR_NOTICE, calendar_end
from storage.database import Database

log = logging.getLogger("adwatch.service")


_OVER_AFTER, _AGAIN_AFTER = timedelta(minutes=15), timedelta(days=1)


class OperatorDesk:
    """Tells each thing once: by its key, which the outbox takes a single time."""

    def __init__(self, outlets: Callable[[], Outlets], now: Callable[[], datetime]) -> None:
        self._outlets = outlets
        self._now = now
        self._said: set[str] = set()
        self._going_on: dict[str, tuple[datetime, datetime]] = {}  # since when, and last seen
        self.database: Database | None = None

    def tell(self, subject: str, lines: tuple[str, ...]) -> None:
        """One message while the same goes on, and one more every day: a tick comes every 20 s."""
        log.warning("%s: %s", subject, " | ".join(lines))
        message = operator_message(subject, lines)
        what = json.dumps(message.data, ensure_ascii=False).encode("utf-8", "replace")
        name, now = sha256(what).hexdigest()[:12], self._now()
        begun, seen = self._going_on.get(name, (now, now))
        if now - seen > _OVER_AFTER or now - begun >= _AGAIN_AFTER:
            begun = now
        self._going_on[name] = begun, now
        key = f"operator-{name}-{begun:%Y%m%dT%H}"
        self._send(replace(message, key=key))

    def tell_calendar_end(self, settings: Settings) -> None:
        """In good time, and then every week, that workdays will not be known any more."""
        today = self._now().astimezone(ZoneInfo(settings.timezone)).date()
        end = calendar_end(settings.calendar)
        if settings.schedule.digest.days == "workdays" and end - today <= CALENDAR_NOTICE:
            lines = (
                f"the calendar of workdays ends on {end}; after it, Monday to Friday count",
                "update the package chinesecalendar, or name days under calendar: in adwatch.yml",
            )
            key = f"calendar-{end}-{today:%GW%V}"
            self._tell_once(key, f"the calendar of workdays ends on {end}", lines)

    def tell_given_up(self, run: RunRecord) -> None:
        """That a slot broke off as often as it was begun."""
        lines = (f"{run.slot} broke off each time and is not begun again; the next slot is",)
        key = f"given-up-{run.target_id}-{run.slot}"
        self._tell_once(key, f"{run.target_id}: a crawl is given up", lines)

    def _tell_once(self, key: str, subject: str, lines: tuple[str, ...]) -> None:
        if key not in self._said:
            self._said.add(key)
            log.warning("%s: %s", subject, " | ".join(lines))
            self._send(replace(operator_message(subject, lines), key=key))

    def _send(self, message: Message) -> None:
        try:
            if self.database is not None:
                enlist_for_operator(self.database, self._outlets(), message)
        except AdwatchError as error:
            log.warning("the outbox cannot be written, telling directly: %s", error)
            self._send_directly(message)

    def _send_directly(self, message: Message) -> None:
        """Past the outbox, since the database is what fails."""
        outlets = self._outlets()
        channels = [outlets.channels[name] for name in outlets.routes.operator]
        for one in deliver(message, channels):
            if not one.ok:
                log.error("alert not delivered by %s: %s", one.channel, one.detail)
