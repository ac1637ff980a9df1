"""Growth: storing the last observation against the first ones, the digest of a full database.

Every observation takes the way of a crawl: what is known of its address, its evidence file, then one
transaction with the others that came in together. The ads among them are spread evenly and none is
like another; one address in ten was met before, as it was. Time is compared
between windows of equal size: the ones that begin at the 10,000th observation and those that end
with the last. The digest is of a day that has the same findings in both databases, so that what
grows is only what lies around them.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from alerts.digest import build_digest
from core.records import (
    Assessment,
    BlockVerdict,
    Capture,
    Change,
    Hit,
    Level,
    Observation,
    Origin,
    Page,
    PageState,
    Segment,
    Stance,
    StoredBytes,
)
from crawler.digest_turn import day_window
from pipelines.dedupe import compare
from pipelines.store import store_all
from storage.database import Database, open_database, upgrade
from storage.evidence import EvidenceStore
from storage.findings import count_backlog, findings_between
from storage.intake import known_pages
from storage.runs import start_run

JOINTLY = 50
WINDOW = 2_000
BASE = 10_000
KNOWN_EVERY = 10
FIRST = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PER_DAY = 5_000
ZONE = "Asia/Shanghai"
ROUNDS = 5


def observe(number: int, *, suspect: bool) -> Observation:
    """A page of 300 characters that is like no other."""
    chance = Random(number)
    letters = "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(300))
    text = f"第{number}号启事{letters}"
    url = f"http://bench.example/{number}"
    body = text.encode()
    digest = sha256(body).hexdigest()
    moment = FIRST + timedelta(days=1) / PER_DAY * number
    return Observation(
        target_id="bench",
        run_id=1,
        url=url,
        kind="article",
        capture=Capture(url, url, 200, (), moment, body=body),
        stored=StoredBytes(digest, len(body)),
        page=Page(PageState.OK, text=text, segments=(Segment(Origin.BODY, text, 1),)),
        content_hash=digest,
        assessment=_assess(text, suspect=suspect),
    )


def _assess(text: str, *, suspect: bool) -> Assessment:
    level, score = (Level.HIGH, 80.0) if suspect else (Level.NONE, 0.0)
    stance = Stance.PROMOTION if suspect else Stance.OTHER
    patterns = ("guaranteed_return",) if suspect else ()
    hit = Hit(
        "guarantee-001", "guaranteed_return", "承诺保本", text[:6], 0, 6, Origin.BODY, score,
        ("AD-25",), "明示本金不受损失。",
    )  # fmt: skip
    block = BlockVerdict(1, 0, len(text), Origin.BODY, level, score, stance, patterns)
    return Assessment(
        level=level,
        score=score,
        stance=stance,
        patterns=patterns,
        hits=(hit,) if suspect else (),
        blocks=(block,),
        rulebook="bench",
    )


def visits(count: int, findings: int) -> Iterator[Observation]:
    """The observations in their order; every tenth address comes again."""
    every = count // findings
    for number in range(count):
        if number % KNOWN_EVERY == KNOWN_EVERY - 1:
            yield observe(number // 2 - number // 2 % KNOWN_EVERY, suspect=False)
            continue
        yield observe(number, suspect=number % every == 1)


def store_jointly(database: Database, evidence: EvidenceStore, some: list[Observation]) -> None:
    """What dedupe and store do with pages that come in together."""
    known = known_pages(database, [(one.target_id, one.url) for one in some])
    judged = [
        replace(one, change=compare(one.content_hash or "", page.content_hash if page else None))
        for one, page in zip(some, known, strict=True)
    ]
    for outcome in store_all(database, evidence, judged, Level.HIGH):
        assert outcome in {Change.NEW.value, Change.UNCHANGED.value}, outcome


def digest_seconds(database: Database) -> float:
    """The median time of the digest of the first day but one."""
    window = day_window((FIRST + timedelta(days=1)).date(), ZONE)
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        found = findings_between(database, window.start, window.end)
        build_digest(window, found, backlog=count_backlog(database))
        took.append(time.perf_counter() - begun)
        assert found, "an empty day says nothing"
    return statistics.median(took)


def grow(folder: Path, observations: int, findings: int) -> dict[str, float]:
    """Store them all; the figures."""
    url = f"sqlite:///{folder}/growth.db"
    upgrade(url)
    database, evidence = open_database(url), EvidenceStore(folder / "evidence")
    start_run(database, "bench", "bench", FIRST)
    early: list[float] = []
    late: list[float] = []
    digests: list[float] = []
    some: list[Observation] = []
    begun = time.monotonic()
    for number, one in enumerate(visits(observations, findings), 1):
        some.append(one)
        if len(some) < JOINTLY:
            continue
        started = time.perf_counter()
        store_jointly(database, evidence, some)
        took = (time.perf_counter() - started) / len(some)
        some = []
        if BASE < number <= BASE + WINDOW:
            early.append(took)
        if number > observations - WINDOW:
            late.append(took)
        if number in {BASE, observations}:
            digests.append(digest_seconds(database))
        if number % (10 * BASE) == 0:
            print(f"  {number}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    size = (folder / "growth.db").stat().st_size
    database.close()
    return {
        "observations": observations,
        "store_early_ms": round(statistics.median(early) * 1e3, 3),
        "store_late_ms": round(statistics.median(late) * 1e3, 3),
        "store_late_vs_early": round(statistics.median(late) / statistics.median(early), 3),
        "digest_early_s": round(digests[0], 3),
        "digest_late_s": round(digests[-1], 3),
        "digest_late_vs_early": round(digests[-1] / digests[0], 3),
        "database_mib": round(size / 2**20, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--findings", type=int, default=10_000)
    options = parser.parse_args()
    if options.observations < 2 * options.findings:
        parser.error("at most every second observation can be a finding")
    if options.observations < BASE + 2 * WINDOW or options.observations % JOINTLY:
        parser.error(f"--observations is at least {BASE + 2 * WINDOW}, in steps of {JOINTLY}")
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(grow(Path(name), options.observations, options.findings)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
