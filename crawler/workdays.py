"""China's workdays: the published calendar, an office's corrections, and weekdays after its end."""

from datetime import date, timedelta

import chinese_calendar

from crawler.config import Calendar

# How long before its end the operator hears of it.
CALENDAR_NOTICE = timedelta(days=45)
_SATURDAY = 5


def is_workday(day: date, calendar: Calendar) -> bool:
    """Whether the office works on that day.

    The corrections go first, then the calendar as the State Council published it, which knows
    holidays and the weekends worked for them; where it has ended, Monday to Friday.
    """
    if day in calendar.off:
        return False
    if day in calendar.work:
        return True
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


def calendar_end(calendar: Calendar) -> date:
    """The last day that is known; a year that has corrections is known."""
    corrected = {day.year for day in (*calendar.off, *calendar.work)}
    year = max(chinese_calendar.holidays).year
    while year + 1 in corrected:
        year += 1
    return date(year, 12, 31)
