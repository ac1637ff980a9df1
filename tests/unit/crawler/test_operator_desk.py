"""What the service tells its operator of itself: once while it lasts, and again when it returns."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.operator_desk import OperatorDesk


@pytest.fixture
def desk(monkeypatch):
    class Clocked(OperatorDesk):
        now = datetime(2026, 11, 20, 9, 55, tzinfo=UTC)

        def __init__(self):
            super().__init__(lambda: None, lambda: self.now)
            self.sent = []

        def _send(self, message):
            self.sent.append(message.key)

    return Clocked()


def after(desk, **passed):
    desk.now += timedelta(**passed)
    desk.tell("service fault", ("the database does not answer",))
    return len(set(desk.sent))  # the outbox takes each key once


def test_what_goes_on_for_hours_is_told_once_and_once_more_a_day(desk):
    told = [after(desk, minutes=10) for _ in range(6 * 23)]
    assert set(told) == {1}
    told = [after(desk, minutes=10) for _ in range(6 * 4)]
    assert told[-1] == 2


def test_what_was_over_and_returns_is_told_again(desk):
    assert after(desk) == 1
    assert after(desk, hours=2) == 2
    desk.tell("service fault", ("the disk is full",))
    assert len(set(desk.sent)) == 3
