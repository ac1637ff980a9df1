"""Crawl throughput of the whole pipeline against a bare download spider, in one run."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event

from benchmarks.loopback import LoopbackSite
from core.target import Limits, Robots, Target
from crawler.config import NetworkRules, Settings
from crawler.crawls import CrawlSite, crawl_target
from storage.database import open_database, upgrade


def bench_target(base: str, pages: int) -> Target:
    return Target(
        id="bench",
        title="bench",
        spider="sitemap",
        start_urls=(f"{base}/sitemap.xml",),
        limits=Limits(pages=pages + 10, delay_s=0, concurrency=16),
        robots=Robots(obey=False, reason="our own loopback site"),
    )


def bare(target: Target, base: str, pages: int) -> float:
    """Pages a second of the bare spider."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare_spider", base, str(pages)],
        input=target.model_dump_json(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, received = done.stdout.split()
    assert int(received) == pages, done.stdout
    return pages / float(seconds)


def whole(target: Target, pages: int) -> float:
    """Pages a second of a crawl into a fresh database, from the first request to the last row."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(contact="bench", network=NetworkRules(allow=("127.0.0.0/8",)))
        url = settings.storage_url(folder)
        upgrade(url)
        database = open_database(url)
        site = CrawlSite(folder, settings, database, None)
        run = crawl_target(site, target, "bench", lambda _target, _event: None, Event())
        assert run is not None
        assert run.report.new == pages, (
            run,
            (folder / ".adwatch/logs/bench.log").read_text()[-3000:],
        )
        seconds = run.report.elapsed_s
        database.close()
    return pages / seconds


def main() -> dict[str, float]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    pages = options.pages
    with LoopbackSite(pages) as base:
        target = bench_target(base, pages)
        rows = [(bare(target, base, pages), whole(target, pages)) for _ in range(options.rounds)]
    for plain, ours in rows:
        print(
            f"bare {plain:7.0f} pages/s   whole pipeline {ours:7.0f} pages/s   ratio {ours / plain:.3f}"
        )
    ratio = statistics.median(ours / plain for plain, ours in rows)
    print(f"crawl throughput ratio (median of {options.rounds}): {ratio:.3f}")
    return {"crawl_throughput_ratio": ratio}


if __name__ == "__main__":
    print(json.dumps(main()))
