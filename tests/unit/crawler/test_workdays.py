"""China's workdays, an office's corrections, and what holds when the calendar has ended."""

from datetime import date

import pytest

from crawler.config import Calendar
from crawler.workdays import calendar_end, is_workday

CALENDAR = Calendar(off=(date(2027, 2, 8), date(2026, 11, 20)), work=(date(2027, 2, 20),))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 22), False),
        (date(2026, 10, 1), False),
        (date(2026, 2, 14), True),  # a Saturday that is worked for the Spring Festival
        (date(2026, 11, 20), False),  # a Friday that the office has off
        (date(2027, 2, 20), True),  # a Saturday of a year that is not built in
        (date(2027, 2, 8), False),
        (date(2031, 1, 1), True),  # nobody knows yet: a Wednesday
        (date(2031, 1, 4), False),
    ],
)
def test_corrections_then_the_calendar_then_weekdays(day, works):
    assert is_workday(day, CALENDAR) is works


def test_the_end_moves_with_years_that_were_entered():
    built_in = calendar_end(Calendar())
    assert (built_in.month, built_in.day) == (12, 31)
    following = date(built_in.year + 1, 1, 1)
    assert calendar_end(Calendar(off=(following,))) == date(following.year, 12, 31)
    assert calendar_end(Calendar(off=(date(built_in.year + 3, 1, 1),))) == built_in


def test_a_day_cannot_be_off_and_worked(workspace, said):
    found = workspace("calendar: {off: [2027-02-08], work: [2027-02-08]}\n")
    assert "2027-02-08 stands under off and under work" in said(found)
