"""Findings as storage hands them out, made from a text and the quotes that weigh in it."""

import importlib.util
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from alerts.digest import Window, build_digest
from core.ledger import Finding, FindingState, Health, Place, TargetHealth
from core.records import Entity, Hit, Level, Origin, Rate, Stance

SEEN = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
WINDOW = Window(
    date(2026, 11, 22),
    datetime(2026, 11, 21, 16, 0, tzinfo=UTC),
    datetime(2026, 11, 22, 16, 0, tzinfo=UTC),
    "Asia/Shanghai",
)
TEXT = "清浦粮油招募合伙人，月息两分，到期还本，本金绝对安全。联系电话 19900001234 王经理。"
LAW = ("《广告法》第二十五条 [AD-25 · A]",)


def hit(text, quote, points=40.0, source=Origin.BODY, **fields):
    start = text.index(quote)
    known = {
        "rule": "guarantee-001", "pattern": "guaranteed_return", "title": "承诺保本", "law": LAW,
        "why": "对本金作保证性承诺。",
    }  # fmt: skip
    return Hit(
        quote=quote, start=start, end=start + len(quote), points=points, source=source,
        **known | fields,
    )  # fmt: skip


def place(number=1, url="https://a.example.cn/1", evidence=7):
    return Place(number, "town", url, "页面", SEEN, SEEN, 1, evidence, "ab" * 32, None)


def make_finding(number=1, text=TEXT, quotes=("月息两分", "本金绝对安全"), **fields):
    source = fields.get("source", Origin.BODY)
    hits = tuple(hit(text, quote, source=source, title=f"理由{quote}") for quote in quotes)
    known = {
        "fingerprint": f"f{number}", "state": FindingState.NEW, "level": Level.HIGH, "score": 80.0,
        "stance": Stance.PROMOTION, "title": "招募合伙人", "account": "", "source": source,
        "patterns": ("guaranteed_return",), "hits": hits, "rates": (), "entities": (),
        "evasion": (), "keywords": (), "first_seen": SEEN, "last_seen": SEEN, "times": 1,
        "reopened_at": None, "places": (place(number),), "rulebook": "r" * 64, "place_count": 1,
    }  # fmt: skip
    return Finding(id=number, text=text, **known | fields)


def make_rate(text, quote, annual, **fields):
    start = text.index(quote)
    return Rate(quote, start, start + len(quote), annual, "simple", **fields)


def make_entity(text, kind, quote):
    start = text.index(quote)
    return Entity(kind, quote, quote, start, start + len(quote))


def health(target_id="town", state=Health.OK, detail="7 pages"):
    return TargetHealth(target_id, f"{target_id} 站", state, detail)


def make_digest(findings, **fields):
    known = {"backlog": len(findings), "health": (health(),)}
    return build_digest(WINDOW, findings, **known | fields)


@pytest.fixture
def of():
    """The makers, so that a test file needs no import from beside it."""

    class Makers:
        finding = staticmethod(make_finding)
        rate = staticmethod(make_rate)
        entity = staticmethod(make_entity)
        hit = staticmethod(hit)
        place = staticmethod(place)
        health = staticmethod(health)
        digest = staticmethod(make_digest)
        replace = staticmethod(replace)
        text = TEXT
        seen = SEEN
        window = WINDOW

    return Makers


def _load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_HERE = Path(__file__).parent
_vendors = _load("alerts_vendor", _HERE / "vendor.py")
_desks = _load("alerts_sender_desk", _HERE / "sender_desk.py")
_storage = _load("alerts_storage_fixtures", _HERE.parent / "storage" / "conftest.py")
# The outbox is sent from both databases.
samples, sqlite_template = _storage.samples, _storage.sqlite_template
url, db = _storage.url, _storage.db


@pytest.fixture(scope="session")
def vendors():
    """The module with the loopback server and its words."""
    return _vendors


@pytest.fixture
def vendor(vendors):
    made = vendors.Vendor()
    yield made
    made.close()


@pytest.fixture
def desk(db, tmp_path, samples):
    return _desks.Desk(db, tmp_path, samples)
