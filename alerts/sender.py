"""Empties the outbox: routes what was found, sends what is due, marks what the channel said."""

import logging
import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import NamedTuple

from alerts.channel import Channel
from alerts.finding_message import finding_message
from alerts.message import Message
from alerts.outlets import Outlets, others
from alerts.packing import load_message, pack_message
from alerts.results import Result, Retry
from alerts.retries import MAX_FAULTS, WARN_AFTER_ATTEMPTS, after, delivery_fault
from alerts.routing import fold_at_once, route_new
from core.errors import AdwatchError, BusyStorageError, DeliveryError
from storage.database import Database
from storage.findings import get_finding
from storage.leases import (
    Lease,
    Leased,
    Mark,
    Report,
    confirm_part,
    due_channels,
    give_back,
    lease,
    mark,
)
from storage.outbox import (
    Address,
    DeliveryState,
    MessageKind,
    Outgoing,
    message_id,
    set_content,
)
from storage.pace import held_channels, hold_channel, reserve_post
from storage.patience import persist
from storage.queue_status import deliveries_of

MOST_CHANNELS_AT_ONCE = 8
LOOK_EVERY_S = 2.0
LEASE_SLACK = timedelta(seconds=30)
log = logging.getLogger("adwatch.alerts")


class Drained(NamedTuple):
    """How many messages were tried, and how many of them the channel took."""

    tried: int
    taken: int


