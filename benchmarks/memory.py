"""Peak memory of a crawl of 20,000 pages against one of 2,000: the whole process tree."""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from threading import Event
from typing import Self

import psutil

from benchmarks.loopback import LoopbackSite
from benchmarks.throughput import bench_target
from crawler.config import NetworkRules, Settings
from crawler.crawls import CrawlSite, crawl_target
from storage.database import open_database, upgrade

EVERY_S = 0.25


class TreePeak:
    """The largest sum of unique memory (USS) of this process's crawl children, sampled."""

    def __init__(self, skip: set[int]) -> None:
        self.bytes = 0
        self._skip = skip
        self._done = Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(EVERY_S):
            total = 0
            for child in psutil.Process().children(recursive=True):
                if child.pid in self._skip:
                    continue
                try:
                    total += child.memory_full_info().uss
                except psutil.Error:
                    continue
            self.bytes = max(self.bytes, total)


def peak(pages: int) -> int:
    """Peak bytes of a crawl of `pages` pages."""
    with LoopbackSite(pages, warm=0) as base, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(contact="bench", network=NetworkRules(allow=("127.0.0.0/8",)))
        url = settings.storage_url(folder)
        upgrade(url)
        database = open_database(url)
        site = CrawlSite(folder, settings, database, None)
        server = {child.pid for child in psutil.Process().children()}
        begun = time.monotonic()
        with TreePeak(server) as watched:
            run = crawl_target(
                site, bench_target(base, pages), "bench", lambda _target, _event: None, Event()
            )
        assert run is not None
        assert run.report.new == pages, run
        print(
            f"{pages:6} pages: peak {watched.bytes / 2**20:.0f} MiB, {time.monotonic() - begun:.0f} s"
        )
        database.close()
    return watched.bytes


def main() -> dict[str, float]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=2_000, metavar="PAGES")
    parser.add_argument("--large", type=int, default=20_000, metavar="PAGES")
    options = parser.parse_args()
    small = peak(options.small)
    ratio = peak(options.large) / small
    print(f"peak memory, {options.large} pages / {options.small} pages: {ratio:.3f}")
    return {"memory_ratio": ratio}


if __name__ == "__main__":
    print(json.dumps(main()))
    sys.stdout.flush()
