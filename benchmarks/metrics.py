"""What a scrape of /metrics costs with a million observations: its time, and each query's plan.

Rows are made by SQL as a crawl leaves them: observations, findings, runs, deliveries of years. A plan
that reads one of these tables from end to end stops the script, and so does a scrape that takes more
than `--most` seconds of the processor. `--url` names an empty database on a PostgreSQL server; without it, SQLite.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Connection, text

from core.target import Target
from crawler.config import Settings
from crawler.metrics import FiguresCollector
from crawler.workspace import Workspace
from storage.database import Database, open_database
from storage.figures import EVIDENCE_BYTES, FAILED, RUNNING, UNROUTED, WAITING
from storage.findings import BY_STANDING

TARGETS, FINDINGS, RUNS, DELIVERIES, OPEN = 5_000, 10_000, 200_000, 200_000, 500
SCRAPES = 5
LARGE = ("observation", "run", "delivery", "message", "evidence", "page")
QUERIES = {"findings": BY_STANDING, "waiting": WAITING, "failed": FAILED, "running": RUNNING,
           "unrouted": UNROUTED, "evidence bytes": EVIDENCE_BYTES}  # fmt: skip
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
NOW = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
HASH = "substr('0000000000000000000000000000000000000000000000000000000000000000' || i, -64)"


def fill(connection: Connection, observations: int) -> None:
    """The rows of an installation that has grown."""
    blob, now = ("'x'::bytea" if connection.dialect.name == "postgresql" else "x'78'"), f"'{NOW}'"
    hashed = "lpad(CAST(i AS text), 64, '0')" if connection.dialect.name == "postgresql" else HASH
    tables = {
        "run": (RUNS, "id, target_id, slot, state, started_at, beat_at, ended_at, report",
                f"i, 't' || (i % {TARGETS}), 's' || i, 'finished', {now}, {now}, {now}, '{{}}'"),
        "page": (observations, "id, key, target_id, url, state, state_since, state_message, first_seen, last_seen, last_status",
                 f"i, {hashed}, 't' || (i % {TARGETS}), 'http://x.cn/' || i, 'ok', {now}, '', {now}, {now}, 200"),
        "evidence": (observations, "seq, prev_hash, record_hash, record, body_sha256",
                     f"i, {hashed}, {hashed}, '{{}}', {hashed}"),
        "observation": (observations, "id, key, page_id, run_id, kind, parent_url, final_url, title, account, content_hash, content, evidence_seq, first_seen, last_seen, times",
                        f"i, {hashed}, i, 1 + i % {RUNS}, 'article', '', '', '', '', '', {blob}, i, {now}, {now}, 1"),
        "finding": (FINDINGS, "id, fingerprint, page_id, level, score, stance, title, account, source, text, detail, rulebook, first_seen, last_seen, times, verdict_id",
                    f"i, {hashed}, i, 2 + i % 2, 80, 'promotion', '', '', 'body', {hashed} || {hashed}, {hashed}, '', {now}, {now}, 1, CASE WHEN i % 3 = 0 THEN i END"),
        "verdict": (FINDINGS, "id, finding_id, verdict, reason, decided_by, decided_at",
                    f"i, i, 'confirmed', '', '', {now}"),
        "message": (DELIVERIES, "id, key, kind, audience, created_at, routed_at",
                    f"i, 'k' || i, 'finding', 'all', {now}, {now}"),
        "delivery": (DELIVERIES, "id, message_id, channel, audience, recipient, state, attempts, faults, parts, due_at, expires_at, code, detail, created_at, changed_at",
                     f"i, i, 'c' || (i % 5), 'all', 'r', CASE WHEN i <= {OPEN} THEN 'waiting' ELSE 'sent' END, 1, 0, 1, {now}, {now}, '', '', {now}, {now}"),
        "target_mark": (TARGETS, "target_id, started_at, succeeded_at", f"'t' || i, {now}, {now}"),
    }  # fmt: skip
    for table, (count, columns, values) in tables.items():
        numbers = NUMBERS.format(count=count)
        made = f"INSERT INTO {table} ({columns}) {numbers} SELECT {values} FROM n"  # noqa: S608
        connection.execute(text(retimed(made, connection.dialect.name)))


def retimed(statement: str, dialect: str) -> str:
    """PostgreSQL wants to be told that a text is a moment."""
    return (
        statement.replace(f"'{NOW}'", f"'{NOW}+00'::timestamptz")
        if dialect == "postgresql"
        else statement
    )


def plans(database: Database) -> None:
    """Each query's plan; a large table that is read from end to end stops us."""
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    with database.reading() as connection:
        for name, query in QUERIES.items():
            compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
            rows = connection.exec_driver_sql(f"{explain}{compiled}").all()
            plan = [str(row[-1]).strip() for row in rows]
            print(f"{name}: {' | '.join(plan)}")
            read_whole = [
                step for step in plan for table in LARGE
                if step == f"SCAN {table}" or f"Seq Scan on {table}" in step
            ]  # fmt: skip
            assert not read_whole, read_whole


def main() -> None:
    """Fill, show plans, measure scrapes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--most", type=float, default=1.0)
    parser.add_argument("--url")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(options.url or f"sqlite:///{folder}/filled.db", create=True)
        began = time.perf_counter()
        with database.writing() as connection:
            fill(connection, options.observations)
        with database.writing() as connection:
            connection.exec_driver_sql("ANALYZE")
        print(f"filled {database.dialect} in {time.perf_counter() - began:.0f} s")
        plans(database)
        targets = tuple(
            Target(id=f"t{number}", title="x", spider="listing", start_urls=("http://x.cn/",),
                   **({"cron": "30 2 * * sun"} if number % 2 else {"every": "6h"}))
            for number in range(1, TARGETS)
        )  # fmt: skip
        workspace = Workspace(Path(folder), Settings(), targets, ())
        registry = CollectorRegistry(auto_describe=False)
        registry.register(FiguresCollector(database, lambda: workspace))
        taken, worked = [], []
        for _ in range(SCRAPES):
            began, busy = time.perf_counter(), time.process_time()
            size = len(generate_latest(registry))
            taken.append(time.perf_counter() - began)
            worked.append(time.process_time() - busy)
        median = statistics.median(worked)
        print(f"scrape: {statistics.median(taken):.3f} s, {median:.3f} s of our processor, {size / 1024:.0f} KiB, {len(targets)} targets, "
              f"{options.observations} observations")  # fmt: skip
        assert median <= options.most, median
        database.close()


if __name__ == "__main__":
    main()