@dataclass(slots=True)
class Sender:
    """Sends through every channel at its own pace; a slow one holds no other up.

    Several senders on one database share the work: who holds a lease sends. `outlets` is asked
    anew for each look, so that a changed configuration is followed.
    """

    database: Database
    outlets: Callable[[], Outlets]
    chance: random.Random = field(default_factory=random.SystemRandom)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _under_way: dict[str, Future[Drained]] = field(default_factory=dict)

    def run(self, stop: Event) -> None:
        """Look every few moments until stopped; what is being sent then is still sent."""
        with ThreadPoolExecutor(MOST_CHANNELS_AT_ONCE, "alerts") as pool:
            while not stop.is_set():
                try:
                    self._look(pool, stop)
                except AdwatchError as error:
                    log.warning("the outbox cannot be read: %s", error)
                except Exception:
                    log.exception("the outbox cannot be read")
                stop.wait(LOOK_EVERY_S)

    def send_due(self, stop: Event | None = None) -> int:
        """Route and send everything that is due now; how many messages a channel took."""
        stop = stop or Event()
        outlets = self.outlets()
        route_new(self.database, outlets, self.clock)
        tried, taken = 1, 0
        while tried and not stop.is_set():
            # What failed for good puts a report into the queue of another channel.
            done = [self.drain(outlets, channel, stop) for channel in self._ready(outlets)]
            tried = sum(one.tried for one in done)
            taken += sum(one.taken for one in done)
        return taken

    def send_now(self, key: str) -> None:
        """Try every delivery of one message that is due, past bursts and quiet hours."""
        outlets = self.outlets()
        waiting = {one.channel for one in deliveries_of(self.database, key)}
        for name in sorted(waiting & outlets.channels.keys()):
            channel = outlets.channels[name]
            number = message_id(self.database, key)
            while held := lease(self.database, name, self.clock(), _lasts(channel), number):
                if self.send_leased(outlets, channel, held) is None:
                    break

    def _look(self, pool: ThreadPoolExecutor, stop: Event) -> None:
        outlets = self.outlets()
        route_new(self.database, outlets, self.clock)
        for channel in self._ready(outlets):
            running = self._under_way.get(channel.name)
            if running is None or running.done():
                self._under_way[channel.name] = pool.submit(self.drain, outlets, channel, stop)

    def _ready(self, outlets: Outlets) -> list[Channel]:
        now = self.clock()
        due = due_channels(self.database, now)
        held = held_channels(self.database, now) if due else {}
        return [outlets.channels[name] for name in due
                if name in outlets.channels and name not in held]  # fmt: skip

    def drain(self, outlets: Outlets, channel: Channel, stop: Event) -> Drained:
        """Send what is due through one channel, until nothing is or it wants a pause."""
        tried = taken = 0
        try:
            fold_at_once(self.database, outlets, channel.name, self.clock())
            while not stop.is_set():
                held = lease(self.database, channel.name, self.clock(), _lasts(channel))
                if held is None:
                    break
                outcome = self.send_leased(outlets, channel, held)
                if outcome is None:
                    break
                tried, taken = tried + 1, taken + outcome
        except BusyStorageError as error:
            log.warning("%s: the database is busy: %s", channel.name, error)
        except Exception:
            log.exception("%s: sending failed", channel.name)
        return Drained(tried, taken)

    def send_leased(self, outlets: Outlets, channel: Channel, held: Lease) -> bool | None:
        """Send a message that is in our hands and mark it; None where the channel wants a pause."""
        if any(one.faults >= MAX_FAULTS for one in held.deliveries):
            detail = f"{MAX_FAULTS} attempts ended without an answer; the last one was cut off"
            self._mark(outlets, held, [
                Mark(one.id, DeliveryState.DEAD, "poison", detail) for one in held.deliveries
            ])  # fmt: skip
            return False
        try:
            results = self._send_pieces(outlets, channel, held)
        except DeliveryError as error:
            self._mark(outlets, held, [
                Mark(one.id, DeliveryState.DEAD, "poison", str(error)) for one in held.deliveries
            ])  # fmt: skip
            return False
        except BusyStorageError:
            raise  # nothing was said by the channel; the lease runs out and another one tries
        except Exception as error:
            log.exception("%s: %s could not be sent", channel.name, held.key)
            self._mark_fault(outlets, held, f"{type(error).__name__}: {error}")
            return False
        if isinstance(results, datetime):
            give_back(self.database, held, results, self.clock())
            return None
        return self._conclude(outlets, held, results)

    def _send_pieces(
        self, outlets: Outlets, channel: Channel, held: Lease
    ) -> tuple[Result, ...] | datetime:
        """Every recipient's last result; or, where the channel cannot be asked, when it can.

        Who did not take a piece is not sent the ones after it, and begins there another time.
        """
        pieces = channel.pieces(self._message(outlets, held))
        done = min(len(pieces) - 1, *(one.parts for one in held.deliveries))
        taken: dict[str, Result] = {}
        failed: dict[str, Result] = {}
        for number in range(done, len(pieces)):
            to = [one.recipient for one in held.deliveries
                  if one.parts <= number and one.recipient not in failed]  # fmt: skip
            if not to:
                continue
            free_at = self._reserve(channel)
            if free_at is not None:
                return free_at
            results = channel.send(pieces[number], to)
            fresh = {result.recipient: result for result in results if result.ok}
            taken |= fresh
            failed |= {result.recipient: result for result in results if not result.ok}
            if fresh and number + 1 < len(pieces):
                until = self.clock() + _lasts(channel)
                persist(confirm_part, self.database, held, list(fresh), number + 1, until)
        return tuple((taken | failed).values())

    def _conclude(self, outlets: Outlets, held: Lease, results: tuple[Result, ...]) -> bool | None:
        now = self.clock()
        said = {result.recipient: result for result in results}
        # A robot's or a hook's one answer holds for the row, also where its address has changed.
        only = results[0] if len(results) == 1 else None
        marks = [
            after(one, said.get(one.recipient) or only or _unanswered(one), now, self.chance)
            for one in held.deliveries
        ]
        self._mark(outlets, held, marks)
        pause = next((result for result in results if result.holds), None)
        if pause is not None:
            until = now + timedelta(seconds=pause.retry_after_s or 0.0)
            hold_channel(self.database, held.channel, until, pause.detail)
            log.warning("%s is left alone until %s: %s", held.channel, until, pause.code)
            return None
        return all(one.state is DeliveryState.SENT for one in marks)

    def _reserve(self, channel: Channel) -> datetime | None:
        paces = [(pace.posts, pace.seconds) for pace in channel.paces]
        return reserve_post(self.database, channel.name, paces, self.clock())

    def _message(self, outlets: Outlets, held: Lease) -> Message:
        if held.content is not None:
            return load_message(held.content)
        finding = get_finding(self.database, held.finding_id) if held.finding_id else None
        if finding is None:
            raise DeliveryError("there is nothing to tell of any more", permanent=True)
        message = finding_message(finding, held.key, outlets.surroundings, held.audience)
        set_content(self.database, held.message_id, pack_message(message))
        return message

    def _mark_fault(self, outlets: Outlets, held: Lease, what: str) -> None:
        now = self.clock()
        marks = []
        for one in held.deliveries:
            again = after(one, Result(one.recipient, False, "", what, Retry.LONG), now, self.chance)
            poison = one.faults + 1 >= MAX_FAULTS
            state = DeliveryState.DEAD if poison else again.state
            marks.append(Mark(one.id, state, "fault", what, again.due_at, is_fault=True))
        self._mark(outlets, held, marks)

    def _mark(self, outlets: Outlets, held: Lease, marks: list[Mark]) -> None:
        """Mark, and where the channel will not take it, say so through the others."""
        now = self.clock()
        # Confirmed, and not marked, would be sent once more: a busy database is waited for.
        persist(mark, self.database, held, marks, now, self._report(outlets, held, marks, now))
        for one in marks:
            level = logging.INFO if one.state is DeliveryState.SENT else logging.WARNING
            log.log(level, "%s %s: %s %s %s", held.channel, held.key, one.state.value, one.code,
                    one.detail if level == logging.WARNING else "")  # fmt: skip

    @staticmethod
    def _report(outlets: Outlets, held: Lease, marks: list[Mark], now: datetime) -> Report | None:
        tries = {one.id: one.attempts for one in held.deliveries}
        lost = [
            one
            for one in marks
            if one.state in {DeliveryState.REFUSED, DeliveryState.DEAD}
            or (one.state is DeliveryState.WAITING
                and tries[one.delivery_id] == WARN_AFTER_ATTEMPTS)
        ]  # fmt: skip
        if not lost or held.kind is MessageKind.DELIVERY_FAULT:
            return None
        addresses = tuple(
            Address(name, recipient)
            for name in others(outlets, held.channel)
            for recipient in outlets.channels[name].recipients
        )
        if not addresses:
            log.error("%s took nothing and there is no other channel to say so", held.channel)
            return None
        message = delivery_fault(held, lost[0], now)
        content = pack_message(message)
        outgoing = Outgoing(message.key, MessageKind.DELIVERY_FAULT, "operator", content)
        return Report(outgoing, addresses, outlets.give_up_after, lost[0].state)


def _lasts(channel: Channel) -> timedelta:
    return timedelta(seconds=channel.patience_s) + LEASE_SLACK


def _unanswered(one: Leased) -> Result:
    return Result(one.recipient, False, "", "the channel said nothing of this recipient")
