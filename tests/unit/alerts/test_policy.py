"""Who hears of a finding, and from when on."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from alerts.policy import Heard, Subject, chosen, covers, due_at, hearers
from alerts.route_config import AtOnceRoute, DigestChoice, QuietHours, Routes
from core.records import Level

REGIONS = {"town": "环翠区", "forum": "文登区", "nowhere": None}
HIGH = Subject(Level.HIGH, ("elderly_care", "high_return"), ("town", "nowhere"))
MEDIUM = Subject(Level.MEDIUM, ("virtual_currency",), ("forum",))


def route(**fields):
    return AtOnceRoute.model_validate({"channels": ("duty",)} | fields)


@pytest.mark.parametrize(
    ("fields", "high", "medium"),
    [
        ({}, True, False),
        ({"level": "medium"}, True, True),
        ({"regions": ("环翠区",)}, True, False),
        ({"regions": ("文登区",), "level": "medium"}, False, True),
        ({"patterns": ("high_return", "gold_leasing")}, True, False),
        ({"patterns": ("gold_leasing",)}, False, False),
        ({"targets": ("forum", "town")}, True, False),
        ({"targets": ("town",), "regions": ("文登区",)}, False, False),
    ],
)
def test_a_route_takes_what_all_its_words_take(fields, high, medium):
    routes = [route(**fields)]
    assert bool(hearers(routes, HIGH, REGIONS)) is high
    assert bool(hearers(routes, MEDIUM, REGIONS)) is medium


def test_a_channel_hears_once_by_the_first_route_that_leads_to_it():
    routes = [
        route(regions=("环翠区",), audience="环翠", in_quiet_hours=True, channels=("a", "b")),
        route(channels=("b", "c")),
    ]
    assert hearers(routes, HIGH, REGIONS) == (
        Heard("a", "环翠", True),
        Heard("b", "环翠", True),
        Heard("c", "all", False),
    )


def test_a_digest_choice_takes_findings_and_targets(of):
    mine = DigestChoice.model_validate(
        {"channels": ("a",), "audience": "x", "regions": ("环翠区",)}
    )
    findings = [of.finding(1), of.finding(2, places=())]
    assert [one.id for one in chosen(findings, [mine], {"town": "环翠区"})] == [1]
    assert len(chosen(findings, [], {})) == 2
    assert covers(mine, "town", REGIONS)
    assert not covers(mine, "forum", REGIONS)


def test_a_digest_of_a_part_needs_an_audience_and_a_name_alone_is_a_route():
    with pytest.raises(ValidationError, match="needs an audience"):
        DigestChoice.model_validate({"channels": ("a",), "level": "high"})
    routes = Routes.model_validate({"digest": ("mail", {"channels": ("b",), "audience": "x"})})
    assert [one.channels for one in routes.digest] == [("mail",), ("b",)]


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (("22:00", "07:30"), "2026-11-20T14:30", "2026-11-20T23:30"),  # 22:30 in Shanghai
        (("22:00", "07:30"), "2026-11-20T20:00", "2026-11-20T23:30"),  # 04:00
        (("22:00", "07:30"), "2026-11-20T23:30", None),  # 07:30
        (("22:00", "07:30"), "2026-11-20T05:00", None),
        (("22:00", "07:30"), "2026-11-20T14:00", "2026-11-20T23:30"),  # 22:00
        (("12:00", "14:00"), "2026-11-20T05:00", "2026-11-20T06:00"),
        (("12:00", "14:00"), "2026-11-20T06:00", None),
        (("12:00", "12:00"), "2026-11-20T04:00", None),
        (None, "2026-11-20T14:30", None),
    ],
)
def test_quiet_hours_hold_back_until_they_end(hours, at, until):
    quiet = QuietHours(start=hours[0], end=hours[1]) if hours else None
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else now
    assert due_at(quiet, now, "Asia/Shanghai") == expected
